"""Changing the embeddings folder: new files in, names changed, files out to the trash.

Nothing is ever deleted or replaced: what has to go is moved into a trash folder, and is put back when what
should take its place can't be written. Whoever calls makes sure that the embedding isn't in training.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path

from ..errors import EmbeddingFileError, EmbeddingNameError, NameTakenError, StorageError
from ..files import make_new_folder, move, write_atomically
from .companions import companions_of, second_half
from .embedding import Embedding
from .formats import PICTURE_SUFFIXES, SUFFIXES, read_embedding, second_file
from .formats.file_bytes import read_file
from .formats.inner_name import with_inner_name
from .formats.reading import embedding_file_in
from .formats.refusal import Refusal, naming_file
from .formats.writing import EmbeddingWriter
from .library import EmbeddingLibrary
from .names import MAX_NAME_LENGTH, check_name, typable_name

__all__ = ["accept_upload", "delete_embedding", "rename_embedding", "save_as_new"]


def rename_embedding(library: EmbeddingLibrary, path: Path, new_name: str, *, trash_dir: Path) -> Path:
    """Call the embedding in the file `path` of the library by another name; gives its new path.

    Preview, notes and optimizer state go with it, and the name inside follows where nothing else in the file
    would change. A picture card or one of diffusers' pairs goes to the trash and its vectors into a new file;
    a card also becomes its preview, unless it has one. Raises EmbeddingNameError for a name that is bad or
    taken, EmbeddingFileError for a file that isn't in the library or can't be used, StorageError; then all is
    as it was.
    """
    _check_known(library, path)
    name = check_name(new_name)
    taken = library.find(name)
    if taken is not None and taken.source != path:
        raise _taken(name, taken.source or path)
    if path.suffix.lower() in PICTURE_SUFFIXES or second_half(path, within=library.folder) is not None:
        return _rewritten(library, path, name, trash_dir)
    moves = {old: _renamed(old, path, name) for old in _family(library, path)}
    for old, new in moves.items():
        if os.path.lexists(new) and not (new.exists() and old.samefile(new)):
            raise EmbeddingNameError(
                f"Renaming {path.name} to {name!r}: there is a file {new.name} already. Choose another name."
            )
    renamed = _with_name_inside(path, name)
    with _moved(moves, f"Renaming {path.name} to {name!r}"):
        if renamed is not None:
            write_atomically(moves[path], renamed)
    library.refresh()
    return moves[path]


def delete_embedding(library: EmbeddingLibrary, path: Path, *, trash_dir: Path) -> Path:
    """Move a file of the library, usable or not, to the trash with all that belongs to it.

    Gives the new folder in the trash, called by date and name, where the files lie under their old names.
    Raises EmbeddingFileError for a path that isn't in the library, StorageError.
    """
    _check_known(library, path)
    with _in_trash(_family(library, path), trash_dir) as folder:
        library.refresh()
    return folder


def accept_upload(
    library: EmbeddingLibrary, source: Path, *, trash_dir: Path, replace: bool = False
) -> Embedding:
    """Check a file from elsewhere and, when it is a sound embedding, store it in the embeddings folder.

    Exactly the bytes that were checked are stored; `source` is left alone. What in its name can't be typed
    becomes `_`. A taken name is refused (NameTakenError), or with `replace` what has it moved to the trash.
    diffusers' two files of an SDXL embedding come one after the other and are one embedding when both are
    here. Raises EmbeddingFileError, EmbeddingNameError and StorageError, and then nothing is lost.
    """
    suffix = source.suffix.lower()
    if suffix not in SUFFIXES:
        raise EmbeddingFileError(
            f"{source.name} was not taken: embeddings are {', '.join(SUFFIXES)}. Choose another file."
        )
    try:
        data = read_file(source)
    except Refusal as refusal:
        raise EmbeddingFileError(f"{source.name} was not taken: {refusal}") from refusal
    name = typable_name(_name_in(data, typable_name(source.stem.removesuffix(".preview")), source))
    is_second_half = second_file(source) is None
    target = library.folder / f"{name}{'_2' if is_second_half else ''}{suffix}"
    with _room_for(library, target, replace=replace, trash_dir=trash_dir):
        write_atomically(target, data)
    library.refresh()
    whole = (
        file.embedding for file in library.files().values() if target in (file.second, file.embedding.source)
    )
    return next(whole, None) or read_embedding(target)


def save_as_new(
    library: EmbeddingLibrary, embedding: Embedding, *, trash_dir: Path, replace: bool = False
) -> Path:
    """Write an embedding under its name: as A1111's `.pt`, or `.safetensors` for several text encoders.

    Raises EmbeddingNameError for a bad name, and for a taken one unless `replace`, which moves what has it
    to the trash; EmbeddingFileError for too many vectors, NonFiniteError, StorageError. Then nothing changed.
    """
    name = check_name(embedding.name)
    target = library.folder / f"{name}{_suffix_for(embedding)}"
    data = _encoded(embedding, target)
    with _room_for(library, target, replace=replace, trash_dir=trash_dir):
        write_atomically(target, data)
    library.refresh()
    return target


def _name_in(data: bytes, stem: str, source: Path) -> str:
    """What the file would be called in the library; raises EmbeddingFileError when it is no embedding."""
    with naming_file(Path(source.name)):
        return embedding_file_in(data, Path(stem) / f"{stem}{source.suffix.lower()}").embedding.name


def _rewritten(library: EmbeddingLibrary, path: Path, name: str, trash_dir: Path) -> Path:
    embedding = dataclasses.replace(read_embedding(path, within=library.folder), name=name)
    target = path.with_name(f"{name}{_suffix_for(embedding)}")
    preview = path.with_name(f"{name}.preview{path.suffix}")
    companions = {old: _renamed(old, path, name) for old in companions_of(path, library.is_ordinary_picture)}
    states = [old for old in companions if old.stem == path.name]  # an optimizer's, of a file of this kind
    moves = {old: new for old, new in companions.items() if old != new and old not in states}
    new_files = {target: _encoded(embedding, target)}
    if path.suffix.lower() in PICTURE_SUFFIXES and preview not in moves.values():
        new_files[preview] = read_file(path, within=library.folder)
    for new in (*new_files, *moves.values()):
        if os.path.lexists(new):
            raise _taken(name, new)
    with (
        _in_trash([*_halves(library, path), *states], trash_dir),
        _moved(moves, f"Renaming {path.name} to {name!r}"),
        contextlib.ExitStack() as undo,
    ):
        for new, data in new_files.items():
            undo.callback(new.unlink, missing_ok=True)
            write_atomically(new, data)
        undo.pop_all()
    library.refresh()
    return target


def _encoded(embedding: Embedding, target: Path) -> bytes:
    """What is to be written to `target`, which is one file. Raises EmbeddingFileError and NonFiniteError."""
    return EmbeddingWriter(embedding).encoded(target)[target]


def _with_name_inside(path: Path, name: str) -> bytes | None:
    """The file's bytes with `name` inside; None when they stay as they are, and for a link."""
    if path.is_symlink():
        return None
    try:
        return with_inner_name(path, read_file(path), name)
    except EmbeddingFileError:  # a file that can't be used may be renamed all the same
        return None


