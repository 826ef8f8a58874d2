"""Where everything lies, in the tab *Settings*: each folder's path, to copy and to open."""

from __future__ import annotations

import html
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gradio as gr

from ..errors import InputError
from ..studio import Studio
from .gradio_compat import listen
from .history.open_folder import is_asked_from_here, open_folder
from .messages import done, guarded
from .page import Page

__all__ = ["FolderList", "folder_html", "folders_of", "open_named"]


def folders_of(studio: Studio) -> dict[str, Path]:
    """The folders by what they are called on the page; they may change when an installation is used."""
    paths = studio.paths
    return {
        "Embeddings": paths.embeddings_dir,
        "Log directory": paths.log_dir,
        "Models": paths.models_dir,
        "Pictures": paths.outputs_dir,
        "These settings": paths.settings_file.parent,
    }


def folder_html(name: str, path: Path) -> str:
    """A folder's name and path, and a button that copies it, by javascript/traintab_settings.js."""
    elem_id = f"settings_path_{_key(name)}"
    return (
        f'<div class="traintab-folder"><b>{html.escape(name)}</b>'
        f'<code id="{elem_id}" translate="no">{html.escape(str(path))}</code>'
        f'<button type="button" data-copy="{elem_id}">Copy path</button></div>'
    )


def open_named(studio: Studio, name: str, request: Any, start: Any = None) -> str:
    """Show one of the folders in the computer's file manager, and make it if it isn't there; a message.

    Raises InputError for who sits at another computer, and where there is no file manager.
    """
    path = folders_of(studio)[name]
    if not is_asked_from_here(request):
        raise InputError(f"The folder can be opened only on the computer the program runs on. It is {path}")
    path.mkdir(parents=True, exist_ok=True)
    open_folder(path, start)
    return done(f"The folder {path} opens in the file manager.")


class FolderList:
    """A row for each folder and a message, made in the layout where it is constructed."""

    def __init__(self, page: Page) -> None:
        self._buttons: dict[str, Any] = {}
        for name, path in folders_of(page.studio).items():
            with gr.Row(elem_classes=["traintab-folder-row"]):
                gr.HTML(folder_html(name, path))
                self._buttons[name] = gr.Button(
                    "Open", size="sm", min_width=70, scale=0, elem_id=f"settings_open_{_key(name)}"
                )
        self.message = gr.HTML(elem_id="settings_folder_message", elem_classes=["traintab-slot"])

    def wire(self, page: Page) -> None:
        """Let the buttons work."""
        for name, button in self._buttons.items():
            listen(button.click, _opens(page.studio, name), None, [self.message], at_once=True)


def _opens(studio: Studio, name: str) -> Callable[..., tuple[Any, ...]]:
    def opened(request: gr.Request) -> tuple[Any, ...]:
        return guarded(lambda: (open_named(studio, name, request),), outputs=1)()

    return opened


def _key(name: str) -> str:
    return name.lower().replace(" ", "_")
