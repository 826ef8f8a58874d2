"""Pictures to their captioner in batches, while threads make the next ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from PIL import Image

from .captioners import Captioner
from .one_picture import Prepared
from .transparency import without_transparency

__all__ = ["Captioned", "captioned"]

Other = TypeVar("Other")


@dataclass(frozen=True, kw_only=True)
class Captioned:
    """A prepared source, and the captions of its originals by their index; None where no model makes any."""

    prepared: Prepared
    captions: dict[int, str] | None = None


def captioned(
    prepared: Iterable[Prepared | Other],
    captioner: Callable[[], Captioner],
    *,
    batch_size: int,
    stopping: Callable[[], bool],
) -> Iterator[Captioned | Other]:
    """Each prepared source with the captions of its originals; what is something else passes in its turn.

    `captioner` is called when there is the first picture for it. Once `stopping`, no more is captioned, and
    what waits for captions is dropped.
    """
    batch: list[Prepared | Other] = []
    for one in prepared:
        batch.append(one)
        originals = sum(len(each.originals) for each in batch if isinstance(each, Prepared))
        if originals == 0 or originals >= batch_size:
            yield from _with_captions(batch, captioner, batch_size, stopping)
            batch = []
    yield from _with_captions(batch, captioner, batch_size, stopping)


def _with_captions(
    batch: list[Prepared | Other],
    captioner: Callable[[], Captioner],
    batch_size: int,
    stopping: Callable[[], bool],
) -> Iterator[Captioned | Other]:
    sources = [one for one in batch if isinstance(one, Prepared)]
    places = [(source, index) for source in sources for index in source.originals]
    found: dict[int, dict[int, str]] = {id(source): {} for source in sources}
    for start in range(0, len(places), batch_size):
        if stopping():
            break
        part = places[start : start + batch_size]
        texts = captioner().captions([_seen(source, index) for source, index in part])
        for (source, index), text in zip(part, texts, strict=True):
            found[id(source)][index] = text
    for one in batch:
        if not isinstance(one, Prepared):
            yield one
        elif len(found[id(one)]) == len(one.originals):
            yield Captioned(prepared=one, captions=found[id(one)])


def _seen(source: Prepared, index: int) -> Image.Image:
    return without_transparency(source.derived.pictures[index].image, "white")
