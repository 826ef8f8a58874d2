"""*Check folder* in the Preprocess panel: the buttons, and what was found."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import gradio as gr

from ..configs import PreprocessConfig, from_mapping
from ..files import user_path
from ..folder_checking import FolderChecks
from .folder_check_html import folder_check_html
from .gradio_compat import listen, listen_to_form, skip
from .messages import guarded
from .page import Page

__all__ = ["FolderCheckPart", "check", "view"]

_NOT_CHOSEN_YET = "preprocessed"


def check(page: Page, values: dict[str, Any]) -> tuple[Any, ...]:
    """Begin to check the source by these fields; a destination that isn't chosen yet is none to wait for."""
    page.remembered.remember(page.preprocess.section, values)
    if not str(values.get("destination") or "").strip():
        source = user_path(str(values.get("source") or ""))
        values = {**values, "destination": str(Path(source) / _NOT_CHOSEN_YET)}
    page.studio.folder_checks.start(from_mapping(PreprocessConfig, values))
    return ("",)


class FolderCheckPart:
    """The button, made in the layout where it is constructed, and what it leads to, made on request."""

    def __init__(self) -> None:
        self.button = gr.Button("Check folder", elem_id="preprocess_check_folder", scale=3)

    def build_result(self, message: Any) -> None:
        """Make what is told of the folder, and the button that stops a check, seen while one goes on.

        A check that can't begin is told in `message`, which the panel has for its buttons.
        """
        self.message = message
        self.stop = gr.Button("Stop checking", elem_id="preprocess_check_stop", visible=False, size="sm")
        self.result = gr.HTML(elem_id="preprocess_check", elem_classes=["traintab-slot"])

    def wire(self, page: Page) -> None:
        """Let the buttons work, and follow the check."""
        checks, seen = page.studio.folder_checks, gr.State(-1)
        look, outputs = view(checks), [seen, self.result, self.button, self.stop]
        start = guarded(page.preprocess.bound(lambda values: check(page, values)), outputs=1)
        begun = listen_to_form(self.button.click, start, page.preprocess.components, [self.message])
        stopped = listen(self.stop.click, checks.interrupt, None, None, at_once=True)
        page.pulse.after(begun, stopped)
        page.pulse.follow(lambda: checks.snapshot().revision, look, [seen], outputs)


def view(checks: FolderChecks) -> Callable[[int], tuple[Any, ...]]:
    """A function of the revision that a browser has seen: the one there is, and what it shows."""

    def look(seen: int) -> tuple[Any, ...]:
        now = checks.snapshot()
        if now.revision == seen:
            return tuple([skip()] * 4)
        buttons = (gr.update(interactive=not now.is_active), gr.update(visible=now.is_active))
        return now.revision, folder_check_html(now), *buttons

    return look
