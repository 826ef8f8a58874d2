"""Which file the result of a training is written to."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..embeddings.embedding import Embedding
from ..embeddings.formats import second_file
from ..embeddings.library import EmbeddingLibrary
from ..errors import EmbeddingFileError

__all__ = ["Target", "find_target", "writable_suffixes"]


@dataclass(frozen=True, kw_only=True)
class Target:
    """The file at `path`, and sentences about it for the user."""

    path: Path
    notices: tuple[str, ...] = ()


def writable_suffixes(num_text_encoders: int) -> tuple[str, ...]:
    """The suffixes of files that keep vectors with their step, the usual one first.

    A1111's `.pt` has room for the vectors of one text encoder.
    """
    return (".pt", ".safetensors") if num_text_encoders == 1 else (".safetensors",)


def find_target(
    name: str, known: Embedding | None, library: EmbeddingLibrary, num_text_encoders: int
) -> Target:
    """Where the embedding `name` is to be kept after training.

    Its own file where that can hold a training, else `<name>` with a suffix that can, in the library's
    folder, where it goes before the other. `known` is None when its file is gone; what is broken there may
    be replaced, another embedding never. Raises EmbeddingFileError when there is no place for it.
    """
    suffixes = writable_suffixes(num_text_encoders)
    source = None if known is None else known.source
    if known is not None and source is not None and source.suffix.lower() in suffixes:
        return Target(path=source, notices=(*_step_notice(known, source), *_second_notice(known, source)))
    candidates = [library.folder / f"{name}{suffix}" for suffix in suffixes]
    path = next((candidate for candidate in candidates if not _is_taken(candidate, library)), None)
    if path is None:
        raise EmbeddingFileError(
            f"Training {name!r} needs a file to keep it in, and {' and '.join(map(str, candidates))} hold"
            " another embedding; rename or remove one of them."
        )
    if known is None or source is None:
        return Target(path=path)
    moved = (
        f"{source.name} can't keep a training, so {name} is saved to {path.name}, which is used from then on."
    )
    return Target(path=path, notices=(*_step_notice(known, source), moved))


def _is_taken(path: Path, library: EmbeddingLibrary) -> bool:
    """Whether an embedding lies there that could be lost."""
    skipped = (item.path for item in library.skipped() if item.embedding is not None)
    owners = (embedding.source for embedding in library.embeddings().values())
    return path.exists() and path in (*skipped, *owners)


def _step_notice(known: Embedding, source: Path) -> tuple[str, ...]:
    """A file that doesn't tell its step may have been trained for a thousand of them."""
    if known.step is not None:
        return ()
    return (f"{source.name} doesn't tell how long {known.name} has been trained; its steps count from 0.",)


def _second_notice(known: Embedding, source: Path) -> tuple[str, ...]:
    """diffusers' two files of an SDXL embedding become one."""
    second = second_file(source)
    if len(known.vectors) == 1 or second is None or not second.is_file():
        return ()
    return (
        f"{source.name} will hold the vectors of both text encoders; {second.name} is left as it is and not"
        " needed any more.",
    )
