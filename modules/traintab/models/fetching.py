"""Files of a model from the Hugging Face Hub, into a folder of the user's.

For models that aren't a Stable Diffusion: captioners, taggers. The folder can be copied to another machine,
and one that the user filled by hand does as well. A file that is half fetched goes on where it was.
"""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from ..errors import ModelError, StorageError
from ..file_lock import FileLock
from .fetch_problems import FetchInterrupted, fetch_problem
from .file_transfer import HubFile, clear_parts, lock_in, transfer
from .model_files import ModelFiles, check_model_files, folder_for, folder_here

__all__ = ["FetchInterrupted", "fetch_model"]

_ENDPOINT = "HF_ENDPOINT"
_ASK_SECONDS = 0.2
_LEAVE_SECONDS = 3.0
_ANSWER_SECONDS = 20.0
_MEGABYTE = 1_000_000

_Answer = TypeVar("_Answer")


def fetch_model(
    model: str,
    files: ModelFiles,
    models_dir: Path,
    *,
    report: Callable[[str], None],
    interrupted: Callable[[], bool],
    check: Callable[[Path], None] | None = None,
) -> Path:
    """The folder with `files` of `model`, a folder or a hub id; what is missing is fetched to `models_dir`.

    A model that is there is never looked up. `report` takes sentences of progress, `interrupted` is asked
    some times a second. `check` is called with the folder when all but the weights is there, and raises what
    speaks against fetching them. Raises ModelError when the model can't be had (with the folder its files
    can be put into by hand), StorageError when they can't be written, FetchInterrupted when the user asked
    to stop.
    """
    check_model_files(model, files, models_dir)
    here = folder_here(model)
    if here is not None:
        return here
    folder = folder_for(model, models_dir)
    if files.missing_from(folder):
        fetch = _Fetch(model=model, files=files, folder=folder, report=report, interrupted=interrupted)
        fetch.run(check or _accept)
    return folder


@dataclass
class _Fetch:
    """One model on its way. The network's work is done in a second thread; this one tells and asks."""

    model: str
    files: ModelFiles
    folder: Path
    report: Callable[[str], None]
    interrupted: Callable[[], bool]
    stopping: threading.Event = field(default_factory=threading.Event)
    told: str = ""

    def run(self, check: Callable[[Path], None]) -> None:
        """Fetch what is missing, as the only one: two runs would write into the same half files."""
        lock = FileLock(lock_in(self.folder))
        while not lock.acquire():
            self.say(f"{self.model} is being fetched by {lock.holder()}; waiting for it.")
            if self.interrupted():
                raise FetchInterrupted
            time.sleep(_ASK_SECONDS)
        try:
            if self.files.missing_from(self.folder):
                self.fetch_all(check)
        finally:
            lock.release()

    def fetch_all(self, check: Callable[[Path], None]) -> None:
        from huggingface_hub import HfApi

        self.say(f"Looking up {self.model} on the Hugging Face Hub.")
        api = HfApi(endpoint=os.environ.get(_ENDPOINT) or None)
        found = self.awaited(
            lambda: api.model_info(self.model, files_metadata=True, timeout=_ANSWER_SECONDS), tell=None
        )
        listed = {file.rfilename: file for file in found.siblings or ()}
        missing = self.files.missing_among(name for name in listed if "/" not in name)
        if missing:
            raise ModelError(
                f"{self.files.setting}: {self.model} has no {' and no '.join(missing)}, so it is no model of"
                " this kind. Choose another."
            )
        wanted = [self.hub_file(name, listed[name], str(found.sha)) for name in self.files.chosen(listed)]
        self.refuse_without_room(sum(file.left_in(self.folder) for file in wanted))
        heavy = self.files.chosen_weights(file.name for file in wanted)
        for file in wanted:  # weights come last: a folder that has them lacks nothing
            if heavy and file.name == heavy[0]:
                check(self.folder)
            self.fetch(file)
        clear_parts(self.folder)

    def hub_file(self, name: str, listed: Any, revision: str) -> HubFile:
        """What the hub tells of a file; a checksum of large ones only.

        Raises ModelError when it tells no size: then nobody knew whether the file is whole.
        """
        if listed.size is None:
            raise ModelError(
                f"Fetching {self.model} failed: the server doesn't tell how large {name} is. Take another"
                f" server by {_ENDPOINT}, or put the model's files into {self.folder}."
            )
        checksum = (listed.lfs or {}).get("sha256", "")
        return HubFile(
            model=self.model, name=name, size=int(listed.size), revision=revision, sha256=str(checksum)
        )

    def refuse_without_room(self, wanted: int) -> None:
        """Raise StorageError when the disk has less than `wanted` bytes: known now, not after an hour."""
        there = next(folder for folder in (self.folder, *self.folder.parents) if folder.is_dir())
        free = shutil.disk_usage(there).free
        if wanted > free:
            raise StorageError(
                f"Fetching {self.model} takes {wanted / _MEGABYTE:.0f} MB, and {free / _MEGABYTE:.0f} MB are"
                f" free where {self.folder} lies. Make room, or choose a smaller model."
            )

    def fetch(self, file: HubFile) -> None:
        """One file, unless it is there whole."""
        if not file.left_in(self.folder):
            return
        part = file.part_in(self.folder)
        self.awaited(
            lambda: transfer(file, self.folder, os.environ.get(_ENDPOINT) or None, self.stopping),
            tell=lambda: self.say(f"Fetching {file.name} of {self.model}: {_amount(part, file.size)} MB."),
        )

    def awaited(self, work: Callable[[], _Answer], tell: Callable[[], None] | None) -> _Answer:
        """What `work` gives, done in a second thread so that even a dead network can be left soon."""
        future = _begun(work)
        while not wait([future], timeout=_ASK_SECONDS).done:
            if tell is not None:
                tell()
            if self.interrupted():
                self.leave(future)
        problem = future.exception()
        if problem is None:
            return future.result()
        told = fetch_problem(problem, self.model, self.files, self.folder)
        if told is None:
            raise problem
        raise told from problem

    def leave(self, future: Future[Any]) -> None:
        """Stop the second thread at its next bytes and go, at the latest after some seconds."""
        self.stopping.set()
        wait([future], timeout=_LEAVE_SECONDS)
        raise FetchInterrupted

    def say(self, sentence: str) -> None:
        if sentence != self.told:
            self.told = sentence
            self.report(sentence)


def _begun(work: Callable[[], _Answer]) -> Future[_Answer]:
    """`work` in a thread that the program's end doesn't wait for, as a dead network takes a minute."""
    future: Future[_Answer] = Future()

    def keep(_type: object, problem: BaseException | None, _traceback: object) -> bool:
        if problem is not None:
            future.set_exception(problem)
        return True  # it is raised where the future is awaited

    def run() -> None:
        with ExitStack() as kept:
            kept.push(keep)
            future.set_result(work())

    threading.Thread(target=run, name="fetch", daemon=True).start()
    return future


def _accept(_folder: Path) -> None:
    """Nothing speaks against a model."""


def _amount(part: Path, size: int) -> str:
    """`120 of 379`, in millions of bytes."""
    try:
        there = part.stat().st_size
    except OSError:  # not begun, or just put in its place
        there = 0
    return f"{there / _MEGABYTE:.0f} of {size / _MEGABYTE:.{0 if size >= _MEGABYTE else 3}f}"
