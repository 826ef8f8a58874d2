"""The previews of a run as they lie in its folder: which step, which prompt, how it was drawn."""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ..errors import PictureFileError
from ..sampling.infotext_settings import parse_infotext
from ..sampling.picture_info import read_infotext
from ..training.run_folder import RunFolder

__all__ = ["Preview", "PreviewFiles"]

_MOST_STEPS = 500
_MOST_KEPT = 4000
_FACTS = ("Seed", "Steps", "Sampler", "CFG scale", "Size")


@dataclass(frozen=True, kw_only=True)
class Preview:
    """A picture that a training drew after `step` updates; `number` counts the prompts of a list, from 1.

    `prompt` and `facts` (seed, sampling steps, sampler, CFG scale, size) are empty where the file tells none.
    """

    path: Path
    step: int
    number: int = 1
    prompt: str = ""
    facts: str = ""


class PreviewFiles:
    """Finds previews and remembers what it read in each file; any thread may ask."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._read: OrderedDict[tuple[Path, int, int], tuple[str, str]] = OrderedDict()

    def of(self, run_dir: Path) -> tuple[Preview, ...]:
        """The previews of the run in that folder by step and number; of very many steps the newest 500.

        Pictures of other names are left out, and so is everything where no run is.
        """
        name = RunFolder(path=run_dir, embedding_name="").trained_name
        if not name:
            return ()
        pattern = re.compile(rf"{re.escape(name)}-(\d+)(?:-(\d+))?\.png")
        found = []
        for path in _entries(run_dir / "images"):
            match = pattern.fullmatch(path.name)
            if match:
                found.append((int(match[1]), int(match[2] or 1), path))
        kept = set(sorted({step for step, _, _ in found})[-_MOST_STEPS:])
        previews = (self._preview(*one) for one in sorted(found) if one[0] in kept)
        return tuple(preview for preview in previews if preview is not None)

    def _preview(self, step: int, number: int, path: Path) -> Preview | None:
        try:
            found = path.stat()
        except OSError:
            return None  # gone since the folder was listed
        key = (path, found.st_mtime_ns, found.st_size)
        with self._lock:
            told = self._read.get(key)
        if told is None:
            told = _told(path)
            with self._lock:
                self._read[key] = told
                while len(self._read) > _MOST_KEPT:
                    self._read.popitem(last=False)
        return Preview(path=path, step=step, number=number, prompt=told[0], facts=told[1])


def _told(path: Path) -> tuple[str, str]:
    """Prompt and facts in a picture's infotext."""
    try:
        text = read_infotext(path)
    except PictureFileError:
        return "", ""
    if not text:
        return "", ""
    found = parse_infotext(text)
    return found["Prompt"], _facts(found)


def _facts(found: Mapping[str, str]) -> str:
    """One sentence; what a program of another kind leaves out is a dash."""
    seed, steps, sampler, scale, size = (found.get(name) or "–" for name in _FACTS)
    if not any(found.get(name) for name in _FACTS):
        return ""
    if negative := found["Negative prompt"]:
        return (
            f"Seed {seed}, {steps} sampling steps, {sampler}, CFG {scale}, {size},"
            f" negative prompt: {negative}"
        )
    return f"Seed {seed}, {steps} sampling steps, {sampler}, CFG {scale}, {size}"


def _entries(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []
