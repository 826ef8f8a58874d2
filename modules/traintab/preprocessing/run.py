"""A folder of pictures to a folder of training pictures."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

from ..configs import PreprocessConfig, check
from ..errors import ConfigError
from ..files import clear_leftovers, kind_of, user_path
from ..paths import Paths
from .captioners import CaptionerMeans
from .destination import Destination
from .destination_lock import destination_lock
from .events import PreprocessEvent
from .models_at_hand import check_models, default_means, needs_models
from .naming import DEBUG_FOLDER
from .record import read_record
from .running import Running
from .sources import Sources, find_sources

__all__ = ["preprocess"]


def preprocess(
    config: PreprocessConfig,
    *,
    default_size: int | None = None,
    dry_run: bool = False,
    interrupted: Callable[[], bool] | None = None,
    means: CaptionerMeans | None = None,
) -> Iterator[PreprocessEvent]:
    """Turn the pictures of `config.source` into training pictures in `config.destination`.

    All settings are checked before this returns (ConfigError, DatasetError, InputError); the work is done
    while the events are drawn, on threads, and told in the order of the names. `default_size` in pixels
    stands in for an empty width or height, the model's own size, say. `interrupted` is asked before each
    picture and while one is waited for. On a dry run nothing is written and no model is loaded. `means` are
    for the models that write captions or find backgrounds; without, they are kept in the program's folder.

    The source is only read; files are written whole or not at all, as `00000-0-<name>.png` with a `.txt` for
    the caption. A record in the destination remembers what was made of which file: what is unchanged is not
    done again, what somebody else wrote or changed there is not replaced unless `overwrite` is on. The events
    raise BusyError when another run writes there, StorageError when the disk is full; what was written stays.
    """
    check(config)
    check_models(config, None if means is None else means.models_dir)
    source, destination = user_path(config.source), user_path(config.destination)
    sources = find_sources(source, destination, subfolders=config.files.subfolders)
    _refuse_destination(source, destination, config)
    size = _size(config, default_size)
    output = Destination(folder=destination, overwrite=config.files.overwrite, dry_run=dry_run)

    def events() -> Iterator[PreprocessEvent]:
        with contextlib.nullcontext() if dry_run else destination_lock(destination):
            yield from _begun(config, size, sources, output, means, interrupted or (lambda: False)).events()

    return events()


def _size(config: PreprocessConfig, default_size: int | None) -> tuple[int, int]:
    width, height = config.width or default_size, config.height or default_size
    if width is None or height is None:
        raise ConfigError("Width or height is empty: give both in pixels, such as 512.", field="width")
    return width, height


def _begun(
    config: PreprocessConfig,
    size: tuple[int, int],
    sources: Sources,
    destination: Destination,
    means: CaptionerMeans | None,
    interrupted: Callable[[], bool],
) -> Running:
    """The run, with what an earlier one left cleared up and known."""
    is_dry = destination.dry_run
    if not is_dry:
        clear_leftovers(destination.folder)
    at_hand = (
        means or default_means(Paths.under().models_dir) if needs_models(config) and not is_dry else None
    )
    return Running(
        config=config,
        size=size,
        sources=sources,
        record=read_record(destination.folder, user_path(config.source).resolve()),
        destination=destination,
        means=at_hand,
        interrupted=interrupted,
    )


def _refuse_destination(source: Path, destination: Path, config: PreprocessConfig) -> None:
    """The destination may lie inside the source, where it is not searched, but can't be the source."""
    if kind_of(destination) == "file":
        raise ConfigError(
            f"The destination {destination} is a file. Choose a folder, or a new name for one.",
            field="destination",
        )
    written = [destination] + [destination / DEBUG_FOLDER] * config.focal_point.focal_debug
    for folder in written:
        if folder.resolve() == source.resolve() or (kind_of(folder) and folder.samefile(source)):
            raise ConfigError(
                f"Source and destination are the same folder, {source}. Choose another destination: the"
                " source is never changed.",
                field="destination",
            )
