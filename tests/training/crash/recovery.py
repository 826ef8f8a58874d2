"""What has to be true of a disk after a crash, whatever it holds."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from traintab.embeddings.formats import read_embedding
from traintab.paths import Paths
from traintab.training.run_folder import runs_of
from traintab.training.state_files import read_newest_state
from traintab.training.unfinished import find_unfinished, read_run_config

from .crash_states import Tree, crash_states
from .recorded_disk import Made, Op, Promise, Removed, Renamed, Written

__all__ = [
    "Layout",
    "Owed",
    "Recovered",
    "first_violation",
    "is_torn_table",
    "recovered",
    "violations",
]


class Owed:
    """What the ops up to some point promise: which files must be there, and what may stand in them."""

    def __init__(self, before: Mapping[str, bytes | None]) -> None:
        self.promised: dict[str, list[bytes | None]] = {}
        self.contents: dict[str, set[bytes | None]] = {path: {content} for path, content in before.items()}
        self._names: dict[str, int] = {}
        self._now: dict[int, bytes] = {}
        files = [path for path, content in before.items() if content is not None]
        for number, path in enumerate(files):
            self._names[path], self._now[number] = number, before[path] or b""

    def add(self, op: Op) -> None:
        """Take note of what happens next."""
        match op:
            case Made(path, file) if file is not None:
                self._names[path], self._now[file] = file, b""
            case Written(file, content):
                self._now[file] = content
            case Renamed(path, to):
                self._names[to] = self._names.pop(path)
                self._becomes(to, self._now[self._names[to]])
            case Removed(path):
                self._becomes(path, None)
            case Promise(path, content):
                self.promised[path] = [content]
                if "/state-" in path:
                    self._promise_tables(path.partition("/state/")[0])

    def _promise_tables(self, run: str) -> None:
        """Whoever goes on from a state has the rows of the steps before it."""
        for path, file in self._names.items():
            if path.endswith(".csv") and path.rpartition("/")[0] == run:
                self.promised[path] = [self._now[file]]

    def _becomes(self, path: str, content: bytes | None) -> None:
        """From here on the file may be so; before the next promise, it may be as before too."""
        self.contents.setdefault(path, {None}).add(content)
        if path in self.promised:
            self.promised[path].append(content)

    def broken_by(self, tree: Tree) -> list[str]:
        """The promises that a disk doesn't keep. A table may have grown since; it must begin as promised."""
        lost = [path for path, allowed in self.promised.items() if not _is_one(path, tree.get(path), allowed)]
        files = [path for path, content in tree.items() if content is not None and path in self.contents]
        torn = [path for path in files if not _is_one(path, tree[path], self.contents[path])]
        return [f"{path} is lost" for path in lost] + [f"{path} is torn" for path in torn]


def _is_one(path: str, content: bytes | None, allowed: Collection[bytes | None]) -> bool:
    """Whether a file holds one of these contents; a table may have grown since, and its growth be torn."""
    if content in allowed or content is None or not path.endswith(".csv"):
        return content in allowed
    return content.startswith(tuple(each for each in allowed if each))


def violations(
    before: Mapping[str, bytes | None], ops: Sequence[Op], *, first: int = 0, thorough: bool = False
) -> Iterator[tuple[int, Tree, list[str]]]:
    """Every disk that a power failure may leave, after how many ops, and the promises that it breaks."""
    owed, done = Owed(before), 0
    for number, tree in crash_states(before, ops, first=first, thorough=thorough):
        for op in ops[done:number]:
            owed.add(op)
        done = number
        yield number, tree, owed.broken_by(tree)


def first_violation(before: Mapping[str, bytes | None], ops: Sequence[Op], first: int = 0) -> str:
    """The first promise that some power failure breaks; nothing when none does."""
    found = (broken[0] for _, _, broken in violations(before, ops, first=first) if broken)
    return next(found, "")


@dataclass(frozen=True)
class Recovered:
    """What the program finds when it is started again. Steps are None where there is nothing."""

    is_unfinished: bool
    is_finished: bool
    state_step: int | None
    embedding_step: int | None
    torn_table: bool = False


def recovered(paths: Paths, name: str) -> Recovered:
    """Look as the next start does; raises whatever that raises. It doesn't look at tables."""
    run = find_unfinished(name, paths)
    if run is not None:
        read_run_config(run)
    return Recovered(
        is_unfinished=run is not None,
        is_finished=any(not each.is_unfinished for each in runs_of(name, paths.log_dir)),
        state_step=read_newest_state(run)[0]["step"] if run is not None else None,
        embedding_step=read_embedding(paths.embeddings_dir / f"{name}.pt").step,
    )


def is_torn_table(file: tuple[str, bytes | None]) -> bool:
    """Whether this path and content are a table whose rows aren't all whole."""
    path, content = file
    return path.endswith(".csv") and content is not None and (content[-1:] != b"\n" or b"\0" in content)


class Layout:
    """A folder that is made to hold one tree after another; what lies directly in it may be left alone."""

    def __init__(self, root: Path, ignoring: Collection[str]) -> None:
        self._root = root
        self._ignoring = ignoring
        self._now: Tree | None = None

    def put(self, tree: Tree) -> None:
        """Make the folder hold exactly this. Only what differs from the last tree is written."""
        now = self._wiped() if self._now is None else self._now
        for name in sorted(now.keys() - tree.keys(), reverse=True):
            path = self._root / name
            path.rmdir() if now[name] is None else path.unlink()
        for name in sorted(tree):
            content, path = tree[name], self._root / name
            if content is None and name not in now:
                path.mkdir()
            elif content is not None and now.get(name) != content:
                path.write_bytes(content)
        self._now = dict(tree)

    def disturbed(self) -> None:
        """Somebody else writes here now."""
        self._now = None

    def _wiped(self) -> Tree:
        for path in self._root.iterdir():
            if path.name not in self._ignoring:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        return {}
