from __future__ import annotations

import errno
import sys
from pathlib import Path

import pytest
import torch
from PIL import Image
from safetensors.torch import save, save_file

from traintab.embeddings.formats import read_embedding, read_embedding_file
from traintab.embeddings.manage import delete_embedding, rename_embedding, save_as_new
from traintab.errors import EmbeddingFileError, EmbeddingNameError, StorageError

from .conftest import Shelf, embedding, value_of


def test_a_renamed_embedding_is_found_by_its_new_name_alone(shelf: Shelf) -> None:
    path = shelf.put("sub/mira.pt")
    assert rename_embedding(shelf.library, path, " nova ", trash_dir=shelf.trash) == path.with_name("nova.pt")
    assert list(shelf.library.embeddings()) == ["nova"]


def test_what_belongs_to_an_embedding_goes_with_it(shelf: Shelf) -> None:
    path = shelf.put("mira.pt")
    for name in ("mira.pt.optim", "mira.preview.png", "mira.txt"):
        (shelf.folder / name).write_bytes(b"x")
    rename_embedding(shelf.library, path, "nova", trash_dir=shelf.trash)
    assert shelf.files == ["nova.preview.png", "nova.pt", "nova.pt.optim", "nova.txt"]


def test_the_case_of_a_name_can_be_changed(shelf: Shelf) -> None:
    path = shelf.put("mira.pt")
    rename_embedding(shelf.library, path, "Mira", trash_dir=shelf.trash)
    assert list(shelf.library.embeddings()) == ["Mira"]


@pytest.mark.parametrize("name", ["nova", "NOVA"])
def test_a_taken_name_is_refused_and_nothing_moves(shelf: Shelf, name: str) -> None:
    path, other = shelf.put("mira.pt"), shelf.put("sub/nova.safetensors")
    with pytest.raises(EmbeddingNameError, match=f"taken by {other}"):
        rename_embedding(shelf.library, path, name, trash_dir=shelf.trash)
    assert shelf.files == ["mira.pt", "sub/nova.safetensors"]


def test_a_file_that_is_no_embedding_is_not_written_over(shelf: Shelf) -> None:
    path = shelf.put("mira.pt")
    (shelf.folder / "mira.txt").write_text("mine")
    (shelf.folder / "nova.txt").write_text("other")
    with pytest.raises(EmbeddingNameError, match=r"a file nova\.txt already"):
        rename_embedding(shelf.library, path, "nova", trash_dir=shelf.trash)
    assert shelf.files == ["mira.pt", "mira.txt", "nova.txt"]


def test_a_bad_name_is_refused(shelf: Shelf) -> None:
    with pytest.raises(EmbeddingNameError, match="'/' at character 3"):
        rename_embedding(shelf.library, shelf.put("mira.pt"), "../x", trash_dir=shelf.trash)


def test_a_renamed_card_becomes_a_file_with_a_preview(shelf: Shelf) -> None:
    card = shelf.put("picture.png", inner="mira")
    new = rename_embedding(shelf.library, card, "nova", trash_dir=shelf.trash)
    assert new == shelf.folder / "nova.pt"
    assert shelf.files == ["nova.preview.png", "nova.pt"]
    assert list(shelf.library.embeddings()) == ["nova"]
    assert shelf.trashed == ["picture.png"]


@pytest.mark.parametrize("operation", ["rename", "delete"])
def test_only_files_of_the_library_are_touched(shelf: Shelf, operation: str) -> None:
    outside = shelf.root / "mine.pt"
    outside.write_bytes(b"x")
    for path in (outside, shelf.folder / ".." / "mine.pt", shelf.folder / "none.pt"):
        with pytest.raises(EmbeddingFileError, match="no file"):
            if operation == "rename":
                rename_embedding(shelf.library, path, "new", trash_dir=shelf.trash)
            else:
                delete_embedding(shelf.library, path, trash_dir=shelf.trash)
    assert outside.exists()


def test_a_deleted_embedding_lies_in_the_trash_with_what_belongs_to_it(shelf: Shelf) -> None:
    path = shelf.put("mira.pt")
    (shelf.folder / "mira.preview.png").write_bytes(b"x")
    folder = delete_embedding(shelf.library, path, trash_dir=shelf.trash)
    assert folder.parent == shelf.trash
    assert folder.name.endswith(" mira")
    assert shelf.trashed == ["mira.preview.png", "mira.pt"]
    assert (shelf.files, shelf.library.embeddings()) == ([], {})
    assert read_embedding(folder / "mira.pt").name == "mira"


