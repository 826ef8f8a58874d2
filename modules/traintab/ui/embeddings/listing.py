"""What lies in the embeddings folder, as the tab shows it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import EmbeddingFileError
from ...model_slot import ModelState
from ...studio import Studio

if TYPE_CHECKING:
    from ...embeddings.embedding import Embedding

__all__ = [
    "NAME_TAKEN",
    "OTHER_MODEL",
    "READY",
    "ListedEmbedding",
    "Listing",
    "RefusedFile",
    "listing",
    "shown",
]

READY, OTHER_MODEL, NAME_TAKEN = "ready", "other model", "name taken"


@dataclass(frozen=True, kw_only=True)
class ListedEmbedding:
    """A sound file; `label` names it on the page and no other one.

    `use` is one of READY, OTHER_MODEL and NAME_TAKEN; `reason` is the sentence to the last two. Of a
    pair each has the label of the other: `negative` that of `<name>-neg`, which is for the negative prompt,
    `positive` that of `<name>`.
    """

    label: str
    embedding: Embedding
    path: Path
    format: str = ""
    use: str = READY
    reason: str = ""
    negative: str = ""
    positive: str = ""


@dataclass(frozen=True, kw_only=True)
class RefusedFile:
    """A file that can't be used and why; `place` is where it lies below the folder, as the page shows it."""

    place: str
    path: Path
    reason: str


@dataclass(frozen=True, kw_only=True)
class Listing:
    """The sound files by label, each negative one right behind its positive one, and the others."""

    embeddings: Mapping[str, ListedEmbedding]
    refused: tuple[RefusedFile, ...]

    def __getitem__(self, label: str | None) -> ListedEmbedding:
        """The file of this label; raises EmbeddingFileError when none is chosen or it is gone."""
        if not label:
            raise EmbeddingFileError("No embedding is chosen; click one in the table first.")
        if label not in self.embeddings:
            raise EmbeddingFileError(f"{label} isn't in the embeddings folder any more; choose another one.")
        return self.embeddings[label]

    def refused_paths(self, places: Sequence[str]) -> list[Path]:
        """The refused files at these places; raises EmbeddingFileError for none and for one that is gone."""
        if not places:
            raise EmbeddingFileError("No file is chosen; choose those to be deleted first.")
        paths = {file.place: file.path for file in self.refused}
        for place in places:
            if place not in paths:
                raise EmbeddingFileError(f"{place} isn't among the refused files any more; choose again.")
        return [paths[place] for place in places]

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
            place = _place(skipped.path, library.folder)
            refused.append(RefusedFile(place=place, path=skipped.path, reason=reason))
            continue
        fits = widths is None or skipped.embedding.fits(widths)
        use = NAME_TAKEN if fits else OTHER_MODEL
        found.append(_listed(skipped.embedding, library.folder, use=use, reason=skipped.reason))
    return Listing(embeddings=_paired(_labelled(found, library.folder)), refused=tuple(refused))


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


def _paired(items: Mapping[str, ListedEmbedding]) -> dict[str, ListedEmbedding]:
    """`items` with those of a pair together. Only where a name goes on with a dash is the disk asked."""
    from ...embeddings.formats import negative_sibling

    stems = {label: str(item.path).removesuffix(item.path.suffix) for label, item in items.items()}
    longer = {stem.rpartition("-")[0] for stem in stems.values()}
    by_path = {item.path: label for label, item in items.items()}
    siblings = {label: negative_sibling(items[label].path) for label, stem in stems.items() if stem in longer}
    negatives = {label: by_path[path] for label, path in siblings.items() if path in by_path}
    paired: dict[str, ListedEmbedding] = {}
    for label in (label for label in items if label not in negatives.values()):
        negative = negatives.get(label, "")
        paired[label] = replace(items[label], negative=negative)
        if negative:
            paired[negative] = replace(items[negative], positive=label)
    return paired


def shown(text: str) -> str:
    """Text of a file or its name with what can't be seen written as a code, so that nothing hides in it."""
    return "".join(character if character.isprintable() else f"\\u{ord(character):04x}" for character in text)


def _place(path: Path, folder: Path) -> str:
    """Where a file lies below the folder."""
    return shown(path.relative_to(folder).as_posix() if path.is_relative_to(folder) else str(path))
