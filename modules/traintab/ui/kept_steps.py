"""*Continue from this step*: the steps of an embedding's runs that were kept, to go on from."""

from __future__ import annotations

from typing import Any

import gradio as gr

from ..errors import NothingToDoError
from .gradio_compat import listen
from .gradio_dropdown import dropdown
from .page import Page

__all__ = ["KeptSteps", "chosen_step", "kept_choices"]


class KeptSteps:
    """A dropdown and a button, made in the layout where it is constructed."""

    def __init__(self) -> None:
        with gr.Accordion("Continue from an earlier step", open=False), gr.Row():
            self.step = dropdown(
                choices=[],
                label="Kept step",
                info="Training keeps one with each copy it saves, with all that the optimizer remembered.",
                elem_id="train_kept_step",
                scale=4,
            )
            self.refresh = gr.Button(
                "↻",
                elem_id="refresh_train_kept_step",
                elem_classes=["traintab-tool"],
                min_width=40,
                scale=0,
            )
            self.button = gr.Button(
                "Continue from this step", elem_id="train_continue_from_step", min_width=160, scale=2
            )

    def wire(self, page: Page) -> None:
        """Offer the steps of the embedding that is selected."""
        name = page.train["embedding_name"]
        for event in (name.change, self.refresh.click):
            listen(event, lambda chosen: kept_choices(page, chosen), [name], [self.step])


def kept_choices(page: Page, name: str | None) -> Any:
    """The dropdown's choices, the newest step first, each with its run's place in the log directory."""
    steps = page.studio.resuming.kept_steps(name or "")
    return gr.update(choices=[f"{step} · {place}" for step, place in steps.items()], value=None)


def chosen_step(choice: str | None) -> int:
    """The step that was chosen; raises NothingToDoError when none was."""
    number = (choice or "").partition(" ")[0]
    if not number.isdecimal():
        raise NothingToDoError(
            "Choose the step to continue from; training keeps one with each of its copies."
        )
    return int(number)
