"""Looking at all pictures of a folder, on threads."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from ...configs import PreprocessConfig
from ...errors import ConfigError
from ...files import user_path
from ..running import processors
from ..sources import Sources, find_sources
from .advice import advice_for
from .facts import PictureFacts, UnreadablePicture, look_at
from .findings import Looked, findings_of
from .record import FolderCheck
from .shapes import shape_counts

__all__ = ["check_folder", "sources_of"]

_AHEAD_PER_WORKER = 2

Facts = PictureFacts | UnreadablePicture


def sources_of(config: PreprocessConfig) -> Sources:
    """The pictures that preprocessing would work on; an empty destination is none yet.

    Raises ConfigError when no source is given, DatasetError when there is none, or nothing in it.
    """
    if not config.source.strip():
        raise ConfigError(
            "Source directory is empty: choose the folder with your pictures, then check it.", field="source"
        )
    source = user_path(config.source)
    destination = user_path(config.destination) if config.destination.strip() else source / ".nowhere"
    return find_sources(source, destination, subfolders=config.files.subfolders)


def check_folder(
    config: PreprocessConfig,
    size: tuple[int, int],
    *,
    count_tokens: Callable[[str], int] | None = None,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
    interrupted: Callable[[], bool] = lambda: False,
) -> FolderCheck:
    """Look at every picture of `config.source`; nothing is written.

    `size` is the training (width, height) in pixels. `count_tokens` is the model's tokenizer; without it
    captions are counted from below. `progress` gets how many files are done and how many there are; when it
    is `interrupted`, the check is of those done. The memory taken goes by the number of workers, not by the
    folder. Raises ConfigError and DatasetError as `sources_of`.
    """
    sources = sources_of(config)
    files, found = sources.files, list[Facts]()
    progress(0, len(files))
    for facts in _looked_at(files, size, config.files.workers or processors()):
        found.append(facts)
        progress(len(found), len(files))
        if interrupted():
            break
    looked = Looked(
        config=config,
        size=size,
        pictures=tuple(one for one in found if isinstance(one, PictureFacts)),
        unreadable=tuple(one for one in found if isinstance(one, UnreadablePicture)),
        count_tokens=count_tokens,
    )
    return _check_of(looked, sources)


def _check_of(looked: Looked, sources: Sources) -> FolderCheck:
    total = len(sources.files)
    left = total - len(looked.pictures) - len(looked.unreadable)
    return FolderCheck(
        folder=sources.root,
        size=looked.size,
        total=total,
        sizes=tuple((one.width, one.height) for one in looked.pictures),
        shapes=shape_counts(looked.pictures),
        captions=sum(bool(one.caption) for one in looked.pictures),
        findings=findings_of(looked),
        advice=() if left else advice_for(looked),  # it goes by how many pictures there are
        notes=sources.notes,
        not_looked_at=left,
    )


def _looked_at(files: tuple[Path, ...], size: tuple[int, int], workers: int) -> Iterator[Facts]:
    """In the order of the files; only so many are under way that all threads have work."""
    with ThreadPoolExecutor(workers, thread_name_prefix="traintab-check") as pool:
        under_way: deque[Future[Facts]] = deque()
        try:
            for file in files:
                under_way.append(pool.submit(look_at, file, size))
                if len(under_way) >= workers * _AHEAD_PER_WORKER:
                    yield under_way.popleft().result()
            while under_way:
                yield under_way.popleft().result()
        finally:
            for waiting in under_way:
                waiting.cancel()
