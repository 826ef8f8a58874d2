"""Changing the embeddings folder: new files in, names changed, files out to the trash.

Nothing is ever deleted or replaced: what has to go is moved into a trash folder. Whoever calls makes sure
that the embedding isn't in training.
"""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from ..errors import EmbeddingFileError, EmbeddingNameError, NameTakenError, StorageError
from ..files import write_atomically
from .companions import companions_of, second_half
from .embedding import Embedding
from .formats import PICTURE_SUFFIXES, SUFFIXES, read_embedding, second_file, write_embedding
from .formats.file_bytes import read_file
from .formats.refusal import Refusal
from .library import EmbeddingLibrary
from .names import MAX_NAME_LENGTH, check_name, typable_name

__all__ = ["accept_upload", "delete_embedding", "rename_embedding", "save_as_new"]


def rename_embedding(library: EmbeddingLibrary, path: Path, new_name: str, *, trash_dir: Path) -> Path:
    """Call the embedding in the file `path` of the library by another name; gives its new path.

    Preview, notes and optimizer state go with it. A file whose name is inside, a picture card or one of
    diffusers' pairs, goes to the trash and its vectors into a new file; the card becomes its preview. Raises
    EmbeddingNameError for a name that is bad or taken, EmbeddingFileError for a file that isn't in the
    library or can't be used, StorageError.
    """
    _check_known(library, path)
    name = check_name(new_name)
    taken = library.find(name)
    if taken is not None and taken.source != path:
        raise _taken(name, taken.source or path)
    if path.suffix.lower() in PICTURE_SUFFIXES or second_half(path) is not None:
        return _rewritten(library, path, name, trash_dir)
    moves = {old: _renamed(old, path, name) for old in _family(library, path)}
    for old, new in moves.items():
        if os.path.lexists(new) and not (new.exists() and old.samefile(new)):
            raise EmbeddingNameError(
                f"Renaming {path.name} to {name!r}: there is a file {new.name} already. Choose another name."
            )
    with _as_storage_error(f"Renaming {path.name} to {name!r}"):
        for old, new in moves.items():
            old.rename(new)
    library.refresh()
    return moves[path]


def delete_embedding(library: EmbeddingLibrary, path: Path, *, trash_dir: Path) -> Path:
    """Move a file of the library, usable or not, to the trash with all that belongs to it.

    Gives the new folder in the trash, called by date and name, where the files lie under their old names.
    Raises EmbeddingFileError for a path that isn't in the library, StorageError.
    """
    _check_known(library, path)
    folder = _to_trash(_family(library, path), trash_dir)
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
    _make_room(library, target, replace=replace, trash_dir=trash_dir)
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
    to the trash; NonFiniteError, StorageError.
    """
    name = check_name(embedding.name)
    target = library.folder / f"{name}{_suffix_for(embedding)}"
    _make_room(library, target, replace=replace, trash_dir=trash_dir)
    write_embedding(embedding, target)
    library.refresh()
    return target


def _name_in(data: bytes, stem: str, source: Path) -> str:
    """What the file would be called in the library; raises EmbeddingFileError when it is no embedding."""
    with tempfile.TemporaryDirectory(prefix="upload-") as folder:
        checked = Path(folder) / stem / f"{stem}{source.suffix.lower()}"
        checked.parent.mkdir()
        checked.write_bytes(data)
        try:
            return read_embedding(checked).name
        except EmbeddingFileError as error:
            raise EmbeddingFileError(str(error).replace(str(checked), source.name)) from error


def _rewritten(library: EmbeddingLibrary, path: Path, name: str, trash_dir: Path) -> Path:
    embedding = dataclasses.replace(read_embedding(path), name=name)
    target = path.with_name(f"{name}{_suffix_for(embedding)}")
    preview = path.with_name(f"{name}.preview{path.suffix}")
    is_picture = path.suffix.lower() in PICTURE_SUFFIXES
    for new in (target, preview) if is_picture else (target,):
        if os.path.lexists(new):
            raise _taken(name, new)
    write_embedding(embedding, target)
    if is_picture:
        with _as_storage_error(f"Copying {path.name} to {preview.name}"):
            shutil.copyfile(path, preview)
    _to_trash(_family(library, path), trash_dir)
    library.refresh()
    return target


def _suffix_for(embedding: Embedding) -> str:
    return ".pt" if len(embedding.vectors) == 1 else ".safetensors"


def _family(library: EmbeddingLibrary, path: Path) -> list[Path]:
    """The file, and all that belongs to it."""
    second = second_half(path)
    return [path, *([second] if second else []), *companions_of(path, library.is_ordinary_picture)]


def _renamed(file: Path, path: Path, name: str) -> Path:
    """Where `file`, one of `path`'s family, lies when `path` is called `name`."""
    return file.with_name(name + file.name[len(path.stem) :])


def _make_room(library: EmbeddingLibrary, target: Path, *, replace: bool, trash_dir: Path) -> None:
    """See that nothing has the name or the place of `target`; raises EmbeddingNameError."""
    known = library.find(target.stem)
    in_the_way = [known.source] if known is not None and known.source is not None else []
    if os.path.lexists(target) and target not in in_the_way:
        in_the_way.append(target)
    for path in in_the_way:
        if not replace:
            raise _taken(target.stem, path)
        _to_trash(_family(library, path), trash_dir)


def _to_trash(files: Iterable[Path], trash_dir: Path) -> Path:
    files = list(files)
    wanted = f"{datetime.now():%Y-%m-%d %H.%M.%S} {files[0].stem[:MAX_NAME_LENGTH].strip('. ')}"
    with _as_storage_error(f"Moving {files[0].name} to the trash {trash_dir}"):
        folder = _new_folder(trash_dir, wanted)
        for file in files:
            shutil.move(file, folder / file.name)
    return folder


def _new_folder(parent: Path, wanted: str) -> Path:
    parent.mkdir(parents=True, exist_ok=True)
    for number in itertools.count(1):
        folder = parent / (wanted if number == 1 else f"{wanted} ({number})")
        with contextlib.suppress(FileExistsError):
            folder.mkdir()
            break
    return folder


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
            f"{doing} failed: {error.strerror or error}. Check that the folder can be written to and that no"
            " other program holds the file open."
        ) from error
