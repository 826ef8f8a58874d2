"""Which other programs' models the user let this one use, kept between starts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from .errors import InputError
from .models.installations import Installation, comfy_installation, webui_installation
from .paths import ModelFolders, Paths
from .remembered import Remembered

__all__ = ["InstallationsInUse"]

_SECTION = "installations"


class InstallationsInUse:
    """The installations chosen on the page; read once, one that is gone is left out."""

    def __init__(self, remembered: Remembered) -> None:
        self._remembered = remembered
        self._folders: dict[str, ModelFolders] = {}
        for root, program in remembered.values(_SECTION).items():
            read = comfy_installation if program == "ComfyUI" else webui_installation
            try:
                self._folders[str(root)] = read(Path(str(root))).folders
            except InputError:
                continue

    def __contains__(self, installation: Installation) -> bool:
        return str(installation.root) in self._folders

    def use(self, installation: Installation) -> None:
        """From now on, and after the next start."""
        self._remembered.remember(_SECTION, {str(installation.root): installation.program})
        self._folders[str(installation.root)] = installation.folders

    def added_to(self, paths: Paths) -> Paths:
        """`paths` with these folders behind those that it borrows already."""
        return replace(paths, borrowed=(*paths.borrowed, *self._folders.values()))
