"""Files of a model from the Hugging Face Hub, into a folder of the user's.

For models that aren't a Stable Diffusion: captioners, taggers. The folder can be copied to another machine,
and one that the user filled by hand does as well. What is half fetched goes on where it was.
"""

from __future__ import annotations

import inspect
import os
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from ..errors import ModelError
from .fetch_problems import FetchInterrupted, fetch_problem
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
) -> Path:
    """The folder with `files` of `model`, a folder or a hub id; what is missing is fetched to `models_dir`.

    A model that is there is never looked up. `report` takes sentences of progress, `interrupted` is asked
    some times a second. Raises ModelError when the model can't be had (with the folder its files can be put
    into by hand), StorageError when they can't be written, FetchInterrupted when the user asked to stop.
    """
    check_model_files(model, files, models_dir)
    here = folder_here(model)
    if here is not None:
        return here
    folder = folder_for(model, models_dir)
    if files.missing_from(folder):
        _Fetch(model=model, files=files, folder=folder, report=report, interrupted=interrupted).run()
    return folder


@dataclass
class _Fetch:
    """One model on its way. Files come one by one in a second thread; this one tells and asks."""

    model: str
    files: ModelFiles
    folder: Path
    report: Callable[[str], None]
    interrupted: Callable[[], bool]
    stopping: threading.Event = field(default_factory=threading.Event)
    told: str = ""
    bars: list[int] = field(default_factory=list)  # bytes so far, for each bar that the library opened

    def run(self) -> None:
        from huggingface_hub import HfApi

        self.say(f"Looking up {self.model} on the Hugging Face Hub.")
        api = HfApi(endpoint=os.environ.get(_ENDPOINT) or None)
        found = self.awaited(
            lambda: api.model_info(self.model, files_metadata=True, timeout=_ANSWER_SECONDS), tell=None
        )
        sizes = {file.rfilename: int(file.size or 0) for file in found.siblings or ()}
        missing = self.files.missing_among(name for name in sizes if "/" not in name)
        if missing:
            raise ModelError(
                f"{self.files.setting}: {self.model} has no {' and no '.join(missing)}, so it is no model of"
                " this kind. Choose another."
            )
        # Weights come last: a folder that has them lacks nothing.
        for name in self.files.chosen(sizes):
            self.fetch(name, sizes[name], str(found.sha))

    def fetch(self, name: str, size: int, revision: str) -> None:
        """One file; the library resumes what it began, and takes a whole one as it is."""
        from huggingface_hub import hf_hub_download

        self.bars = []
        options: dict[str, Any] = {"revision": revision, "local_dir": self.folder}
        if os.environ.get(_ENDPOINT):
            options["endpoint"] = os.environ[_ENDPOINT]
        if "tqdm_class" in inspect.signature(hf_hub_download).parameters:
            options["tqdm_class"] = self.bar_class()
        self.awaited(
            lambda: hf_hub_download(self.model, name, **options),
            tell=lambda: self.say(f"Fetching {name} of {self.model}: {self.amount(size)} MB."),
        )

    def amount(self, size: int) -> str:
        """`120 of 379`, in millions of bytes, or the size alone where the library doesn't tell more."""
        total = f"{size / _MEGABYTE:.{0 if size >= _MEGABYTE else 3}f}"
        # Two bars of the same bytes where they are transferred and put together apart.
        return f"{min(max(self.bars), size) // _MEGABYTE} of {total}" if self.bars else total

    def awaited(self, work: Callable[[], _Answer], tell: Callable[[], None] | None) -> _Answer:
        """What `work` gives, done in a second thread so that even a dead network can be left at once."""
        executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="fetch")
        future = executor.submit(work)
        executor.shutdown(wait=False)
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

    def bar_class(self) -> type[Any]:
        """What the library takes for a progress bar: counts bytes, and stops the transfer by an exception."""
        fetch = self

        class Bar:
            """The little of tqdm that is used."""

            def __init__(
                self, *_args: Any, total: int | None = None, initial: int = 0, **_options: Any
            ) -> None:
                self.total, self.n, self.place = total, 0, len(fetch.bars)
                fetch.bars.append(0)
                self.update(initial)

            def update(self, count: float | None = 1) -> None:
                if fetch.stopping.is_set():
                    raise FetchInterrupted
                self.n += int(count or 0)
                fetch.bars[self.place] = self.n

            def __enter__(self) -> Any:
                return self

            def __exit__(self, *_problem: object) -> None:
                self.close()

            def close(self) -> None:
                """Nothing is shown."""

            def refresh(self, *_args: Any, **_options: Any) -> None:
                """Nothing is shown."""

            def set_postfix_str(self, *_args: Any, **_options: Any) -> None:
                """Nothing is shown."""

        return Bar
