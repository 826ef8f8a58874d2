"""Files that belong together: diffusers' two files of an SDXL embedding, and a negative embedding's two."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

from .containers import CONTAINERS
from .schemas import EmbeddingFormat, Parsed

__all__ = ["joined", "negative_sibling", "second_file"]

_FIRST, _SECOND = "learned_embeds", "learned_embeds_2"
_NEGATIVE = "-neg"


def second_file(path: Path) -> Path | None:
    """Where diffusers puts the vectors of SDXL's second text encoder when `path` has those of the first.

    `learned_embeds_2*` beside `learned_embeds*`, and `<name>_2` beside any other name. None for a file that
    is a second one by its name. Whether it exists and belongs to the first isn't known yet (`joined`).
    """
    stem = path.stem
    if stem.startswith(_SECOND):
        return None
    if stem.startswith(_FIRST):
        return path.with_name(_SECOND + stem.removeprefix(_FIRST) + path.suffix)
    return path.with_name(f"{stem}_2{path.suffix}")


def joined(first: Parsed, second: Parsed) -> Parsed | None:
    """The SDXL embedding of two files by diffusers; None unless both hold the same token's vectors.

    Then the first has those for `clip_l`, the second as many for `clip_g`.
    """
    belong = (
        first.format is second.format is EmbeddingFormat.DIFFUSERS
        and first.inner_name == second.inner_name
        and set(first.vectors) == {"clip_l"}
        and set(second.vectors) == {"clip_g"}
        and len(first.vectors["clip_l"]) == len(second.vectors["clip_g"])
    )
    return dataclasses.replace(first, vectors={**first.vectors, **second.vectors}) if belong else None


def negative_sibling(path: Path, is_there: Callable[[Path], bool] = Path.is_file) -> Path | None:
    """The file `<name>-neg` beside `<name>`, meant for the negative prompt as DreamArtist trains it.

    Of the suffixes that embeddings have the same is looked for first; None when no such file `is_there`.
    """
    if path.stem.endswith(_NEGATIVE):
        return None
    suffixes = dict.fromkeys((path.suffix, *CONTAINERS))
    candidates = (path.with_name(f"{path.stem}{_NEGATIVE}{suffix}") for suffix in suffixes)
    return next((candidate for candidate in candidates if is_there(candidate)), None)
