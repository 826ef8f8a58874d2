"""*Check folder* in the background: on a thread of its own, told by snapshots; a training runs on."""

from __future__ import annotations

import io
import logging
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from .configs import PreprocessConfig
from .errors import BusyError, TrainTabError
from .model_slot import ModelSlot
from .paths import Paths

if TYPE_CHECKING:
    from PIL import Image

    from .preprocessing.before_after import BeforeAfter
    from .preprocessing.folder_check import FolderCheck

__all__ = ["FolderCheckSnapshot", "FolderChecks", "as_jpeg"]

_LOGGER = logging.getLogger(__name__)
_THUMBNAILS = 12
_THUMBNAIL_SIDE = 96
_ALSO_SHOWN = ("too_small", "oversized", "cut_off")

CountTokens = Callable[[str], int]


@dataclass(frozen=True, kw_only=True)
class FolderCheckSnapshot:
    """A check at one moment; the last one stays until the next begins.

    `done` of `total` files are looked at. `check` and `samples` are there when it is no longer `is_active`
    and went well, `error` is a sentence when it didn't. `thumbnails` are small JPEG files of the pictures
    that are named. `revision` grows with every change.
    """

    folder: str = ""
    is_active: bool = False
    done: int = 0
    total: int = 0
    message: str = ""
    check: FolderCheck | None = None
    samples: tuple[BeforeAfter, ...] = ()
    thumbnails: dict[Path, bytes] = field(default_factory=dict, repr=False)
    error: str = ""
    revision: int = 0


class FolderChecks:
    """Starts checks and tells how far the last one is; any thread may call.

    `default_size()` is the model's own in pixels, `count_tokens()` its tokenizer while it is loaded, else
    None; both are asked on the check's thread.
    """

    def __init__(
        self,
        default_size: Callable[[], int],
        count_tokens: Callable[[], CountTokens | None] = lambda: None,
    ) -> None:
        self._default_size = default_size
        self._count_tokens = count_tokens
        self._lock = threading.Lock()
        self._snapshot = FolderCheckSnapshot()
        self._stop = threading.Event()
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="traintab-folder-check")
        self._concluded = threading.Event()
        self._concluded.set()

    @classmethod
    def of(cls, models: ModelSlot, paths: Callable[[], Paths]) -> FolderChecks:
        """Checks for the selected model, which needn't be loaded."""

        def default_size() -> int:
            from .models.facts import size_of_model

            return size_of_model(models.status.spec, paths())

        return cls(default_size, models.token_count)

    def snapshot(self) -> FolderCheckSnapshot:
        """The current check, or the last one."""
        return self._snapshot

    def start(self, config: PreprocessConfig) -> FolderCheckSnapshot:
        """Begin to check `config.source`; raises BusyError while another check isn't done."""
        with self._lock:
            before = self._snapshot
            if before.is_active:
                raise BusyError(
                    f"The check was not begun: {before.folder} is being checked ({before.done} of"
                    f" {before.total} files). Wait until it is done, or press Stop checking."
                )
            self._stop = threading.Event()
            self._snapshot = FolderCheckSnapshot(
                folder=config.source, is_active=True, message="Looking.", revision=before.revision + 1
            )
            first = self._snapshot
            self._concluded.clear()
            ended = self._threads.submit(self._check, config, self._stop)
        ended.add_done_callback(self._conclude)
        return first

    def interrupt(self) -> None:
        """End the check soon; what was seen is told."""
        self._stop.set()

    def wait(self, timeout: float | None = None) -> FolderCheckSnapshot:
        """Wait for the check to end; the snapshot then."""
        self._concluded.wait(timeout)
        return self._snapshot

    def _tell(self, **changes: object) -> None:
        with self._lock:
            changes["revision"] = self._snapshot.revision + 1
            self._snapshot = replace(self._snapshot, **changes)  # type: ignore[arg-type]

    def _conclude(self, ended: Future[None]) -> None:
        """What a check failed of is told in the snapshot."""
        error = ended.exception()
        if error is not None:
            self._tell(is_active=False, error=_sentence_of(error), message="")
        self._concluded.set()

    def _check(self, config: PreprocessConfig, stop: threading.Event) -> None:
        from .preprocessing.before_after import before_and_after
        from .preprocessing.folder_check import check_folder
        from .preprocessing.folder_check.scan import sources_of

        own = None if config.width and config.height else self._default_size()
        size = (config.width or own or 0, config.height or own or 0)
        check = check_folder(
            config,
            size,
            count_tokens=self._count_tokens(),
            progress=lambda done, total: self._tell(done=done, total=total),
            interrupted=stop.is_set,
        )
        self._tell(message="Making some pictures to show what they become.")
        extremes = [one.pictures[0].path for one in check.findings if one.kind in _ALSO_SHOWN]
        samples = before_and_after(config, size, sources_of(config), extremes, interrupted=stop.is_set)
        named = [one.source for one in samples]
        for finding in check.findings:
            named += [named_one.path for named_one in finding.pictures[:_THUMBNAILS]]
            named += [other.other for other in finding.pictures[:_THUMBNAILS] if other.other]
        self._tell(
            is_active=False,
            check=check,
            samples=tuple(samples),
            thumbnails=_thumbnails(named),
            message="Stopped." if check.not_looked_at else "",
        )


def _sentence_of(error: BaseException) -> str:
    """Ours are sentences; of one that nobody foresaw the log keeps the traceback."""
    if isinstance(error, TrainTabError):
        return str(error)
    _LOGGER.error("A check of a folder failed.", exc_info=error)
    kind = type(error).__name__
    return f"The check stopped by an unexpected error ({kind}: {error}). Details are in the program's output."


def _thumbnails(paths: Iterable[Path]) -> dict[Path, bytes]:
    """Those that can be read."""
    from .preprocessing.opening import open_source

    found: dict[Path, bytes] = {}
    for path in dict.fromkeys(paths):
        try:
            image = open_source(path, least=(2 * _THUMBNAIL_SIDE, 2 * _THUMBNAIL_SIDE)).image
        except TrainTabError:
            continue  # that it can't be read is among the findings
        image.thumbnail((_THUMBNAIL_SIDE, _THUMBNAIL_SIDE))
        found[path] = as_jpeg(image)
    return found


def as_jpeg(image: Image.Image) -> bytes:
    """A small JPEG file of a picture, for showing."""
    stream = io.BytesIO()
    image.convert("RGB").save(stream, "JPEG", quality=80)
    return stream.getvalue()