def test_deleting_one_name_many_times_keeps_every_file(shelf: Shelf) -> None:
    for _ in range(3):
        delete_embedding(shelf.library, shelf.put("mira.pt"), trash_dir=shelf.trash)
    assert shelf.trashed == ["mira.pt"] * 3


def test_a_broken_file_can_be_deleted(shelf: Shelf) -> None:
    broken = shelf.folder / "broken.pt"
    broken.write_bytes(b"nonsense")
    shelf.library.refresh()
    delete_embedding(shelf.library, broken, trash_dir=shelf.trash)
    assert shelf.library.skipped() == []


def test_an_ordinary_picture_is_no_file_of_the_library(shelf: Shelf) -> None:
    picture = shelf.folder / "holiday.png"
    Image.new("RGB", (8, 8)).save(picture)
    shelf.library.refresh()
    with pytest.raises(EmbeddingFileError, match="no file"):
        delete_embedding(shelf.library, picture, trash_dir=shelf.trash)


def test_a_folder_that_cannot_be_written_to_is_said(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    path = shelf.put("mira.pt")

    def refuse(*_: object) -> None:
        raise OSError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(StorageError, match=r"Renaming mira\.pt to 'nova' failed: Permission denied"):
        rename_embedding(shelf.library, path, "nova", trash_dir=shelf.trash)


@pytest.mark.parametrize("suffix", [".pt", ".PT", ".safetensors", ".bin", ".png"])
def test_a_sound_upload_is_there_at_once(shelf: Shelf, suffix: str) -> None:
    taken = shelf.upload(f"mira{suffix}")
    assert taken.source == shelf.folder / f"mira{suffix.lower()}"
    assert list(shelf.library.embeddings()) == ["mira"]
    assert (shelf.root / "incoming" / f"mira{suffix}").exists()


def test_the_very_bytes_are_stored(shelf: Shelf) -> None:
    shelf.upload("mira.pt")
    assert (shelf.folder / "mira.pt").read_bytes() == (shelf.root / "incoming" / "mira.pt").read_bytes()


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("bad.pt", b"nonsense", "bad.pt was refused: found"),
        ("page.html", b"<html>", "page.html was not taken"),
        ("empty.pt", b"", "empty.pt was not taken: found an empty file"),
        ("bad (1).safetensors", b"nonsense", "bad (1).safetensors was refused"),
    ],
)
def test_a_bad_upload_never_enters_the_folder(shelf: Shelf, name: str, data: bytes, said: str) -> None:
    with pytest.raises(EmbeddingFileError) as caught:
        shelf.upload(name, data)
    assert str(caught.value).startswith(said)
    assert shelf.files == []


def test_what_cannot_be_typed_in_an_uploads_name_is_replaced(shelf: Shelf) -> None:
    assert shelf.upload("style (v2).pt").name == "style _v2_"
    assert shelf.files == ["style _v2_.pt"]


def test_an_uploaded_card_is_stored_under_the_name_inside(shelf: Shelf) -> None:
    shelf.put("card.png", inner="mira")
    data = (shelf.folder / "card.png").read_bytes()
    (shelf.folder / "card.png").unlink()
    shelf.library.refresh()
    assert shelf.upload("download-77.preview.png", data).name == "mira"
    assert shelf.files == ["mira.png"]


def test_an_upload_of_a_taken_name_is_refused_or_replaces_what_has_it(shelf: Shelf) -> None:
    old = shelf.put("sub/Mira.safetensors")
    with pytest.raises(EmbeddingNameError, match=f"taken by {old}"):
        shelf.upload("mira.pt")
    assert value_of(shelf.library.find("mira")) == 0.5
    shelf.upload("mira.pt", replace=True)
    assert value_of(shelf.library.find("mira")) == 0.25
    assert (shelf.files, shelf.trashed) == (["mira.pt"], ["Mira.safetensors"])


def test_a_new_embedding_is_saved_in_the_layout_that_holds_it(shelf: Shelf) -> None:
    assert save_as_new(shelf.library, embedding("mix"), trash_dir=shelf.trash).name == "mix.pt"
    both = embedding("xl", clip_l=768, clip_g=1280)
    assert save_as_new(shelf.library, both, trash_dir=shelf.trash).name == "xl.safetensors"
    assert list(shelf.library.embeddings()) == ["mix", "xl"]


def test_saving_as_new_replaces_only_when_told(shelf: Shelf) -> None:
    shelf.put("mix.pt")
    with pytest.raises(EmbeddingNameError, match="taken by"):
        save_as_new(shelf.library, embedding("mix", 0.75), trash_dir=shelf.trash)
    save_as_new(shelf.library, embedding("mix", 0.75), trash_dir=shelf.trash, replace=True)
    assert value_of(shelf.library.find("mix")) == 0.75
    assert shelf.trashed == ["mix.pt"]


