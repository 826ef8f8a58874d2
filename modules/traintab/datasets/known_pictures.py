"""Looking at the same folders again and again, as a page does while somebody chooses settings."""

from __future__ import annotations

import hashlib
import io
import threading
from pathlib import Path

from ..pictures import UNREADABLE, read_picture_file
from .report import PictureFacts, reason_of

__all__ = ["KnownPictures"]

# Half of a JPEG's sides and less is decoded: enough to find a file that is cut short.
_LEAST = (64, 64)
_MOST_REMEMBERED = 20_000


class KnownPictures:
    """Size and hash of picture files, read again only when a file's size or time has changed.

    Call it as `scan_folders`' `look`; any thread may. A training looks for itself: this is for telling what
    it would find.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[Path, tuple[tuple[int, int], PictureFacts | str]] = {}

    def __call__(self, path: Path) -> PictureFacts | str:
        """Width and height in pixels, upright, and the content's sha256; else why it can't be read."""
        try:
            stat = path.stat()
            stamp = (stat.st_size, stat.st_mtime_ns)
            known = self._known.get(path)
            if known is not None and known[0] == stamp:
                return known[1]
            facts: PictureFacts | str = _read(path)
        except UNREADABLE as error:
            return reason_of(error)
        with self._lock:
            if len(self._known) >= _MOST_REMEMBERED:
                self._known.clear()
            self._known[path] = stamp, facts
        return facts


def _read(path: Path) -> PictureFacts | str:
    """The file's bytes are read once; a damaged one is remembered too."""
    content = path.read_bytes()
    try:
        size = read_picture_file(io.BytesIO(content), least=_LEAST).size
    except UNREADABLE as error:
        return reason_of(error)
    return size, hashlib.sha256(content).hexdigest()
