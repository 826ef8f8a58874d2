"""What a disk may hold after the power failed in the middle of a recording.

The rules are those of POSIX, which promise less than any one file system keeps:

- What was written to a file and not flushed since may be there, missing, cut off anywhere, or zeros.
- A name that was given, changed or taken away, and whose folder wasn't flushed since, may be so or as before,
  each name independently of the others: renames may reach the disk in any order, and before what was written
  to the file. A rename itself is there as a whole or not at all.
- What was flushed is there.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from .recorded_disk import Flush, FlushFolder, Made, Op, Promise, Removed, Renamed, Written

__all__ = ["Disk", "Tree", "crash_states", "replayed"]

Tree = dict[str, bytes | None]
"""Paths with the content of files, and None for folders."""

_FOLDER = -1
_SECTOR = 512
_NOBODYS = ".tmp"  # what stands in a file that hasn't got its name yet is read by nobody
_MOST_NAMES = 10  # 2 ** 10 subsets; more names at once than that would say that nothing is ever flushed


@dataclass
class _File:
    """What surely lies on the disk, and what was written since: each content as a whole."""

    flushed: bytes
    since: list[bytes] = field(default_factory=list)

    @property
    def now(self) -> bytes:
        return self.since[-1] if self.since else self.flushed


class Disk:
    """The state of the disk while a recording is played: what is sure, and what may be."""

    def __init__(self, before: Mapping[str, bytes | None]) -> None:
        paths = [path for path, content in before.items() if content is not None]
        self._files = {number: _File(before[path] or b"") for number, path in enumerate(paths)}
        self._names = {path: number for number, path in enumerate(paths)}
        self._names |= {path: _FOLDER for path, content in before.items() if content is None}
        self._flushed_names = dict(self._names)
        self._pending: list[tuple[str, dict[str, int | None]]] = []  # folder, changes of names in it

    def play(self, op: Op) -> None:
        """Let one thing happen."""
        match op:
            case Made(path, file):
                number = _FOLDER if file is None else file
                if file is not None:
                    self._files[file] = _File(b"")
                self._change({path: number})
            case Written(file, content):
                self._files[file].since.append(content)
            case Renamed(path, to):
                self._change({path: None, to: self._names[path]})
            case Removed(path):
                self._change({path: None})
            case Flush(file):
                self._files[file] = _File(self._files[file].now)
            case FlushFolder(path):
                self._flush_folder(path)
            case Promise():
                pass

    def _change(self, names: dict[str, int | None]) -> None:
        folder = _folder_of(next(iter(names)))
        self._pending.append((folder, names))
        _apply(self._names, names)

    def _flush_folder(self, folder: str) -> None:
        for other, names in self._pending:
            if other == folder:
                _apply(self._flushed_names, names)
        self._pending = [change for change in self._pending if change[0] != folder]

    def now(self) -> Tree:
        """What a program sees that goes on without a power failure."""
        return self._tree(self._names, {})

    def after_power_failure(self, *, thorough: bool) -> Iterator[Tree]:
        """Everything that may be left; `thorough` combines all torn files, and tears them everywhere."""
        changes = [names for _, names in self._pending]
        if len(changes) > _MOST_NAMES:
            raise AssertionError(f"{len(changes)} names are unsure at once: {changes}")
        for chosen in _subsets(changes):
            names = dict(self._flushed_names)
            for change in chosen:
                _apply(names, change)
            names = _reachable(names)
            unsure = {
                number
                for path, number in names.items()
                if number != _FOLDER and self._files[number].since and not path.endswith(_NOBODYS)
            }
            options = {number: list(_torn(self._files[number], thorough)) for number in sorted(unsure)}
            for contents in _combined(options, thorough):
                yield self._tree(names, contents)

    def _tree(self, names: Mapping[str, int], contents: Mapping[int, bytes]) -> Tree:
        def content(number: int) -> bytes | None:
            return None if number == _FOLDER else contents.get(number, self._files[number].now)

        return {path: content(number) for path, number in names.items()}


def crash_states(
    before: Mapping[str, bytes | None], ops: Sequence[Op], *, first: int = 0, thorough: bool = False
) -> Iterator[tuple[int, Tree]]:
    """All that may be left by a power failure after each number of ops, from `first` on; each tree once."""
    disk, seen = Disk(before), set()
    for number, op in enumerate([None, *ops]):
        if op is not None:
            disk.play(op)
        # Between two promises of the same ops nothing new can happen, but more is owed.
        if number < first:
            continue
        if isinstance(op, Promise):
            seen.clear()
        for tree in disk.after_power_failure(thorough=thorough):
            key = hash(frozenset(tree.items()))
            if key not in seen:
                seen.add(key)
                yield number, tree


def replayed(before: Mapping[str, bytes | None], ops: Sequence[Op]) -> Tree:
    """What lies there at the end when nothing fails."""
    disk = Disk(before)
    for op in ops:
        disk.play(op)
    return disk.now()


def _torn(file: _File, thorough: bool) -> Iterator[bytes]:
    """What a file with unflushed writes may hold; the newest content comes first."""
    yield file.now
    yield file.flushed
    yield from file.since[-3:-1]
    whole, kept = file.now, len(file.flushed) if file.now.startswith(file.flushed) else 0
    yield whole[:kept] + bytes(len(whole) - kept)
    length = len(whole) - kept
    cuts = range(0, length, 64) if thorough else (length // 2,)
    yield from (whole[: kept + cut] for cut in (*cuts, length - 1))
    sectors = (
        range(kept // _SECTOR * _SECTOR, len(whole), _SECTOR) if thorough else (kept // _SECTOR * _SECTOR,)
    )
    for start in sectors:
        begin, end = max(start, kept), min(start + _SECTOR, len(whole))
        yield whole[:begin] + bytes(end - begin) + whole[end:]


def _combined(options: Mapping[int, list[bytes]], thorough: bool) -> Iterator[dict[int, bytes]]:
    """Contents for the unsure files: one torn at a time with the others written or not, or all together."""
    if thorough and len(options) < 3:
        yield from (dict(zip(options, each, strict=True)) for each in itertools.product(*options.values()))
        return
    yield {}
    for others in (0, 1):
        rest = {number: contents[others] for number, contents in options.items()}
        yield rest
        yield from ({**rest, number: each} for number, contents in options.items() for each in contents)


def _subsets(changes: Sequence[dict[str, int | None]]) -> Iterator[tuple[dict[str, int | None], ...]]:
    for count in range(len(changes) + 1):
        yield from itertools.combinations(changes, count)


def _apply(names: dict[str, int], changes: Mapping[str, int | None]) -> None:
    for path, number in changes.items():
        if number is None:
            names.pop(path, None)
        else:
            names[path] = number


def _reachable(names: Mapping[str, int]) -> dict[str, int]:
    """Without what lies in folders that have no name themselves."""
    kept: dict[str, int] = {}
    for path in sorted(names, key=lambda path: path.count("/")):
        folder = _folder_of(path)
        if not folder or kept.get(folder) == _FOLDER:
            kept[path] = names[path]
    return kept


def _folder_of(path: str) -> str:
    return path.rpartition("/")[0]
