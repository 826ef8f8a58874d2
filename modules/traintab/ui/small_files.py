"""Small versions of large pictures, as files that a browser can fetch when it comes to them."""

from __future__ import annotations

import contextlib
import hashlib
import io
import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ..errors import StorageError
from ..files import write_atomically
from ..pictures import UNREADABLE, open_picture

__all__ = ["SmallFiles"]

_LOGGER = logging.getLogger(__name__)
_LONGER_SIDE = 192
_QUALITY = 80
_SMALL_ENOUGH = 64 * 1024
_MOST_FILES = 4000


class SmallFiles:
    """A folder of JPEG files, one for each version of a picture; made in the background, one by one.

    Whoever asks gets what there is at once: the small file, or the picture itself while it is being made, and
    for good where it is small already or can't be read. The oldest make room for new ones.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="traintab-small-files")
        self._lock = threading.Lock()
        self._asked: set[Path] = set()

    def of(self, picture: Path) -> Path:
        """The file to show for a picture: 192 pixels on the longer side, or the picture itself."""
        try:
            found = picture.stat()
        except OSError:
            return picture
        if found.st_size <= _SMALL_ENOUGH:
            return picture
        version = f"{picture}\0{found.st_mtime_ns}\0{found.st_size}"
        name = hashlib.blake2s(version.encode(errors="surrogateescape"), digest_size=16).hexdigest()
        small = self._folder / f"{name}.jpg"
        if small.is_file():
            return small
        with self._lock:
            if small not in self._asked:
                self._asked.add(small)
                self._threads.submit(self._make, picture, small)
        return picture

    def wait(self) -> None:
        """Return when all that was asked for is made."""
        self._threads.submit(int).result()

    def _make(self, picture: Path, small: Path) -> None:
        """One that can't be made stays asked for, so that nobody tries again and again."""
        try:
            image = open_picture(picture)
            image.thumbnail((_LONGER_SIDE, _LONGER_SIDE))
            stream = io.BytesIO()
            image.save(stream, "JPEG", quality=_QUALITY)
            write_atomically(small, stream.getvalue(), durable=False)
        except (StorageError, *UNREADABLE) as error:
            _LOGGER.info("There is no small version of %s: %s", picture, error)
            return
        self._make_room()

    def _make_room(self) -> None:
        """Remove the oldest files; a quarter at once, or there would be no end to looking."""
        files = list(self._folder.glob("*.jpg"))
        if len(files) <= _MOST_FILES:
            return
        with contextlib.suppress(OSError):  # somebody else removed one meanwhile: then the next time
            for path in sorted(files, key=lambda path: path.stat().st_mtime)[: _MOST_FILES // 4]:
                path.unlink(missing_ok=True)
