"""The embeddings folder: what lies in it, what of it a model can use, and why the rest is skipped."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import EmbeddingFileError
from .embedding import Embedding, SkippedEmbedding
from .folder_scan import Stamp, scan_folder
from .formats import SUFFIXES, EmbeddingFile, OrdinaryPictureError, read_embedding_file

__all__ = ["EmbeddingLibrary"]


@dataclass(frozen=True)
class _Entry:
    """What a file held when it had this stamp: an embedding, a reason to skip it, or (a picture) neither."""

    stamp: Stamp
    file: EmbeddingFile | None = None
    reason: str = ""


@dataclass(frozen=True)
class _State:
    """One look at the folder; replaced whole, so that readers never wait for a scan."""

    entries: Mapping[Path, _Entry] = field(default_factory=dict)
    unreadable: Mapping[Path, str] = field(default_factory=dict)
    files: tuple[EmbeddingFile, ...] = ()


class EmbeddingLibrary:
    """All embeddings below `folder`, by name; to be used from any thread.

    Nothing is read before the first `refresh()`. A name belongs to one file: the one nearest to the top
    folder, then `.pt` before other kinds, then the first by path. Names that differ in case alone are the
    same name, as prompts don't tell them apart.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._refreshing = threading.Lock()
        self._state = _State()

    def refresh(self) -> bool:
        """Look for new, changed and removed files; True when there were any.

        Only changed files are read: at rest this costs a `stat` for each file. One bad file never stops
        the others. A second thread waits for the first and then looks itself.
        """
        with self._refreshing:
            old = self._state
            scan = scan_folder(self.folder)
            entries = {
                path: entry
                if (entry := old.entries.get(path)) and entry.stamp == stamp
                else _read(path, stamp)
                for path, stamp in scan.stamps.items()
            }
            is_same = len(entries) == len(old.entries) and all(
                old.entries.get(path) is entry for path, entry in entries.items()
            )
            if is_same and scan.unreadable == old.unreadable:
                return False
            found = [entry.file for entry in entries.values() if entry.file is not None]
            self._state = _State(entries, scan.unreadable, tuple(sorted(found, key=self._precedence)))
            return True

    def embeddings(self, widths: Mapping[str, int] | None = None) -> dict[str, Embedding]:
        """Name to embedding, sorted without regard to case.

        With the `widths` of a model's text encoders only those that fit it.
        """
        return {name: file.embedding for name, file in self.files(widths).items()}

    def files(self, widths: Mapping[str, int] | None = None) -> dict[str, EmbeddingFile]:
        """As `embeddings`, with the format each was found in."""
        owners = _owners(self._state.files, widths)
        named = {file.embedding.name: file for file in owners.values()}
        return dict(sorted(named.items(), key=lambda item: (item[0].casefold(), item[0])))

    def skipped(self, widths: Mapping[str, int] | None = None) -> list[SkippedEmbedding]:
        """The files that can't be used, by path, each with a sentence that says why.

        With `widths` also the embeddings of other models. Pictures without an embedding aren't listed.
        """
        state = self._state
        skipped = [
            SkippedEmbedding(path=path, reason=entry.reason)
            for path, entry in state.entries.items()
            if entry.reason
        ]
        skipped += [SkippedEmbedding(path=path, reason=reason) for path, reason in state.unreadable.items()]
        owners = _owners(state.files, widths)
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
        file = _owners(self._state.files, widths).get(name.strip().casefold())
        return file.embedding if file else None

    def path_of(self, name: str) -> Path:
        """The file of the embedding of this name; where a new one would be written when there is none."""
        embedding = self.find(name)
        if embedding is not None and embedding.source is not None:
            return embedding.source
        return self.folder / f"{name}.pt"

    def holds(self, path: Path) -> bool:
        """Whether the last look found a file at `path`, usable or not, that isn't an ordinary picture."""
        state = self._state
        entry = state.entries.get(path)
        return path in state.unreadable or (entry is not None and not self.is_ordinary_picture(path))

    def is_ordinary_picture(self, path: Path) -> bool:
        """Whether the last look found a picture without an embedding at `path`."""
        entry = self._state.entries.get(path)
        return entry is not None and entry.file is None and not entry.reason

    def _precedence(self, file: EmbeddingFile) -> tuple[int, int, str]:
        path = file.embedding.source or self.folder
        return len(path.parts), SUFFIXES.index(path.suffix.lower()), str(path)

    def _reason(
        self, embedding: Embedding, owner: EmbeddingFile | None, widths: Mapping[str, int] | None
    ) -> str:
        if widths is not None and not embedding.fits(widths):
            theirs, ours = _spoken(embedding.widths), _spoken(widths)
            return f"It is of another model: it has {theirs}, this model takes {ours}."
        path = owner.embedding.source if owner else None
        shown = (
            str(path.relative_to(self.folder) if path else "another file").encode("utf-8", "replace").decode()
        )
        return f"The name {embedding.name!r} already belongs to {shown}; rename or remove one of them."


def _owners(files: Iterable[EmbeddingFile], widths: Mapping[str, int] | None) -> dict[str, EmbeddingFile]:
    """Casefolded name to the first file, in order of precedence, that fits."""
    owners: dict[str, EmbeddingFile] = {}
    for file in files:
        if widths is None or file.embedding.fits(widths):
            owners.setdefault(file.embedding.name.casefold(), file)
    return owners


def _read(path: Path, stamp: Stamp) -> _Entry:
    try:
        return _Entry(stamp, file=read_embedding_file(path))
    except OrdinaryPictureError:
        return _Entry(stamp)
    except EmbeddingFileError as error:
        return _Entry(stamp, reason=str(error))


def _spoken(widths: Mapping[str, int]) -> str:
    return " and ".join(f"{width} numbers a vector for {encoder}" for encoder, width in widths.items())
