"""The embeddings folder: what lies in it, what of it a model can use, and why the rest is skipped."""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import EmbeddingFileError
from .embedding import Embedding, SkippedEmbedding
from .families import model_family, spoken_widths
from .folder_scan import FolderScan, Stamp, scan_folder
from .formats import SUFFIXES, EmbeddingFile, OrdinaryPictureError, read_embedding_file, second_file

__all__ = ["EmbeddingLibrary"]

# A file that changed less than this ago may still be on its way; file systems count in up to 2 seconds.
_SETTLED_NANOSECONDS = 2_000_000_000
_MAY_NOT_BE_WHOLE = "It changed a moment ago and may not be whole yet. So far: "


@dataclass(frozen=True, eq=False)
class _Entry:
    """What a file held when it had this stamp: an embedding, a reason to skip it, or (a picture) neither.

    `is_settled` is false for a bad file that may still be written.
    """

    stamp: Stamp
    file: EmbeddingFile | None = None
    reason: str = ""
    is_settled: bool = True
    precedence: tuple[int, int, str, str] = (0, 0, "", "")

    def tells_the_same_as(self, other: _Entry | None) -> bool:
        """Whether `other` is this entry, or as bad in the same way."""
        if other is None or self.file is not None:
            return self is other
        mine, theirs = ((entry.stamp, entry.file, entry.reason, entry.is_settled) for entry in (self, other))
        return mine == theirs


@dataclass(frozen=True)
class _State:
    """One look at the folder; replaced whole, so that readers never wait for a scan."""

    scan: FolderScan
    entries: Mapping[str, _Entry] = field(default_factory=dict)
    files: tuple[EmbeddingFile, ...] = ()
    owners: dict[tuple[tuple[str, int], ...] | None, dict[str, EmbeddingFile]] = field(default_factory=dict)


class EmbeddingLibrary:
    """All embeddings below `folder`, by name; to be used from any thread.

    Nothing is read before the first `refresh()`. A name belongs to one file: the one nearest to the top
    folder, then `.pt` before other kinds, then the first by path. Names that differ in case alone are the
    same name, as prompts don't tell them apart.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._refreshing = threading.Lock()
        self._state = _State(FolderScan(""))

    def refresh(self) -> bool:
        """Look for new, changed and removed files; True when there were any.

        Only changed files are read: at rest this costs a `stat` for each file. One bad file never stops
        the others; while it may still be on its way it is read again at each look. A second thread waits
        for the first and then looks itself.
        """
        with self._refreshing:
            old, scan = self._state, scan_folder(self.folder)
            unsettled = {path for path, entry in old.entries.items() if not entry.is_settled}
            if not unsettled and scan.stamps == old.scan.stamps and scan.unreadable == old.scan.unreadable:
                return False
            again = unsettled | _with_first_halves(_changed(old.scan, scan), scan.stamps)
            entries = {
                path: _read(path, stamp, self.folder if _is_linked(path, scan) else None)
                if path in again
                else old.entries[path]
                for path, stamp in scan.stamps.items()
            }
            is_same = len(entries) == len(old.entries) and all(
                entry.tells_the_same_as(old.entries.get(path)) for path, entry in entries.items()
            )
            if is_same and scan.unreadable == old.scan.unreadable:
                return False
            self._state = _State(scan, entries, _files(entries))
            return True

    def embeddings(self, widths: Mapping[str, int] | None = None) -> dict[str, Embedding]:
        """Name to embedding, sorted without regard to case.

        With the `widths` of a model's text encoders only those that fit it.
        """
        return {name: file.embedding for name, file in self.files(widths).items()}

    def files(self, widths: Mapping[str, int] | None = None) -> dict[str, EmbeddingFile]:
        """As `embeddings`, with the format each was found in."""
        owners = _owners(self._state, widths)
        named = {file.embedding.name: file for file in owners.values()}
        return dict(sorted(named.items(), key=lambda item: (item[0].casefold(), item[0])))

    def skipped(self, widths: Mapping[str, int] | None = None) -> list[SkippedEmbedding]:
        """The files that can't be used, by path, each with a sentence that says why.

        With `widths` also the embeddings of other models. Pictures without an embedding aren't listed.
        """
        state = self._state
        reasons = {path: _reason_of(entry) for path, entry in state.entries.items() if entry.reason}
        skipped = [
            SkippedEmbedding(path=Path(path), reason=reason)
            for path, reason in (*reasons.items(), *state.scan.unreadable.items())
        ]
        owners = _owners(state, widths)
        for file in state.files:
            embedding = file.embedding
            owner = owners.get(embedding.name.casefold())
            if owner is not file:
                reason = self._reason(embedding, owner, widths)
                skipped.append(
                    SkippedEmbedding(path=embedding.source or self.folder, reason=reason, embedding=embedding)
                )
        return sorted(skipped, key=lambda item: str(item.path))

    def find(self, name: str, widths: Mapping[str, int] | None = None) -> Embedding | None:
        """The embedding of this name, in any case; None when there is none (that fits `widths`)."""
        file = _owners(self._state, widths).get(name.strip().casefold())
        return file.embedding if file else None

    def untrained_name(self, name: str) -> str:
        """The first of name, name-2, name-3 … that is free or not yet trained, as the folder is now."""
        self.refresh()
        candidate, number = name, 1
        while (known := self.find(candidate)) is not None and known.step:
            number += 1
            candidate = f"{name}-{number}"
        return candidate

    def path_of(self, name: str) -> Path:
        """The file of the embedding of this name; where a new one would be written when there is none."""
        embedding = self.find(name)
        if embedding is not None and embedding.source is not None:
            return embedding.source
        return self.folder / f"{name}.pt"

    def holds(self, path: Path) -> bool:
        """Whether the last look found a file at `path`, usable or not, that isn't an ordinary picture."""
        state = self._state
        is_known = str(path) in state.entries or str(path) in state.scan.unreadable
        return is_known and not self.is_ordinary_picture(path)

    def is_ordinary_picture(self, path: Path) -> bool:
        """Whether the last look found a picture without an embedding at `path`."""
        entry = self._state.entries.get(str(path))
        return entry is not None and entry.file is None and not entry.reason

    def _reason(
        self, embedding: Embedding, owner: EmbeddingFile | None, widths: Mapping[str, int] | None
    ) -> str:
        if widths is not None and not embedding.fits(widths):
            return (
                f"It is for another model ({model_family(embedding.widths)}): its vectors have"
                f" {spoken_widths(embedding.widths)} numbers, this model takes {spoken_widths(widths)}."
            )
        path = owner.embedding.source if owner else None
        shown = (
            str(path.relative_to(self.folder) if path else "another file").encode("utf-8", "replace").decode()
        )
        return f"The name {embedding.name!r} already belongs to {shown}; rename or remove one of them."