def put_pair(shelf: Shelf) -> Path:
    path = shelf.folder / "learned_embeds.safetensors"
    save_file({"sks": torch.zeros(1, 768)}, path)
    save_file({"sks": torch.ones(1, 1280)}, shelf.folder / "learned_embeds_2.safetensors")
    shelf.library.refresh()
    return path


def test_a_pair_of_files_is_deleted_whole(shelf: Shelf) -> None:
    delete_embedding(shelf.library, put_pair(shelf), trash_dir=shelf.trash)
    assert shelf.files == []
    assert shelf.trashed == ["learned_embeds.safetensors", "learned_embeds_2.safetensors"]


def test_a_renamed_pair_becomes_one_file(shelf: Shelf) -> None:
    path = put_pair(shelf)
    (shelf.folder / f"{path.name}.optim").write_bytes(b"x")
    rename_embedding(shelf.library, path, "nova", trash_dir=shelf.trash)
    assert shelf.files == ["nova.safetensors"]
    assert f"{path.name}.optim" in shelf.trashed
    assert shelf.library.embeddings()["nova"].widths == {"clip_l": 768, "clip_g": 1280}


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["first first", "second first"])
def test_two_uploaded_halves_become_one_embedding(shelf: Shelf, order: tuple[int, int]) -> None:
    halves = [("learned_embeds.safetensors", 768), ("learned_embeds_2.safetensors", 1280)]
    for name, width in (halves[index] for index in order):
        last = shelf.upload(name, save({"<sks>": torch.ones(1, width)}))
    assert (last.name, last.widths) == ("sks", {"clip_l": 768, "clip_g": 1280})
    assert list(shelf.library.embeddings()) == ["sks"]
    assert shelf.library.skipped() == []
    assert shelf.files == ["sks.safetensors", "sks_2.safetensors"]


@pytest.mark.parametrize("suffix", [".pt", ".safetensors"])
def test_the_name_inside_follows_the_new_name(shelf: Shelf, suffix: str) -> None:
    new = rename_embedding(shelf.library, shelf.put(f"mira{suffix}"), "nova", trash_dir=shelf.trash)
    file = read_embedding_file(new)
    assert (file.inner_name, file.embedding.step, value_of(file.embedding)) == ("nova", 7, 0.5)


def test_a_broken_file_can_be_renamed(shelf: Shelf) -> None:
    broken = shelf.folder / "broken.pt"
    broken.write_bytes(b"nonsense")
    shelf.library.refresh()
    new = rename_embedding(shelf.library, broken, "nova", trash_dir=shelf.trash)
    assert new.read_bytes() == b"nonsense"


def test_notes_and_preview_go_with_a_renamed_card(shelf: Shelf) -> None:
    card = shelf.put("picture.png", inner="mira")
    (shelf.folder / "picture.txt").write_text("notes")
    (shelf.folder / "picture.preview.png").write_bytes(b"mine")
    rename_embedding(shelf.library, card, "nova", trash_dir=shelf.trash)
    assert shelf.files == ["nova.preview.png", "nova.pt", "nova.txt"]
    assert (shelf.folder / "nova.preview.png").read_bytes() == b"mine"
    assert shelf.trashed == ["picture.png"]


@pytest.mark.parametrize("name", ["picture", "nova"])
def test_a_renamed_card_may_be_called_as_its_file_is(shelf: Shelf, name: str) -> None:
    card = shelf.put("picture.png", inner="mira")
    (shelf.folder / "picture.txt").write_text("notes")
    rename_embedding(shelf.library, card, name, trash_dir=shelf.trash)
    assert shelf.files == [f"{name}.preview.png", f"{name}.pt", f"{name}.txt"]


@pytest.mark.skipif(sys.platform == "win32", reason="needs links")
def test_renaming_takes_no_second_half_from_outside_the_folder(shelf: Shelf) -> None:
    save_file({"sks": torch.zeros(1, 768)}, shelf.folder / "mira.safetensors")
    save_file({"sks": torch.ones(1, 1280)}, shelf.root / "secret.safetensors")
    (shelf.folder / "mira_2.safetensors").symlink_to(shelf.root / "secret.safetensors")
    shelf.library.refresh()
    new = rename_embedding(shelf.library, shelf.folder / "mira.safetensors", "nova", trash_dir=shelf.trash)
    assert read_embedding(new).widths == {"clip_l": 768}
    assert (shelf.folder / "mira_2.safetensors").is_symlink()
