"""One file of the Hugging Face Hub to the disk: it can be stopped, goes on where it was, and is checked."""

from __future__ import annotations

import contextlib
import hashlib
import inspect
import io
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import ModelError
from ..files import make_folder
from .fetch_problems import FetchInterrupted

__all__ = ["HubFile", "clear_parts", "lock_in", "transfer"]

_PARTS = ".fetching"
_REVISION_DIGITS = 12
_BLOCK = 1 << 20
_PIECE, _PIECE_BYTES = "DOWNLOAD_CHUNK_SIZE", 1 << 20


@dataclass(frozen=True, kw_only=True)
class HubFile:
    """A file of `size` bytes at one `revision` of a model; `sha256` in hex digits, "" where none is told."""

    model: str
    name: str
    size: int
    revision: str
    sha256: str = ""

    def part_in(self, folder: Path) -> Path:
        """Where it grows until it is whole: a part of another revision is another file."""
        digest = hashlib.sha256(self.revision.encode()).hexdigest()  # a server's word is no file name
        return folder / _PARTS / f"{self.name}.{digest[:_REVISION_DIGITS]}"

    def left_in(self, folder: Path) -> int:
        """The bytes still to be fetched; 0 for a file that is there whole."""
        whole, part = folder / self.name, self.part_in(folder)
        if whole.is_file() and whole.stat().st_size == self.size:
            return 0
        return max(self.size - part.stat().st_size, 1) if part.is_file() else max(self.size, 1)


def transfer(file: HubFile, folder: Path, endpoint: str | None, stopping: threading.Event) -> None:
    """Fetch `file` into `folder`, where it appears when it is whole and its checksum is right.

    Raises FetchInterrupted soon after `stopping` is set; ModelError for a wrong checksum; what the hub's
    library and the disk raise.
    """
    part = file.part_in(folder)
    make_folder(part.parent)
    if part.is_file() and part.stat().st_size > file.size:
        part.unlink()
    with _Part(part, stopping) as stream, _quiet(), _in_small_pieces():
        if stream.tell() < file.size:
            _get(file, stream, endpoint)
    _check(file, part)
    part.replace(folder / file.name)


def lock_in(folder: Path) -> Path:
    """The file to be locked while `folder` is filled."""
    return folder / _PARTS / "lock"


def clear_parts(folder: Path) -> None:
    """Remove what was begun: nothing of it is needed once the model is whole."""
    shutil.rmtree(folder / _PARTS, ignore_errors=True)


def _get(file: HubFile, stream: io.FileIO, endpoint: str | None) -> None:
    """The rest of `file` to the end of `stream`.

    By the function that lies below all downloads of the library: they themselves begin anew, and in some
    versions can't be stopped.
    """
    from huggingface_hub import hf_hub_url
    from huggingface_hub.file_download import http_get
    from huggingface_hub.utils import build_hf_headers  # type: ignore[attr-defined]

    takes_endpoint = (
        "endpoint" in inspect.signature(hf_hub_url).parameters
    )  # or it reads the environment itself
    place = {"endpoint": endpoint} if endpoint and takes_endpoint else {}
    http_get(
        hf_hub_url(file.model, file.name, revision=file.revision, **place),
        stream,
        resume_size=stream.tell(),
        headers=build_hf_headers(),
        expected_size=file.size,
    )


class _Part(io.FileIO):
    """A file that grows, and refuses to once it is to stop."""

    def __init__(self, path: Path, stopping: threading.Event) -> None:
        super().__init__(path, "ab+")
        self.seek(0, io.SEEK_END)
        self._stopping = stopping

    def write(self, data: Any, /) -> int:
        if self._stopping.is_set():
            raise FetchInterrupted
        view = memoryview(data)
        written = 0
        while written < len(view):  # an unbuffered file may take less than it is given
            written += super().write(view[written:])
        return written


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Without the library's own progress bar: progress is told in sentences."""
    from huggingface_hub import utils

    bars: Any = utils  # all versions have these three here, though the newer ones keep them elsewhere
    if bars.are_progress_bars_disabled():
        yield
        return
    bars.disable_progress_bars()
    try:
        yield
    finally:
        bars.enable_progress_bars()


@contextlib.contextmanager
def _in_small_pieces() -> Iterator[None]:
    """A megabyte at a time: of the usual ten, a slow network's progress and *Interrupt* would wait."""
    from huggingface_hub import constants

    usual = getattr(constants, _PIECE, None)
    if usual is None:  # old versions have their own number in the function
        yield
        return
    setattr(constants, _PIECE, min(usual, _PIECE_BYTES))
    try:
        yield
    finally:
        setattr(constants, _PIECE, usual)


def _check(file: HubFile, part: Path) -> None:
    """Raise ModelError, and forget the part, when its bytes aren't those the hub tells of."""
    if not file.sha256:
        return
    digest = hashlib.sha256()
    with part.open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    if digest.hexdigest() != file.sha256:
        part.unlink()
        raise ModelError(
            f"Fetching {file.name} of {file.model} gave other bytes than the Hugging Face Hub tells of (its"
            " checksum is wrong), and they were thrown away. Try again."
        )
