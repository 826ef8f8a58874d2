"""The tab *img2img*."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from ..configs import GenerationConfig, from_mapping
from ..errors import PictureFileError
from ..pictures import UNREADABLE, open_picture
from .drawing_view import DrawingView
from .generation_fields import GenerationFields
from .gradio_compat import listen
from .messages import guarded
from .page import Page
from .prompt_box import PromptBox
from .send_to import SendButtons

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["Img2ImgTab", "generate"]


def generate(page: Page, values: dict[str, Any], picture: str | None) -> tuple[Any, ...]:
    """Begin to draw over the picture in the file; no message, because the view tells how it goes."""
    page.remembered.remember(page.img2img.section, values)
    config = from_mapping(GenerationConfig, values)
    page.studio.draw(config, _opened(picture))
    return ("",)


def _opened(picture: str | None) -> Image.Image:
    if not picture:
        raise PictureFileError(
            "img2img has no picture to begin with: drop one into the box below the prompts."
        )
    path = Path(picture)
    try:
        return open_picture(path)
    except UNREADABLE as error:
        raise PictureFileError(
            f"Opening {path.name} failed: it is no picture, or it is broken ({type(error).__name__})."
            " Choose another one."
        ) from error


class Img2ImgTab:
    """Prompt, picture, settings and pictures, made in the layout where it is constructed."""

    def __init__(self, page: Page) -> None:
        form = page.img2img
        self.prompts = PromptBox(form)
        with gr.Row(elem_classes=["traintab-generation"]):
            with gr.Column(scale=1, min_width=320):
                # Unchanged files: their transparency and orientation are ours to judge.
                self.picture = gr.Image(
                    label="Picture to begin with",
                    type="filepath",
                    image_mode=None,
                    sources=["upload", "clipboard"],
                    height=300,
                    elem_id="img2img_image",
                )
                form.field("denoising_strength")
                self.fields = GenerationFields(form)
            with gr.Column(scale=1, min_width=320, elem_classes=["traintab-results"]):
                self.view = DrawingView.build("img2img")
                self.send = SendButtons("img2img", ("txt2img", "img2img", "preview prompt"))

    def wire(self, page: Page) -> None:
        """Let everything work."""
        form, controls = page.img2img, self.prompts.controls
        handler = guarded(form.bound(lambda values, picture: generate(page, values, picture)), outputs=1)
        inputs = [*form.components, self.picture]
        start = listen(controls.generate.click, handler, inputs, [self.view.message], at_once=True)
        self.prompts.wire(page, form, self.view)
        self.fields.wire(page, form, self.view)
        self.view.wire(page, controls, [start])