def _is_linked(path: str, scan: FolderScan) -> bool:
    """Whether reading the file may follow a link: the file itself, or its second half."""
    if not scan.links and not scan.unreadable:  # where links out of the folder are
        return False
    second = second_file(Path(path))
    return path in scan.links or (second is not None and second.is_symlink())


def _read(text: str, stamp: Stamp, within: Path | None) -> _Entry:
    """What the file holds; `within` is the folder that a link must not lead out of, whatever became of it."""
    path = Path(text)
    try:
        file = read_embedding_file(path, within=within)
    except OrdinaryPictureError:
        return _Entry(stamp)
    except EmbeddingFileError as error:
        is_settled = not 0 <= time.time_ns() - stamp[1] < _SETTLED_NANOSECONDS
        return _Entry(stamp, reason=str(error), is_settled=is_settled)
    return _Entry(stamp, file=file, precedence=_precedence(path))


def _changed(old: FolderScan, new: FolderScan) -> set[str]:
    """Paths that are new, gone, or another file now."""
    return {path for path, _ in old.stamps.items() ^ new.stamps.items()}


def _with_first_halves(changed: set[str], paths: Collection[str]) -> set[str]:
    """`changed`, and every file that is read together with one of them."""
    if not any("_2" in path for path in changed):
        return changed
    return changed | {path for path in paths if str(second_file(Path(path))) in changed}


def _files(entries: Mapping[str, _Entry]) -> tuple[EmbeddingFile, ...]:
    """The embeddings in order of precedence, less those that are the second half of another."""
    found = sorted((entry.precedence, path) for path, entry in entries.items() if entry.file is not None)
    files = [file for _, path in found if (file := entries[path].file) is not None]
    halves = {file.second for file in files if file.second is not None}
    return tuple(file for file in files if file.embedding.source not in halves)


def _precedence(path: Path) -> tuple[int, int, str, str]:
    return len(path.parts), SUFFIXES.index(path.suffix.lower()), path.stem, str(path)


def _owners(state: _State, widths: Mapping[str, int] | None) -> dict[str, EmbeddingFile]:
    """Casefolded name to the first file, in order of precedence, that fits; remembered with the look."""
    key = None if widths is None else tuple(sorted(widths.items()))
    if key not in state.owners:
        owners: dict[str, EmbeddingFile] = {}
        for file in state.files:
            if widths is None or file.embedding.fits(widths):
                owners.setdefault(file.embedding.name.casefold(), file)
        state.owners[key] = owners
    return state.owners[key]


def _reason_of(entry: _Entry) -> str:
    return entry.reason if entry.is_settled else _MAY_NOT_BE_WHOLE + entry.reason
