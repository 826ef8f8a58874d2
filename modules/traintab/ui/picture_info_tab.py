"""The tab *PNG Info*: how a picture was drawn, from its file."""

from __future__ import annotations

import html
from pathlib import Path
from typing import Any

import gradio as gr

from ..drawing import DrawnPicture
from .gradio_compat import listen
from .messages import done, guarded
from .send_to import PictureSource, SendButtons

__all__ = ["PictureInfoTab", "read"]

_NO_SEED = -1


def read(file: Any) -> tuple[Any, ...]:
    """A message, the picture, its text for the page, and the picture as those that can be sent."""
    from ..sampling.picture_info import read_infotext

    if not file:
        return _nothing()
    path = Path(str(getattr(file, "name", file)))
    infotext = read_infotext(path) or ""
    message = "" if infotext else f"{path.name} doesn't tell how it was drawn; it can be sent to img2img."
    picture = DrawnPicture(path=path, seed=_NO_SEED, infotext=infotext)
    return done(message), gr.update(value=str(path), visible=True), _paragraph(infotext), (picture,)


def _nothing() -> tuple[Any, ...]:
    return "", gr.update(value=None, visible=False), "", ()


def _paragraph(infotext: str) -> str:
    return f"<p>{html.escape(infotext)}</p>" if infotext else ""


class PictureInfoTab:
    """The drop zone, the picture and its text, made in the layout where it is constructed."""

    def __init__(self) -> None:
        with gr.Row():
            with gr.Column(scale=1, min_width=320):
                # A file, because gradio would change a picture's data or give up on a broken one itself.
                self.file = gr.File(label="Source: drop a picture here", height=140, elem_id="pnginfo_image")
                self.picture = gr.Image(
                    label="Picture",
                    visible=False,
                    interactive=False,
                    height=360,
                    buttons=["download", "fullscreen"],
                    elem_id="pnginfo_picture",
                )
            with gr.Column(scale=1, min_width=320):
                self.message = gr.HTML(elem_id="pnginfo_message", elem_classes=["traintab-slot"])
                self.infotext = gr.HTML(elem_id="pnginfo_generation_info", elem_classes=["traintab-infotext"])
                self.send = SendButtons("pnginfo", ("txt2img", "img2img", "preview prompt"))
        self.pictures = gr.State(())
        self.chosen = gr.State(0)

    @property
    def source(self) -> PictureSource:
        """What can be sent elsewhere."""
        return PictureSource(self.pictures, self.chosen, self.message)

    def wire(self) -> None:
        """Read each file that is dropped; what was shown goes when it can't be read or is taken away."""
        outputs = [self.message, self.picture, self.infotext, self.pictures]
        cleared = listen(self.file.change, _nothing, None, outputs, at_once=True)
        listen(cleared.then, guarded(read, outputs=len(outputs)), [self.file], outputs)