def _suffix_for(embedding: Embedding) -> str:
    return ".pt" if len(embedding.vectors) == 1 else ".safetensors"


def _family(library: EmbeddingLibrary, path: Path) -> list[Path]:
    """The file, and all that belongs to it."""
    return [*_halves(library, path), *companions_of(path, library.is_ordinary_picture)]


def _halves(library: EmbeddingLibrary, path: Path) -> list[Path]:
    """The file, and the second one of a pair."""
    second = second_half(path, within=library.folder)
    return [path] if second is None else [path, second]


def _renamed(file: Path, path: Path, name: str) -> Path:
    """Where `file`, one of `path`'s family, lies when `path` is called `name`."""
    return file.with_name(name + file.name[len(path.stem) :])


@contextlib.contextmanager
def _room_for(library: EmbeddingLibrary, target: Path, *, replace: bool, trash_dir: Path) -> Iterator[None]:
    """While nothing has the name or the place of `target`; raises NameTakenError unless `replace`.

    What had it is in the trash then, and comes back when writing `target` fails.
    """
    known = library.find(target.stem)
    in_the_way = [known.source] if known is not None and known.source is not None else []
    if os.path.lexists(target) and target not in in_the_way:
        in_the_way.append(target)
    if in_the_way and not replace:
        raise _taken(target.stem, in_the_way[0])
    with contextlib.ExitStack() as moved:
        for path in filter(os.path.lexists, in_the_way):  # the first may have been the second, too
            moved.enter_context(_in_trash(_family(library, path), trash_dir))
        yield


@contextlib.contextmanager
def _in_trash(files: Iterable[Path], trash_dir: Path) -> Iterator[Path]:
    """With the files in a new folder of the trash; they come back when what is done then fails."""
    files = list(files)
    wanted = f"{datetime.now():%Y-%m-%d %H.%M.%S} {files[0].stem[:MAX_NAME_LENGTH].strip('. ')}"
    doing = f"Moving {files[0].name} to the trash {trash_dir}"
    with _as_storage_error(doing):
        folder = make_new_folder(trash_dir, wanted)
    try:
        with _moved({file: folder / file.name for file in files}, doing):
            yield folder
    finally:
        with contextlib.suppress(OSError):  # it isn't empty, unless all came back
            folder.rmdir()


@contextlib.contextmanager
def _moved(moves: Mapping[Path, Path], doing: str) -> Iterator[None]:
    """With files moved, old path to new; they come back when one can't be moved or what is done then fails.

    Raises StorageError, which tells where a file lies that couldn't come back.
    """
    with contextlib.ExitStack() as undo:
        for old, new in moves.items():
            with _as_storage_error(doing):
                move(old, new)
            undo.callback(_move_back, new, old)
        yield
        undo.pop_all()


def _move_back(new: Path, old: Path) -> None:
    try:
        move(new, old)
    except OSError as error:
        raise StorageError(
            f"Putting {old.name} back into {old.parent} failed: {error.strerror or error}. It lies at {new};"
            " move it back."
        ) from error


def _check_known(library: EmbeddingLibrary, path: Path) -> None:
    if not library.holds(path):
        raise EmbeddingFileError(
            f"There is no file {path.name} in the embeddings folder {library.folder}; look at the list again."
        )


def _taken(name: str, path: Path) -> NameTakenError:
    return NameTakenError(f"The name {name!r} is taken by {path}; choose another name.", name=name)


@contextlib.contextmanager
def _as_storage_error(doing: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StorageError(
            f"{doing} failed: {error.strerror or error}. Check that there is space, that the folder can be"
            " written to and that no other program holds the file open."
        ) from error
