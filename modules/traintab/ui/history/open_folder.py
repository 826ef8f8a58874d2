"""*Open folder*: in the file manager of the computer the program runs on, for who sits at it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ...errors import InputError

__all__ = ["is_asked_from_here", "open_folder"]

_HERE = ("localhost", "127.0.0.1", "::1")


def is_asked_from_here(request: Any) -> bool:
    """Whether the browser runs on this computer: a tunnel or proxy asks from here too, for somebody else."""
    client = getattr(getattr(request, "client", None), "host", "") or ""
    headers = getattr(request, "headers", None) or {}
    is_passed_on = any(headers.get(name) for name in ("x-forwarded-for", "x-forwarded-host", "forwarded"))
    host = urlsplit(f"//{headers.get('host', '')}").hostname or ""
    return client in _HERE and host in _HERE and not is_passed_on


def open_folder(path: Path, start: Callable[[Sequence[str]], object] | None = None) -> None:
    """Show a folder in the computer's file manager; raises InputError where there is none.

    `start` runs a command without waiting for it.
    """
    command = _command(path)
    if command is None:
        raise InputError(f"No file manager was found on this computer; open the folder yourself: {path}")
    try:
        (start or _start)(command)
    except OSError as error:
        raise InputError(
            f"The file manager did not start ({error.strerror or error}); open the folder yourself: {path}"
        ) from error


def _command(path: Path) -> list[str] | None:
    if sys.platform == "win32":
        return ["explorer", str(path)]
    if sys.platform == "darwin":
        return ["open", str(path)]
    has_desktop = bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    found = shutil.which("xdg-open") if has_desktop else None
    return [found, str(path)] if found else None


def _start(command: Sequence[str]) -> object:
    nothing = subprocess.DEVNULL
    return subprocess.Popen(command, stdin=nothing, stdout=nothing, stderr=nothing, start_new_session=True)
