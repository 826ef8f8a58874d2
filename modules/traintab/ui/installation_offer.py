"""The models of other programs on this machine, offered on the first screen."""

from __future__ import annotations

from typing import Any

import gradio as gr

from ..models.installations import Installation, find_installations
from .choices import model_names
from .gradio_compat import listen
from .messages import done, guarded
from .page import Page

__all__ = ["InstallationOffer", "use_installation"]


def use_installation(page: Page, installation: Installation) -> tuple[Any, ...]:
    """Use an installation's models from now on; a message, and what the model picker offers."""
    before = set(model_names(page.studio))
    page.studio.installations.use(installation)
    names = model_names(page.studio)
    found = len(set(names) - before)
    models = "1 model" if found == 1 else f"{found} models"
    text = f"{models} of {installation.root} can be chosen at the top of the page, now and after each start."
    return done(text), gr.update(choices=names)


class InstallationOffer:
    """A button for each installation that has models and isn't used yet; nothing where there is none."""

    def __init__(self, page: Page) -> None:
        used = page.studio.paths.checkpoint_dirs
        self._buttons: list[tuple[Installation, Any]] = []
        for number, installation in enumerate(find_installations()):
            folders = installation.folders.checkpoints
            if folders and not set(folders) & set(used):
                text = f"Use the models of {installation.program} in {installation.root}"
                button = gr.Button(text, elem_id=f"use_installation_{number}", size="sm")
                self._buttons.append((installation, button))
        self.message = gr.HTML(elem_id="use_installation_message", elem_classes=["traintab-slot"])

    def wire(self, page: Page, model: Any) -> None:
        """Let the buttons work; `model` is the picker's dropdown."""
        for installation, button in self._buttons:
            handler = guarded(
                lambda installation=installation: use_installation(page, installation), outputs=2
            )
            listen(button.click, handler, None, [self.message, model])
