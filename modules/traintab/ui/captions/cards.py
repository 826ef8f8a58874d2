"""The pictures of one page with a field for the caption under each."""

from __future__ import annotations

from typing import Any

import gradio as gr

from ..gradio_compat import listen, listen_to_latest
from .handlers import TYPED_PARTS, CaptionHandlers
from .view import CARDS

__all__ = ["Cards"]


class Cards:
    """A fixed number of cards, made in the layout where it is constructed; `parts` are by `view`'s names."""

    def __init__(self) -> None:
        self.parts: dict[str, Any] = {}
        with gr.Row(elem_id="captions_cards"):
            for index in range(CARDS):
                self._card(index)

    @property
    def texts(self) -> list[Any]:
        """The captions' fields in order."""
        return [self.parts[f"caption_{index}"] for index in range(CARDS)]

    def wire(self, handlers: CaptionHandlers, parts: dict[str, Any]) -> None:
        """Follow each keystroke and tick; `parts` are those of the whole tab."""
        for index in range(CARDS):
            field, chosen = self.parts[f"caption_{index}"], self.parts[f"chosen_{index}"]
            outputs = [parts[f"note_{index}" if part == "note" else part] for part in TYPED_PARTS]
            listen_to_latest(
                field.input, handlers.typed(index), [parts["shown"], field], outputs, at_once=True
            )
            listen(
                chosen.input, handlers.chosen(index), [parts["shown"], chosen], [parts["state"]], at_once=True
            )

    def _card(self, index: int) -> None:
        with gr.Column(visible=False, min_width=150, elem_classes=["traintab-caption-card"]) as box:
            made = {
                "box": box,
                "picture": gr.HTML(elem_classes=["traintab-slot"]),
                "chosen": gr.Checkbox(
                    label="picture", container=False, elem_classes=["traintab-caption-chosen"]
                ),
                "caption": gr.Textbox(
                    "",
                    show_label=False,
                    label="Caption",
                    container=False,
                    lines=4,
                    max_lines=10,
                    elem_id=f"caption_{index + 1}",
                    elem_classes=["traintab-caption-text"],
                ),
                "note": gr.HTML(elem_classes=["traintab-slot"]),
            }
        self.parts |= {f"{part}_{index}": component for part, component in made.items()}
