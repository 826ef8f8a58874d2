"""Small versions of pictures within the page itself, made once a file."""

from __future__ import annotations

import threading
from collections import OrderedDict
from pathlib import Path

from ...pictures import UNREADABLE, open_picture
from ..data_urls import jpeg_data_url

__all__ = ["Thumbnails"]

_LONGER_SIDE = 320
_MOST_KEPT = 240

Key = tuple[str, int, int]


class Thumbnails:
    """`data:` addresses of JPEG pictures; the newest ones are kept for when a page of them is shown again."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Key, str] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, path: Path) -> str:
        """The address for a picture file, at most 320 pixels a side; empty when it can't be read."""
        try:
            found = path.stat()
        except OSError:
            return ""
        key = (str(path), found.st_mtime_ns, found.st_size)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        made = _made(path)
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
        return made


def _made(path: Path) -> str:
    try:
        return jpeg_data_url(open_picture(path), _LONGER_SIDE)
    except UNREADABLE:
        return ""
