"""txt2img, img2img and PNG Info together: they send pictures to each other, and show one drawing."""

from __future__ import annotations

from typing import Any, NamedTuple

import gradio as gr

from .drawing_view import follow
from .gradio_compat import listen
from .img2img_tab import Img2ImgTab
from .page import Page
from .picture_info_tab import PictureInfoTab
from .preview_source import wire_preview_source
from .prompt_box import chips
from .send_to import Destination
from .token_counter import follow_prompts
from .train_tab import TrainTab
from .txt2img_tab import Txt2ImgTab

__all__ = ["DrawingTabs"]


class DrawingTabs(NamedTuple):
    """The three tabs."""

    txt2img: Txt2ImgTab
    img2img: Img2ImgTab
    picture_info: PictureInfoTab

    @classmethod
    def build(cls, page: Page) -> DrawingTabs:
        """Make the tabs in the current `gr.Tabs`; the chips are those of the moment when a tab is opened."""
        with gr.Tab("txt2img", id="txt2img", elem_id="tab_txt2img") as first:
            txt2img = Txt2ImgTab(page)
        with gr.Tab("img2img", id="img2img", elem_id="tab_img2img") as second:
            img2img = Img2ImgTab(page)
        with gr.Tab("PNG Info", id="pnginfo", elem_id="tab_pnginfo"):
            picture_info = PictureInfoTab()
        for tab, prompts in ((first, txt2img.prompts), (second, img2img.prompts)):
            listen(tab.select, lambda: chips(page.studio), None, prompts.chips, at_once=True)
        return cls(txt2img, img2img, picture_info)

    def wire(self, page: Page, train: TrainTab, tabs: Any) -> None:
        """Let everything work; `tabs` are the page's."""
        generating = (self.txt2img, self.img2img)
        destinations = self._destinations(page, train)
        filled = [wire_preview_source(page, train.train.read_from_txt2img, train.train.message)]
        for tab in generating:
            tab.wire(page)
            filled += tab.send.wire(page, tab.view.source, destinations, tabs)
        train.job.use.wire(page, train.job.components["message"], tabs)
        self.picture_info.wire()
        filled += self.picture_info.send.wire(page, self.picture_info.source, destinations, tabs)
        for event in filled:
            train.watch.after(event.then)
        follow(page, [(tab.view, tab.prompts.controls) for tab in generating])
        follow_prompts(page, [line for tab in generating for line in tab.prompts.token_lines])

    def _destinations(self, page: Page, train: TrainTab) -> tuple[Destination, ...]:
        opened = gr.update(selected="train")
        return (
            Destination("txt2img", "txt2img", page.txt2img, self.txt2img.view.message),
            Destination(
                "img2img",
                "img2img",
                page.img2img,
                self.img2img.view.message,
                inside=(self.img2img.picture,),
                arrive=lambda picture: (str(picture.path),),
            ),
            Destination(
                "preview prompt",
                "train",
                page.train,
                train.train.message,
                inside=(train.tabs,),
                arrive=lambda _: (opened,),
            ),
        )
