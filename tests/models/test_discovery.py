from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from traintab.errors import ModelError
from traintab.models.discovery import find_checkpoints, resolve
from traintab.paths import ModelFolders, Paths


class PathsWithoutDemo(Paths):
    @property
    def demo_model_dir(self) -> Path:
        return self.data_dir / "demo-model"


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    plain = Paths.under(tmp_path)
    return PathsWithoutDemo(
        data_dir=plain.data_dir, embeddings_dir=plain.embeddings_dir, log_dir=plain.log_dir
    )


def make_folder(folder: Path, pipeline: str = "StableDiffusionPipeline") -> Path:
    folder.mkdir(parents=True)
    (folder / "model_index.json").write_text(json.dumps({"_class_name": pipeline}), encoding="utf-8")
    return folder


def test_the_demo_comes_first_and_folders_follow_without_regard_to_case(paths: Paths) -> None:
    root = paths.models_dir / "Stable-diffusion"
    for name in ("b-model", "anime/C-model", "A-model"):
        make_folder(root / name)
    make_folder(paths.demo_model_dir)

    assert [c.name for c in find_checkpoints(paths)] == ["demo", "A-model", "anime/C-model", "b-model"]


def test_without_any_model_nothing_is_found(paths: Paths) -> None:
    assert find_checkpoints(paths) == []


def test_folders_of_other_pipelines_and_broken_ones_are_left_out(paths: Paths) -> None:
    root = paths.models_dir / "Stable-diffusion"
    make_folder(root / "video", "StableVideoDiffusionPipeline")
    broken = make_folder(root / "broken")
    (broken / "model_index.json").write_text("{", encoding="utf-8")
    listing = make_folder(root / "list")
    (listing / "model_index.json").write_text("[]", encoding="utf-8")

    assert find_checkpoints(paths) == []


def test_a_name_from_the_list_means_its_folder(paths: Paths) -> None:
    folder = make_folder(paths.models_dir / "Stable-diffusion" / "anime" / "mine")

    found = resolve("anime/mine", paths)

    assert (found.path, found.kind, found.source) == (folder, "folder", str(folder))


def test_any_folder_can_be_given_by_its_path(paths: Paths, tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "elsewhere" / "model-x")

    found = resolve(str(folder), paths)

    assert (found.name, found.path) == ("model-x", folder)


def test_demo_means_the_shipped_model(paths: Paths) -> None:
    make_folder(paths.demo_model_dir)

    assert resolve("demo", paths).path == paths.demo_model_dir


def test_a_missing_demo_says_how_to_get_one(paths: Paths) -> None:
    with pytest.raises(ModelError, match="demo build"):
        resolve("demo", paths)


def test_an_owner_and_a_name_mean_the_hub(paths: Paths) -> None:
    found = resolve("stable-diffusion-v1-5/stable-diffusion-v1-5", paths)

    assert (found.kind, found.path) == ("hub", None)
    assert found.source == "stable-diffusion-v1-5/stable-diffusion-v1-5"


def test_a_folder_on_the_disk_wins_over_the_hub(
    paths: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_folder(tmp_path / "owner" / "name")
    monkeypatch.chdir(tmp_path)

    assert resolve("owner/name", paths).kind == "folder"


def make_file(file: Path) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"x")
    return file


def test_single_files_stand_among_the_folders_with_their_suffix(paths: Paths) -> None:
    root = paths.models_dir / "Stable-diffusion"
    make_folder(root / "b-folder")
    for name in ("c.safetensors", "anime/A.CKPT"):
        make_file(root / name)

    assert [(c.name, c.kind) for c in find_checkpoints(paths)] == [
        ("anime/A.CKPT", "file"),
        ("b-folder", "folder"),
        ("c.safetensors", "file"),
    ]


def test_what_is_no_checkpoint_is_not_listed(paths: Paths) -> None:
    root = paths.models_dir / "Stable-diffusion"
    for name in ("a.vae.safetensors", "a.VAE.pt", "a.yaml", "a.png", ".hidden.safetensors", ".git/b.ckpt"):
        make_file(root / name)
    make_file(make_folder(root / "folder") / "unet" / "diffusion_pytorch_model.safetensors")

    assert [checkpoint.name for checkpoint in find_checkpoints(paths)] == ["folder"]


def test_borrowed_folders_follow_the_own_one_and_a_name_that_is_taken_becomes_a_path(
    paths: Paths, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    make_file(paths.models_dir / "Stable-diffusion" / "same.safetensors")
    for name in ("same.safetensors", "more.ckpt"):
        make_file(other / name)
    borrowing = replace(paths, borrowed=(ModelFolders(checkpoints=(other, tmp_path / "missing")),))

    names = [checkpoint.name for checkpoint in find_checkpoints(borrowing)]

    assert names == ["same.safetensors", "more.ckpt", str(other / "same.safetensors")]
    assert resolve(names[2], borrowing).path == other / "same.safetensors"


def test_links_are_followed_and_a_circle_ends(paths: Paths, tmp_path: Path) -> None:
    root = paths.models_dir / "Stable-diffusion"
    file = make_file(tmp_path / "elsewhere" / "model.safetensors")
    root.mkdir(parents=True)
    (root / "linked").symlink_to(file.parent, target_is_directory=True)
    (file.parent / "circle").symlink_to(file.parent, target_is_directory=True)

    assert [checkpoint.name for checkpoint in find_checkpoints(paths)] == ["linked/model.safetensors"]


@pytest.mark.parametrize(
    "spec",
    ["anime/mine.safetensors", "anime/mine", "mine", "anime/mine.safetensors [6ce0161689]", " mine "],
)
def test_a_single_file_is_meant_by_its_name_as_the_web_ui_shows_it(paths: Paths, spec: str) -> None:
    file = make_file(paths.models_dir / "Stable-diffusion" / "anime" / "mine.safetensors")

    found = resolve(spec, paths)

    assert (found.path, found.kind, found.name) == (file, "file", "anime/mine.safetensors")
    assert found.model_name == "mine"


def test_any_single_file_can_be_given_by_its_path(paths: Paths, tmp_path: Path) -> None:
    file = make_file(tmp_path / "elsewhere" / "model.pt")

    found = resolve(str(file), paths)

    assert (found.name, found.path, found.kind) == ("model.pt", file, "file")


def test_a_folder_keeps_its_name_with_dots(paths: Paths) -> None:
    make_folder(paths.models_dir / "Stable-diffusion" / "sd-v1.5")

    assert resolve("sd-v1.5", paths).model_name == "sd-v1.5"


def test_a_single_file_that_is_not_there_is_not_taken_for_a_hub_id(paths: Paths) -> None:
    with pytest.raises(ModelError, match=r"There is no file models/gone\.safetensors"):
        resolve("models/gone.safetensors", paths)


def test_another_pipeline_is_refused_by_its_name(paths: Paths, tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "video", "StableVideoDiffusionPipeline")

    with pytest.raises(ModelError, match="holds a StableVideoDiffusionPipeline"):
        resolve(str(folder), paths)


def test_a_folder_without_an_index_is_refused(paths: Paths, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"no readable model_index\.json"):
        resolve(str(tmp_path), paths)


@pytest.mark.parametrize("spec", ["nonsense", "", "  ", "a/b/c/d"])
def test_an_unknown_name_lists_the_known_ones(paths: Paths, spec: str) -> None:
    make_folder(paths.models_dir / "Stable-diffusion" / "mine")

    with pytest.raises(ModelError, match="known here: mine"):
        resolve(spec, paths)
