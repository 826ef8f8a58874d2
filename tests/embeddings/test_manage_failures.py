"""What stays when renaming, deleting and replacing fail halfway."""

from __future__ import annotations

import errno
import os
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from traintab.embeddings.formats import read_embedding_file, write_embedding
from traintab.embeddings.manage import accept_upload, delete_embedding, rename_embedding, save_as_new
from traintab.errors import NonFiniteError, StorageError

from .conftest import Shelf, embedding, value_of


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Called, it makes every write of a file fail from then on."""

    def refuse(descriptor: int) -> None:
        if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.ENOSPC, "No space left on device")

    return lambda: monkeypatch.setattr(os, "fsync", refuse)


def replace_by_upload(shelf: Shelf) -> None:
    source = shelf.root / "incoming" / "mira.pt"
    accept_upload(shelf.library, source, trash_dir=shelf.trash, replace=True)


def replace_by_saving(shelf: Shelf) -> None:
    save_as_new(shelf.library, embedding("mira", 0.25), trash_dir=shelf.trash, replace=True)


@pytest.mark.parametrize("work", [replace_by_upload, replace_by_saving])
@pytest.mark.parametrize("old", ["mira.pt", "sub/Mira.safetensors"])
def test_on_a_full_disk_what_was_to_be_replaced_is_back_in_its_place(
    shelf: Shelf, full_disk: Callable[[], None], work: Callable[[Shelf], None], old: str
) -> None:
    path = shelf.put(old)
    (path.with_name(f"{path.stem}.txt")).write_text("notes")
    write_embedding(embedding("mira", 0.25), shelf.root / "incoming" / "mira.pt")
    before = shelf.files
    full_disk()
    with pytest.raises(StorageError, match=r"No space left.*the file that was there before is untouched"):
        work(shelf)
    shelf.library.refresh()
    assert value_of(shelf.library.find("mira")) == 0.5
    assert shelf.files == before
    assert list(shelf.trash.iterdir()) == []


def test_vectors_that_cannot_be_saved_move_nothing(shelf: Shelf) -> None:
    shelf.put("mix.pt")
    with pytest.raises(NonFiniteError, match="is untouched"):
        save_as_new(shelf.library, embedding("mix", float("nan")), trash_dir=shelf.trash, replace=True)
    assert (shelf.files, shelf.trash.exists()) == (["mix.pt"], False)


def fail_moving(monkeypatch: pytest.MonkeyPatch, *names: str, error: int = errno.EACCES) -> None:
    real = Path.replace

    def replace(self: Path, target: Path) -> Path:
        if self.name in names:
            raise OSError(error, "refused here")
        return real(self, target)

    monkeypatch.setattr(Path, "replace", replace)


def test_when_one_file_cannot_go_to_the_trash_none_does(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = shelf.put("mira.pt")
    (shelf.folder / "mira.txt").write_text("notes")
    fail_moving(monkeypatch, "mira.txt")
    with pytest.raises(StorageError, match=r"Moving mira\.pt to the trash .* refused here"):
        delete_embedding(shelf.library, path, trash_dir=shelf.trash)
    assert shelf.files == ["mira.pt", "mira.txt"]
    assert list(shelf.trash.iterdir()) == []


def test_a_trash_on_another_disk_takes_copies(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    path = shelf.put("mira.pt")
    fail_moving(monkeypatch, "mira.pt", error=errno.EXDEV)
    delete_embedding(shelf.library, path, trash_dir=shelf.trash)
    assert (shelf.files, shelf.trashed) == ([], ["mira.pt"])


def test_a_full_trash_on_another_disk_leaves_the_file_alone(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = shelf.put("mira.pt")
    fail_moving(monkeypatch, "mira.pt", error=errno.EXDEV)

    def copy_half(_: Path, target: Path) -> None:
        target.write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(shutil, "move", copy_half)
    with pytest.raises(StorageError, match="No space left"):
        delete_embedding(shelf.library, path, trash_dir=shelf.trash)
    assert (shelf.files, list(shelf.trash.iterdir())) == (["mira.pt"], [])


def test_what_cannot_be_put_back_is_told_with_its_place(
    shelf: Shelf, full_disk: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = shelf.put("mira.pt")
    real = Path.replace

    def only_to_the_trash(self: Path, target: Path) -> Path:
        if self != path:
            raise OSError(errno.EACCES, "refused here")
        return real(self, target)

    monkeypatch.setattr(Path, "replace", only_to_the_trash)
    full_disk()
    with pytest.raises(StorageError, match=r"Putting mira\.pt back .* It lies at (.*); move it") as caught:
        replace_by_saving(shelf)
    (trashed,) = shelf.trash.rglob("mira.pt")
    assert str(trashed) in str(caught.value)


def test_a_rename_that_fails_halfway_changes_nothing(shelf: Shelf, full_disk: Callable[[], None]) -> None:
    path = shelf.put("mira.pt")
    (shelf.folder / "mira.txt").write_text("notes")
    full_disk()
    with pytest.raises(StorageError, match=r"Writing .*nova\.pt failed"):
        rename_embedding(shelf.library, path, "nova", trash_dir=shelf.trash)
    assert shelf.files == ["mira.pt", "mira.txt"]
    assert read_embedding_file(path).inner_name == "mira"


def test_a_card_that_cannot_be_renamed_stays_a_card(shelf: Shelf, full_disk: Callable[[], None]) -> None:
    card = shelf.put("picture.png", inner="mira")
    full_disk()
    with pytest.raises(StorageError, match="No space left"):
        rename_embedding(shelf.library, card, "nova", trash_dir=shelf.trash)
    assert shelf.files == ["picture.png"]
