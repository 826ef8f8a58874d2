"""The right side of txt2img and of img2img: what is drawn, told from the drawing's snapshot."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import gradio as gr

from ..drawing import DrawingSnapshot, DrawnPicture
from ..studio import Studio
from .drawing_html import drawing_html, elsewhere_html, infotext_html, preview_html
from .gradio_compat import listen, skip
from .messages import failed
from .page import Page
from .send_to import PictureSource

__all__ = ["Controls", "DrawingView", "chosen_infotext", "follow", "parts", "view"]

_MOST_COLUMNS = 4
_MOST_PICTURES = 100

Seen = dict[str, str]


class Controls(NamedTuple):
    """The buttons beside the prompt."""

    generate: Any
    interrupt: Any
    skip: Any


class Part(NamedTuple):
    """A part of the view: it is sent anew whenever `key` is another."""

    key: str
    value: Callable[[], Any]


@dataclass(frozen=True)
class DrawingView:
    """The components; `area` is `txt2img` or `img2img`.

    `seen`, `pictures` and `chosen` are `gr.State`s of a browser: what it was sent, the pictures it shows,
    and the number of the one that was clicked last, from 0.
    """

    area: str
    message: Any
    status: Any
    preview: Any
    gallery: Any
    infotext: Any
    seen: Any
    pictures: Any
    chosen: Any

    @classmethod
    def build(cls, area: str) -> DrawingView:
        """Make the components in the current layout."""
        return cls(
            area=area,
            message=gr.HTML(elem_id=f"{area}_message", elem_classes=["traintab-slot"]),
            status=gr.HTML(elem_id=f"{area}_progress", elem_classes=["traintab-slot"]),
            preview=gr.HTML(elem_id=f"{area}_live_preview", elem_classes=["traintab-slot"]),
            gallery=gr.Gallery(
                label="Pictures",
                columns=2,
                height=420,
                object_fit="contain",
                buttons=["download", "download_all", "fullscreen"],
                elem_id=f"{area}_gallery",
                elem_classes=["traintab-pictures"],
            ),
            infotext=gr.HTML(elem_id=f"html_info_{area}", elem_classes=["traintab-infotext"]),
            seen=gr.State({}),
            pictures=gr.State(()),
            chosen=gr.State(0),
        )

    def outputs(self, controls: Controls) -> list[Any]:
        """What `view` gives values for."""
        shown = [self.status, self.message, self.preview, self.gallery, self.infotext]
        return [self.seen, *shown, self.pictures, self.chosen, *controls]

    @property
    def source(self) -> PictureSource:
        """What can be sent elsewhere."""
        return PictureSource(self.pictures, self.chosen, self.message)

    def wire(self, page: Page, controls: Controls, starts: Sequence[Any]) -> None:
        """Let *Interrupt*, *Skip* and the gallery work; look right after each of the events `starts`."""
        studio = page.studio
        stop = listen(controls.interrupt.click, studio.interrupt_drawing, None, None, at_once=True)
        skip_one = listen(controls.skip.click, studio.skip_drawing, None, None, at_once=True)
        page.pulse.after(*starts, stop, skip_one)
        listen(self.gallery.select, clicked, [self.pictures], [self.chosen, self.infotext], at_once=True)


def follow(page: Page, views: Sequence[tuple[DrawingView, Controls]]) -> None:
    """Keep the views up to date."""
    studio = page.studio
    looks = [view(studio, drawing_view.area) for drawing_view, _ in views]
    inputs = [drawing_view.seen for drawing_view, _ in views]
    outputs = [output for drawing_view, controls in views for output in drawing_view.outputs(controls)]

    def look(*seen: Seen) -> tuple[Any, ...]:
        return tuple(value for each, its in zip(looks, seen, strict=True) for value in each(its))

    page.pulse.follow(lambda: studio.drawing().revision, look, inputs, outputs)


PARTS = (
    *("status", "message", "preview", "gallery", "infotext", "pictures", "chosen"),
    *("generate", "interrupt", "skip"),
)


def view(studio: Studio, area: str) -> Callable[[Seen], tuple[Any, ...]]:
    """A function of what a browser has seen: what it sees then, and each part that changed."""

    def look(seen: Seen) -> tuple[Any, ...]:
        found = parts(studio.drawing(), area)
        now = {**seen, **{name: part.key for name, part in found.items()}}
        if now == seen:
            return tuple([skip()] * (len(PARTS) + 1))
        changed = {name for name, part in found.items() if part.key != seen.get(name)}
        return now, *(found[name].value() if name in changed else skip() for name in PARTS)

    return look


def parts(drawing: DrawingSnapshot, area: str) -> dict[str, Part]:
    """The parts of the view; of another tab's drawing only how far it is, and the buttons."""
    active = drawing.state.is_active
    buttons = {"generate": not active, "interrupt": active, "skip": active}
    found = {name: _pressable(may_be) for name, may_be in buttons.items()}
    if drawing.kind not in ("", area):
        text = elsewhere_html(drawing)
        return {"status": Part(text, lambda: text), **found}
    return {**_pictures_of(drawing), **found}


def _pictures_of(drawing: DrawingSnapshot) -> dict[str, Part]:
    text, number = drawing_html(drawing), drawing.number
    shows, count = drawing.preview is not None, len(drawing.pictures)
    now = f"{number}:{count}"
    first = max(count - _MOST_PICTURES, 0)
    return {
        "status": Part(text, lambda: text),
        "message": Part(f"{number}:{drawing.error}", lambda: failed(drawing.error)),
        "preview": Part(
            f"{now}:{drawing.preview_step}:{shows}", lambda: preview_html(drawing.preview, alone=not count)
        ),
        "gallery": Part(now, lambda: _gallery(_shown(drawing))),
        "infotext": Part(f"{number}:{count > 0}:{first}", lambda: infotext_html(_shown(drawing), 0)),
        "pictures": Part(now, lambda: _shown(drawing)),
        "chosen": Part(f"{number}:{first}", lambda: 0),
    }


def _pressable(may_be: bool) -> Part:
    return Part(str(may_be), lambda: gr.update(interactive=may_be))


def _shown(drawing: DrawingSnapshot) -> tuple[DrawnPicture, ...]:
    """The newest pictures of which the files are still there; gradio reads each one every time."""
    return tuple(one for one in drawing.pictures[-_MOST_PICTURES:] if one.path.is_file())


def _gallery(pictures: Sequence[DrawnPicture]) -> Any:
    """The pictures in as many columns as suit them."""
    captioned = [(str(one.path), f"seed {one.seed}") for one in pictures]
    columns = next((n for n in range(1, _MOST_COLUMNS) if n * n >= len(captioned)), _MOST_COLUMNS)
    return gr.update(value=captioned, columns=columns)


def clicked(pictures: Sequence[DrawnPicture], event: gr.SelectData) -> tuple[Any, ...]:
    """The number of the picture in the gallery that was clicked, and how it was drawn."""
    chosen = int(event.index)
    return chosen, infotext_html(pictures, chosen)


def chosen_infotext(pictures: Sequence[DrawnPicture], chosen: int) -> str:
    """The text of the picture that was clicked last, or of the first; empty while there is none."""
    return pictures[chosen].infotext if 0 <= chosen < len(pictures) else ""
