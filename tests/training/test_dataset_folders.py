"""Which folders a training's settings mean, and what they change."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from PIL import Image

from traintab.configs import FoldersConfig, TrainingConfig, replace_fields
from traintab.datasets.report import scan_folders
from traintab.embeddings.formats import read_embedding
from traintab.errors import ConfigError, DatasetError
from traintab.paths import Paths
from traintab.prompts.captions import CaptionRules
from traintab.training.checks import check_before_loading
from traintab.training.dataset_folders import folders_of, with_dataset_config, with_lasting_folders
from traintab.training.events import TrainingEvent, TrainingStarted
from traintab.training.unfinished import config_to_resume

Trainer = Callable[..., list[TrainingEvent]]


@pytest.fixture
def folders(tmp_path: Path) -> Path:
    """A folder with a picture, one below it called 4_caps with two, and one beside it."""
    for name, color in (
        ("set/a hat.png", "red"),
        ("set/4_caps/b cap.png", "blue"),
        ("set/4_caps/c cap.png", "green"),
        ("more/d scarf.png", "white"),
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (64, 64), color).save(path)
    return tmp_path


@pytest.fixture
def shown(config: TrainingConfig, paths: Paths, folders: Path) -> Callable[..., dict[str, int]]:
    """What an epoch shows with these settings: a picture's name and how often it comes."""

    def make(**fields: object) -> dict[str, int]:
        wanted = {"data_dir": str(folders / "set"), **fields}
        dataset = check_before_loading(replace_fields(config, wanted), paths).dataset
        return dict(zip((image.name for image in dataset.images), dataset.repeats, strict=True))

    return make


def test_a_folder_is_flat_unless_told_otherwise(shown: Callable[..., dict[str, int]]) -> None:
    assert shown() == {"a hat.png": 1}


@pytest.mark.option("subfolders")
def test_subfolders_are_looked_into(shown: Callable[..., dict[str, int]]) -> None:
    assert shown(subfolders=True) == {"a hat.png": 1, "4_caps/b cap.png": 1, "4_caps/c cap.png": 1}


@pytest.mark.option("folder_repeats")
def test_folder_names_tell_repeats(shown: Callable[..., dict[str, int]]) -> None:
    assert shown(folder_repeats=True) == {"a hat.png": 1, "4_caps/b cap.png": 4, "4_caps/c cap.png": 4}


@pytest.mark.option("more_data_dirs")
def test_more_folders_have_the_weights_they_are_given(
    shown: Callable[..., dict[str, int]], folders: Path
) -> None:
    assert shown(more_data_dirs=str(folders / "more")) == {"a hat.png": 1, "more/d scarf.png": 1}
    assert shown(more_data_dirs=f"{folders / 'more'}: 3") == {"a hat.png": 1, "more/d scarf.png": 3}


def test_repeats_that_no_memory_could_hold_are_refused(
    shown: Callable[..., dict[str, int]], folders: Path
) -> None:
    (folders / "set" / "4_caps").rename(folders / "set" / "900000_caps")
    with pytest.raises(DatasetError, match=r"show pictures 1,800,001 times, .* only their proportion"):
        shown(folder_repeats=True)


@pytest.mark.option("dataset_config")
def test_a_dataset_config_takes_the_place_of_the_folder_and_sets_what_it_says(
    config: TrainingConfig, paths: Paths, folders: Path
) -> None:
    file = folders / "set.toml"
    file.write_text(
        "[[datasets]]\nbatch_size = 1\n[[datasets.subsets]]\nimage_dir = 'more'\nnum_repeats = 5\n"
        "caption_tag_dropout_rate = 0.25\ncache_info = true\n",
        encoding="utf-8",
    )
    plan = check_before_loading(replace_fields(config, {"dataset_config": str(file)}), paths)
    assert [image.name for image in plan.dataset.images] == ["d scarf.png"]
    assert plan.dataset.repeats == (5,)
    assert (plan.config.optimization.batch_size, plan.rules.tag_drop_out) == (1, 0.25)
    told = " ".join(plan.notices)
    assert "From set.toml: Batch size 1, Drop out tags when creating prompts. 0.25." in told
    assert f"{config.dataset.data_dir} isn't used: set.toml names the folders." in told
    assert "Not used of set.toml: cache_info (pictures are looked at anew, which is quick)." in told


def test_the_folders_of_a_dataset_config_have_subfolders_too(
    shown: Callable[..., dict[str, int]], folders: Path
) -> None:
    file = folders / "set.toml"
    file.write_text(
        "[[datasets]]\n[[datasets.subsets]]\nimage_dir = 'set'\nnum_repeats = 2\n", encoding="utf-8"
    )
    assert shown(dataset_config=str(file), subfolders=True, folder_repeats=True) == {
        "a hat.png": 2,
        "4_caps/b cap.png": 2,
        "4_caps/c cap.png": 2,
    }


def test_a_dataset_config_needs_no_folder_beside_it(
    config: TrainingConfig, paths: Paths, folders: Path
) -> None:
    file = folders / "set.toml"
    file.write_text("[[datasets]]\n[[datasets.subsets]]\nimage_dir = 'more'\n", encoding="utf-8")
    wanted = replace_fields(config, {"dataset_config": str(file), "data_dir": ""})
    assert check_before_loading(wanted, paths).config.dataset.data_dir == ""


