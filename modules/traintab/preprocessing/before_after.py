"""A few pictures before and after preprocessing, by the present settings; nothing is written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from ..configs import PreprocessConfig
from ..files import user_path
from .destination import Destination
from .events import PictureSkipped
from .items import Item, items
from .models_at_hand import makes_captions
from .one_picture import Outcome, PictureWork, Prepared
from .record import read_record
from .sources import Sources

__all__ = ["After", "BeforeAfter", "before_and_after", "spread"]

_SHOWN = 6
_AFTERS = 8
_NOT_SHOWN_BACKGROUND = "The background is not shown removed: that model runs when you press Preprocess."


@dataclass(frozen=True, kw_only=True)
class After:
    """A training picture to be: `image` is small, `width` and `height` are its own in pixels.

    `name` is its file's; `caption` is None where a model will write it.
    """

    image: Image.Image
    width: int
    height: int
    name: str
    caption: str | None


@dataclass(frozen=True, kw_only=True)
class BeforeAfter:
    """A source and what becomes of it; `more` pictures aren't listed. `reason` says why nothing does."""

    source: Path
    afters: tuple[After, ...] = ()
    more: int = 0
    notes: tuple[str, ...] = ()
    reason: str = ""


def spread(count: int, shown: int = _SHOWN) -> list[int]:
    """Up to `shown` of `count` indices, evenly from the first to the last."""
    if count <= shown:
        return list(range(count))
    return [round(place * (count - 1) / (shown - 1)) for place in range(shown)]


def before_and_after(
    config: PreprocessConfig,
    size: tuple[int, int],
    sources: Sources,
    also: Sequence[Path] = (),
    *,
    largest_side: int = 160,
    interrupted: Callable[[], bool] = lambda: False,
) -> list[BeforeAfter]:
    """Some pictures of `sources`, spread over the folder, and those of `also`, as a run would make them.

    `size` is the training (width, height) in pixels; pictures are given no larger than `largest_side`. No
    model is loaded.
    """
    chosen = {sources.files[index] for index in spread(len(sources.files))} | set(also)
    folder = user_path(config.destination)
    work = PictureWork(
        config=config,
        size=size,
        root=str(sources.root.resolve()),
        settings="",
        destination=Destination(folder=folder, overwrite=config.files.overwrite, dry_run=True),
    )
    record = read_record(folder, sources.root.resolve())
    shown = []
    for item in items(sources, record):
        if item.path in chosen and not interrupted():
            shown.append(_of_one(work, item, largest_side))
    return shown


def _of_one(work: PictureWork, item: Item, largest_side: int) -> BeforeAfter:
    prepared = work.prepare(item, None)
    if isinstance(prepared, Outcome):
        event = prepared.event
        return BeforeAfter(source=item.path, reason=getattr(event, "reason", ""), notes=())
    outcome = work.finish(prepared, None)
    if isinstance(outcome.event, PictureSkipped):
        return BeforeAfter(source=item.path, reason=outcome.event.reason)
    notes = outcome.event.notes
    if work.config.background.background != "keep":
        notes = (*notes, _NOT_SHOWN_BACKGROUND)
    names = [path.name for path in outcome.event.outputs]
    return BeforeAfter(
        source=item.path,
        afters=tuple(_afters(work, prepared, names, largest_side)),
        more=max(0, len(names) - _AFTERS),
        notes=notes,
    )


def _afters(work: PictureWork, prepared: Prepared, names: Sequence[str], largest_side: int) -> list[After]:
    texts = work.texts(prepared, None, [])
    is_unknown = makes_captions(work.config) and not (
        prepared.caption and work.config.existing_caption == "copy"
    )
    found = []
    for picture, name, text in list(zip(prepared.derived.pictures, names, texts, strict=True))[:_AFTERS]:
        small = picture.image.copy()
        small.thumbnail((largest_side, largest_side))
        caption = None if is_unknown else text
        found.append(
            After(
                image=small,
                width=picture.image.width,
                height=picture.image.height,
                name=name,
                caption=caption,
            )
        )
    return found
