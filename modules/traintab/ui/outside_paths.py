"""Paths in what visitors send: on a public page only those of the folders that it is for."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

__all__ = ["OutsidePaths"]

# A path begins a text, or stands behind a space or a sign: after letters and digits a slash is "and/or".
# Looked for ahead, because behind what is none there may be another one.
_BEGIN = r"(?:^|(?<=[\s\"'=,;:*(\[<|]))"
_TOP = r"(?:~[^\s/\\]*[/\\]|(?<!http:)(?<!https:)/+(?=[^\s/])|[A-Za-z]:[\\/]|\\)"
_FROM_THE_TOP = re.compile(rf"{_BEGIN}(?=({_TOP}[^\n]{{0,4096}}))", re.M)
_TOP_ITSELF = re.compile(r"^[ \t]*(?:\d+ *[x*] *)?(?:/[/.]*|~[\w.-]*)[ \t\r]*$", re.M)
_UPWARDS = re.compile(r"(?:^|[\s\\/\"'=,;:*(\[<|])\.\.(?:[\\/]|$)", re.M)
_PLAIN_NAME = re.compile(r"[\w.-]+")
_BASE64 = re.compile(r"data:[\w/+.;=-]*;base64,[\w+/=\s]*")
_MOST_NESTED = 20
_MOST_PATHS = 1000


_UPLOAD = {"_type": "gradio.FileData"}


class OutsidePaths:
    """Finds paths that lead out of the folders `inside`.

    Those in `uploads` may be named as gradio names an uploaded file, and not in a field: a dataset config
    that a visitor has sent could name any folder.
    """

    def __init__(self, inside: Sequence[Path], uploads: Sequence[Path] = ()) -> None:
        self._inside = [folder.resolve() for folder in inside]
        self._for_uploads = [*self._inside, *(folder.resolve() for folder in uploads)]

    def first_in(self, value: Any) -> str:
        """The first text with such a path in a JSON value, or in a text that is JSON; empty when none is.

        A text with very many paths counts as one, because each takes a moment to look at.
        """
        found = _texts(value)
        return next((text for text, is_upload in found if self._leads_out(text, is_upload=is_upload)), "")

    def _leads_out(self, text: str, *, is_upload: bool) -> bool:
        if _BASE64.fullmatch(text):
            return False
        if _UPWARDS.search(text) or _TOP_ITSELF.search(text):
            return True
        inside = self._for_uploads if is_upload else self._inside
        found = list(islice(_FROM_THE_TOP.finditer(text), _MOST_PATHS + 1))
        return len(found) > _MOST_PATHS or any(_is_outside(one.group(1).strip(), inside) for one in found)


def _is_outside(text: str, inside: Sequence[Path]) -> bool:
    """A text such as `/imagine a cat` is no path: nothing here begins so, nor could it be made."""
    try:
        path = Path(text).expanduser()
        if text.startswith("\\\\") or not path.root:
            return text.startswith("\\\\")
        first = Path(*path.parts[:2])
        if not first.exists():
            return bool(_PLAIN_NAME.fullmatch(first.name)) and os.access(first.parent, os.W_OK)
        return not any(path.resolve().is_relative_to(folder) for folder in inside)
    except (OSError, RuntimeError, ValueError):
        return True


def _texts(value: Any, depth: int = 0, *, is_upload: bool = False) -> Iterator[tuple[str, bool]]:
    """All texts of a value, keys too, and whether each is where an uploaded file lies."""
    if depth > _MOST_NESTED:
        raise ValueError("The value is nested too deeply.")
    if isinstance(value, dict):
        is_file = value.get("meta") == _UPLOAD
        for key, one in value.items():
            yield key, False
            yield from _texts(one, depth + 1, is_upload=is_file and key in ("path", "url"))
    elif isinstance(value, list):
        yield from (found for one in value for found in _texts(one, depth + 1))
    elif isinstance(value, str):
        inner = _inner(value)
        yield from [(value, is_upload)] if inner is None else _texts(inner, depth + 1)


def _inner(text: str) -> Any:
    """The list or object that a text is; None for all others."""
    if not text.lstrip().startswith(("[", "{")):
        return None
    try:
        return json.loads(text)
    except ValueError:
        return None