def test_a_value_of_the_dataset_config_that_is_out_of_range_is_told_by_our_label(
    config: TrainingConfig, folders: Path
) -> None:
    file = folders / "set.toml"
    file.write_text(
        "[[datasets]]\nresolution = 500\n[[datasets.subsets]]\nimage_dir = 'more'\n", encoding="utf-8"
    )
    with pytest.raises(ConfigError, match=r"With what set\.toml sets: Width is 500; it must be a"):
        with_dataset_config(replace_fields(config, {"dataset_config": str(file)}))


def test_without_a_dataset_config_nothing_is_changed(config: TrainingConfig) -> None:
    assert with_dataset_config(config) == (config, "")


def test_every_folder_is_looked_into_alike(folders: Path) -> None:
    config = replace_fields(
        TrainingConfig(),
        {
            "data_dir": str(folders / "set"),
            "subfolders": True,
            "more_data_dirs": f"{folders / 'more'}: 2",
            "class_data_dir": str(folders / "class"),
        },
    )
    found = folders_of(config)
    assert [(f.path.name, f.weight, f.is_class, f.subfolders) for f in found] == [
        ("set", None, False, True),
        ("more", 2.0, False, True),
        ("class", None, True, True),
    ]


def test_paths_last_wherever_run_yaml_is_used(folders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folders)
    own = FoldersConfig(more_data_dirs="more : 2\nset", dataset_config="set.toml", class_data_dir="class")
    lasting = with_lasting_folders(TrainingConfig(folders=own))
    assert lasting.folders == FoldersConfig(
        more_data_dirs=f"{folders / 'more'}: 2\n{folders / 'set'}",
        dataset_config=str(folders / "set.toml"),
        class_data_dir=str(folders / "class"),
    )
    assert lasting.dataset.data_dir == ""


@pytest.mark.parametrize("field", ["data_dir", "more_data_dirs"])
@pytest.mark.parametrize(("given", "repeats"), [("../10_link", 10), (".", 4)])
def test_a_resumed_run_shows_the_same_as_often_whatever_its_folders_are_called(
    folders: Path, monkeypatch: pytest.MonkeyPatch, field: str, given: str, repeats: int
) -> None:
    (folders / "10_link").symlink_to(folders / "more", target_is_directory=True)
    (folders / "4_pool").mkdir()
    Image.new("RGB", (64, 64)).save(folders / "4_pool" / "e bag.png")
    monkeypatch.chdir(folders / "4_pool")
    fields = {"data_dir": str(folders / "set"), "folder_repeats": True, field: given}
    begun = replace_fields(TrainingConfig(), fields)
    reports = [
        scan_folders(folders_of(each), CaptionRules()) for each in (begun, with_lasting_folders(begun))
    ]
    first, resumed = ([(image.name, image.repeats) for image in report.images] for report in reports)
    assert first == resumed and repeats in dict(first).values()


@pytest.mark.parametrize("toml", [False, True])
def test_captions_for_whole_paths_are_found_from_wherever_the_folder_is_named(
    folders: Path, monkeypatch: pytest.MonkeyPatch, toml: bool
) -> None:
    monkeypatch.chdir(folders)
    noted, file = folders / "set" / "a hat.png", folders / "set.toml"
    if toml:
        (folders / "meta.json").write_text(json.dumps({str(noted): {"caption": "noted"}}), "utf-8")
        file.write_text(
            "[[datasets]]\n[[datasets.subsets]]\nimage_dir = 'set'\nmetadata_file = 'meta.json'\n", "utf-8"
        )
    else:
        line = json.dumps({"file_name": str(noted), "text": "noted"})
        (folders / "set" / "metadata.jsonl").write_text(line, "utf-8")
    fields = {"dataset_config": "set.toml"} if toml else {"data_dir": "set"}
    begun = replace_fields(TrainingConfig(), fields)
    for config in (begun, with_lasting_folders(begun)):
        (image,) = scan_folders(folders_of(config), CaptionRules()).images
        assert image.caption == "noted"


@pytest.mark.option("folder_repeats", "more_data_dirs")
def test_repeats_and_weights_change_what_is_trained_and_resume_to_the_same_bits(
    config: TrainingConfig, run_training: Trainer, paths: Paths, folders: Path
) -> None:
    untrained = (paths.embeddings_dir / "zq.pt").read_bytes()
    wanted = {
        "data_dir": str(folders / "set"),
        "subfolders": True,
        "more_data_dirs": f"{folders / 'more'}: 2",
        "steps": 7,
    }
    plain = replace_fields(config, wanted)
    repeated = replace_fields(plain, {"folder_repeats": True})
    results = []
    for trained, stop_at in ((plain, None), (repeated, None), (repeated, 3)):
        (paths.embeddings_dir / "zq.pt").write_bytes(untrained)
        events = run_training(trained, stop_at=stop_at)
        if stop_at is not None:
            run_training(config_to_resume("zq", paths), resume=True)
        started = next(event for event in events if isinstance(event, TrainingStarted))
        results.append((read_embedding(paths.embeddings_dir / "zq.pt").vectors["clip_l"], started))
    (without, _), (whole, begun), (resumed, _) = results
    assert not torch.equal(without, whole)
    assert torch.equal(whole, resumed)
    assert begun.steps_per_epoch == 13  # 1 + 4 + 4, and the other folder twice that: 27 showings, two a step
