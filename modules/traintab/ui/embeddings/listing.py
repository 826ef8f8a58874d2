"""What lies in the embeddings folder, as the tab shows it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import EmbeddingFileError
from ...model_slot import ModelState
from ...studio import Studio

if TYPE_CHECKING:
    from ...embeddings.embedding import Embedding

__all__ = ["NAME_TAKEN", "OTHER_MODEL", "READY", "ListedEmbedding", "Listing", "listing", "shown"]

READY, OTHER_MODEL, NAME_TAKEN = "ready", "other model", "name taken"


@dataclass(frozen=True, kw_only=True)
class ListedEmbedding:
    """A sound file; `label` names it on the page and no other one.

    `use` is one of READY, OTHER_MODEL and NAME_TAKEN; `reason` is the sentence to the last two.
    """

    label: str
    embedding: Embedding
    path: Path
    format: str = ""
    use: str = READY
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Listing:
    """The sound files by label, and (path, reason) of the others."""

    embeddings: Mapping[str, ListedEmbedding]
    refused: tuple[tuple[str, str], ...]

    def __getitem__(self, label: str | None) -> ListedEmbedding:
        """The file of this label; raises EmbeddingFileError when none is chosen or it is gone."""
        if not label:
            raise EmbeddingFileError("No embedding is chosen; click one in the table first.")
        if label not in self.embeddings:
            raise EmbeddingFileError(f"{label} isn't in the embeddings folder any more; choose another one.")
        return self.embeddings[label]

    @property
    def fingerprint(self) -> int:
        """The same number as long as nothing changed: a file that was read again is another object."""
        items = tuple((item.label, id(item.embedding), item.reason) for item in self.embeddings.values())
        return hash((items, self.refused))


def listing(studio: Studio) -> Listing:
    """Look at the folder; judged against the selected model once that is loaded."""
    library = studio.library
    library.refresh()
    ready = studio.model_status.state is ModelState.READY
    widths = studio.model.widths if ready else None
    found = [
        _listed(file.embedding, library.folder, format=file.format.value)
        for file in library.files(widths).values()
    ]
    refused = []
    for skipped in library.skipped(widths):
        if skipped.embedding is None:
            reason = skipped.reason.replace(shown(str(skipped.path)), skipped.path.name)
            refused.append((_place(skipped.path, library.folder), reason))
            continue
        fits = widths is None or skipped.embedding.fits(widths)
        use = NAME_TAKEN if fits else OTHER_MODEL
        found.append(_listed(skipped.embedding, library.folder, use=use, reason=skipped.reason))
    return Listing(embeddings=_labelled(found, library.folder), refused=tuple(refused))


def _listed(embedding: Embedding, folder: Path, **facts: str) -> ListedEmbedding:
    path = embedding.source or folder
    return ListedEmbedding(label=shown(embedding.name), embedding=embedding, path=path, **facts)


def _labelled(found: list[ListedEmbedding], folder: Path) -> dict[str, ListedEmbedding]:
    """By label, sorted; a label that several would have gets the file's place added."""
    times = Counter(item.label for item in found)
    unique = [
        item if times[item.label] == 1 else replace(item, label=f"{item.label} ({_place(item.path, folder)})")
        for item in found
    ]
    unique.sort(key=lambda item: (item.label.casefold(), item.label))
    return {item.label: item for item in unique}


def shown(text: str) -> str:
    """Text of a file or its name with what can't be seen written as a code, so that nothing hides in it."""
    return "".join(character if character.isprintable() else f"\\u{ord(character):04x}" for character in text)


def _place(path: Path, folder: Path) -> str:
    """Where a file lies below the folder."""
    return shown(path.relative_to(folder).as_posix() if path.is_relative_to(folder) else str(path))
