from __future__ import annotations

import sys
import zipfile
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from traintab.errors import ModelError
from traintab.models.single_file_tensors import open_tensors

TENSORS = {"a.weight": torch.arange(6.0).reshape(2, 3), "b": torch.ones(4, dtype=torch.float16)}


class RunsCode:
    """What an attacker would put into a pickle."""

    def __reduce__(self) -> Any:
        return (print, ("code of the file was run",))


def read(file: Path) -> dict[str, torch.Tensor]:
    with open_tensors(file) as stored:
        assert {name: tuple(stored.read(name).shape) for name in stored.shapes} == dict(stored.shapes)
        return {name: stored.read(name).clone() for name in stored.shapes}


def same(found: dict[str, torch.Tensor], expected: dict[str, torch.Tensor]) -> bool:
    return set(found) == set(expected) and all(torch.equal(found[name], expected[name]) for name in expected)


def test_safetensors_give_tensors_and_metadata(tmp_path: Path) -> None:
    file = tmp_path / "model.safetensors"
    save_file(TENSORS, file, metadata={"modelspec.title": "mine"})

    assert same(read(file), TENSORS)
    with open_tensors(file) as stored:
        assert dict(stored.metadata) == {"modelspec.title": "mine"}


def test_the_library_is_not_asked_for_each_shape(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Old versions of it, which web UIs have, go through all tensors for every one that is asked for."""
    file = tmp_path / "model.safetensors"
    save_file(TENSORS, file, metadata={"modelspec.title": "mine"})

    class OldFile:
        def __init__(self, *args: Any, **named: Any) -> None:
            self._file = safe_open(*args, **named)

        def __enter__(self) -> OldFile:
            return self

        def __exit__(self, *_error: object) -> None:
            self._file.__exit__(None, None, None)

        def keys(self) -> Any:
            return self._file.keys()

        def metadata(self) -> Any:
            return self._file.metadata()

    monkeypatch.setattr("traintab.models.single_file_tensors.safe_open", OldFile)
    with open_tensors(file) as stored:
        assert dict(stored.shapes) == {"a.weight": (2, 3), "b": (4,)}


@pytest.mark.parametrize("is_zip", [True, False])
@pytest.mark.parametrize("nested", [0, 1, 2])
def test_pickled_checkpoints_of_either_age_are_read(tmp_path: Path, is_zip: bool, nested: int) -> None:
    content: dict[str, Any] = dict(TENSORS)
    for _ in range(nested):
        content = {"state_dict": content, "global_step": 5, "epoch": 1}
    file = tmp_path / "model.ckpt"
    torch.save(content, file, _use_new_zipfile_serialization=is_zip)

    assert same(read(file), TENSORS)


@pytest.mark.parametrize("suffix", ["ckpt", "safetensors", "pt"])
def test_the_content_tells_the_format_and_not_the_suffix(tmp_path: Path, suffix: str) -> None:
    pickled, safe = tmp_path / f"a.{suffix}", tmp_path / f"b.{suffix}"
    torch.save(dict(TENSORS), pickled)
    save_file(TENSORS, safe)

    assert same(read(pickled), TENSORS)
    assert same(read(safe), TENSORS)


@pytest.mark.parametrize("is_zip", [True, False])
def test_code_in_a_pickle_is_not_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], is_zip: bool
) -> None:
    file = tmp_path / "model.ckpt"
    torch.save({"state_dict": TENSORS, "more": RunsCode()}, file, _use_new_zipfile_serialization=is_zip)

    with pytest.raises(ModelError, match=r"was not loaded: it holds more than numbers.*as \.safetensors"):
        read(file)
    assert "code of the file was run" not in capsys.readouterr().out


def test_what_old_trainers_left_beside_the_weights_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import numpy

    file, name = tmp_path / "model.ckpt", "pytorch_lightning.callbacks.model_checkpoint"
    callback = type("ModelCheckpoint", (), {"__module__": name})
    module = ModuleType(name)
    module.ModelCheckpoint = callback  # type: ignore[attr-defined]
    with monkeypatch.context() as installed:
        for part in ("pytorch_lightning", "pytorch_lightning.callbacks", name):
            installed.setitem(sys.modules, part, module)
        content = {"state_dict": TENSORS, "callbacks": {callback: {"best": numpy.float64(0.5)}}}
        torch.save(content, file)

    assert same(read(file), TENSORS)


def test_an_embedding_s_tensors_are_named_so_that_it_can_be_refused_as_one(tmp_path: Path) -> None:
    file = tmp_path / "word.pt"
    torch.save({"string_to_param": {"*": torch.ones(1, 768)}, "name": "word"}, file)

    assert set(read(file)) == {"string_to_param.*"}


def test_old_names_of_sd1_s_text_encoder_become_the_usual_ones(tmp_path: Path) -> None:
    file = tmp_path / "old.safetensors"
    prefix = "cond_stage_model.transformer."
    save_file({f"{prefix}embeddings.token_embedding.weight": torch.ones(2, 2)}, file)

    assert set(read(file)) == {f"{prefix}text_model.embeddings.token_embedding.weight"}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"GGUF\x03\x00\x00\x00" + bytes(40), "GGUF"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "Git LFS pointer"),
        (b"<!DOCTYPE html><html>", "the download failed"),
        (b"", "neither a safetensors file nor one of torch"),
        (b"nonsense and more nonsense", "neither a safetensors file nor one of torch"),
        (b"\x80\x02nonsense", "was not loaded|broken or cut off"),
        (b"PK\x03\x04" + bytes(60), "broken or cut off"),
        (bytes([60, 0, 0, 0, 0, 0, 0, 0]) + b'{"a":', "broken or cut off"),
    ],
    ids=range(8),
)
def test_what_is_no_model_is_refused_in_a_sentence(tmp_path: Path, content: bytes, told: str) -> None:
    file = tmp_path / "model.safetensors"
    file.write_bytes(content)

    with pytest.raises(ModelError, match=told) as caught:
        read(file)
    assert str(file) in str(caught.value)


@pytest.mark.parametrize("kind", ["safetensors", "zip", "legacy"])
def test_a_file_that_is_cut_off_is_told(tmp_path: Path, kind: str) -> None:
    file = tmp_path / "model"
    if kind == "safetensors":
        save_file(TENSORS, file)
    else:
        torch.save(TENSORS, file, _use_new_zipfile_serialization=kind == "zip")
    file.write_bytes(file.read_bytes()[:-20])

    with pytest.raises(ModelError, match=r"broken or cut off|was not loaded"):
        read(file)


def test_a_zip_of_something_else_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "model.ckpt"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("readme.txt", "no model")

    with pytest.raises(ModelError, match="broken or cut off"):
        read(file)


@pytest.mark.parametrize("content", [[torch.ones(2)], 5, {}], ids=str)
def test_a_pickle_without_named_tensors_holds_none(tmp_path: Path, content: Any) -> None:
    file = tmp_path / "model.ckpt"
    torch.save(content, file)

    assert read(file) == {}


def test_a_missing_file_and_a_folder_are_told(tmp_path: Path) -> None:
    for path in (tmp_path / "gone.ckpt", tmp_path):
        with pytest.raises(ModelError, match="There is no file"), open_tensors(path):
            pass
