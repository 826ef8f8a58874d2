"""Each setting of pictures and masks is learned from, resumed with, and told of."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from traintab.configs import CreateConfig, TrainingConfig, replace_fields
from traintab.embeddings.formats import read_embedding
from traintab.errors import DatasetError
from traintab.models.model import Model
from traintab.paths import Paths
from traintab.training import picture_masks
from traintab.training.checks import check_before_loading
from traintab.training.create import create_embedding
from traintab.training.events import Evaluated, StepCompleted, TrainingEvent, TrainingInterrupted
from traintab.training.picture_sizes import sizes_told, with_sizes

Trainer = Callable[..., list[TrainingEvent]]
Learn = Callable[..., list[float]]

SIZES = {"red hat": (160, 64), "blue hat": (64, 160), "green hat": (100, 90), "old hat": (96, 96)}
BUCKETS = {"resize_mode": "buckets", "bucket_step": 8}
ALL = {
    **BUCKETS,
    "resolutions": "64, 96",
    "random_crop": 0.2,
    "color_jitter": 0.2,
    "grayscale_copies": 0.3,
    "picture_variants": 3,
    "loss_mask": "files",
    "unmasked_weight": 0.1,
    "flip_augmentation": True,
    "latent_sampling_method": "random",
}


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Four pictures of noise, of four shapes, half of it transparent, each with a mask."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number, (name, (width, height)) in enumerate(SIZES.items()):
        values = np.random.default_rng(number).integers(
            0, 256, (height // 8, width // 8 + 1, 4), dtype=np.uint8
        )
        values[..., 3] = 255
        values[: height // 16, :, 3] = 0
        picture = Image.fromarray(values).resize((width, height), Image.Resampling.NEAREST)
        picture.save(folder / f"{name}.png")
        mask = Image.new("L", (width, height))
        mask.paste(255, (0, 0, width // 2, height))
        mask.save(folder / f"{name}-masklabel.png")
    return folder


@pytest.fixture
def learn(config: TrainingConfig, paths: Paths, run_training: Trainer) -> Learn:
    """The vectors after four steps from the same start with these settings."""
    target = paths.embeddings_dir / "zq.pt"
    untrained = target.read_bytes()

    def run(**fields: object) -> list[float]:
        target.write_bytes(untrained)
        run_training(replace_fields(config, {"steps": 4, "evaluate_every": 0, **fields}))
        return read_embedding(target).vectors["clip_l"].flatten().tolist()

    return run


@pytest.mark.option("resize_mode", "resolutions", "random_crop", "color_jitter", "grayscale_copies")
@pytest.mark.option("transparency_color", "loss_mask", "width", "height", "latent_sampling_method")
@pytest.mark.option("flip_augmentation")
def test_each_setting_alone_trains_other_vectors(learn: Learn) -> None:
    settings: list[dict[str, object]] = [
        {},
        {"resize_mode": "stretch"},
        {"resize_mode": "none"},
        BUCKETS,
        {"resolutions": "64, 96"},
        {"random_crop": 0.3},
        {"color_jitter": 0.3},
        {"grayscale_copies": 0.5},
        {"transparency_color": "#00ff00"},
        {"loss_mask": "alpha"},
        {"loss_mask": "files"},
        {"width": 96},
        {"height": 96},
        {"latent_sampling_method": "deterministic"},
        {"flip_augmentation": True},
    ]
    learned = [tuple(learn(**fields)) for fields in settings]
    assert len(set(learned)) == len(learned)


@pytest.mark.option("bucket_step", "bucket_min", "bucket_max", "bucket_no_upscale")
@pytest.mark.option("picture_variants", "unmasked_weight")
def test_each_setting_that_belongs_to_another_trains_other_vectors(learn: Learn) -> None:
    of_buckets: list[dict[str, object]] = [
        {"bucket_step": 8},
        {"bucket_step": 64},
        {"bucket_step": 8, "bucket_min": 80},
        {"bucket_step": 8, "bucket_max": 104},
        {"bucket_step": 8, "bucket_no_upscale": True},
    ]
    sized = {"resize_mode": "buckets", "width": 96, "height": 96}
    learned = [tuple(learn(**sized, **fields)) for fields in of_buckets]
    assert len(set(learned)) == len(learned)
    assert learn(random_crop=0.3, picture_variants=2) != learn(random_crop=0.3, picture_variants=5)
    assert learn(loss_mask="files", unmasked_weight=0.5) != learn(loss_mask="files")


def test_settings_of_what_is_off_change_nothing(learn: Learn) -> None:
    others = {"bucket_step": 8, "bucket_no_upscale": True, "picture_variants": 3, "unmasked_weight": 0.5}
    assert learn(**others) == learn()


@pytest.mark.parametrize("pause", [5, pytest.param(8, marks=pytest.mark.long)])
def test_with_all_of_it_a_resumed_run_ends_bit_for_bit_the_same(
    config: TrainingConfig, paths: Paths, run_training: Trainer, pause: int
) -> None:
    target = paths.embeddings_dir / "zq.pt"
    untrained = target.read_bytes()
    settings = replace_fields(config, {**ALL, "evaluate_every": 4, "evaluation_samples": 6})
    whole = run_training(settings)
    expected = read_embedding(target).vectors["clip_l"]
    target.write_bytes(untrained)
    first = run_training(settings, stop_at=pause)
    assert isinstance(first[-1], TrainingInterrupted)
    resumed = run_training(settings, resume=True)
    losses = [
        [e.loss for e in run if isinstance(e, (StepCompleted, Evaluated))]
        for run in (whole, [*first, *resumed])
    ]
    assert losses[0] == losses[1]
    assert read_embedding(target).vectors["clip_l"].equal(expected)


def test_the_sizes_are_told_with_how_many_pictures_each_has(
    config: TrainingConfig, run_training: Trainer
) -> None:
    settings = replace_fields(config, {**BUCKETS, "steps": 2, "evaluate_every": 0, "batch_size": 4})
    told = [getattr(event, "message", "") for event in run_training(settings)]
    (sizes,) = [message for message in told if message.startswith("Pictures are shown at")]
    assert sizes == (
        "Pictures are shown at 3 sizes: 64 x 64 (2), 40 x 96 (1), 96 x 40 (1). Only those of one size share a"
        " batch."
    )
    assert "Batch size is 2 instead of 4: there are no more pictures of one size." in told


def test_of_many_sizes_the_most_frequent_are_told(
    config: TrainingConfig, paths: Paths, model: Model, pictures: Path
) -> None:
    for number in range(12):
        Image.new("RGB", (64 + 8 * number, 72)).save(pictures / f"hat {number}.png")
    plan = check_before_loading(replace_fields(config, {"resize_mode": "none"}), paths)
    told = sizes_told(with_sizes(plan, model))
    assert told.startswith("Pictures are shown at 16 sizes: 64 x 72 (1), 64 x 160 (1), ")
    assert " and 8 more. Only" in told


@pytest.mark.parametrize(("before", "after"), [("64", "64, 96"), ("64, 96", "96")])
def test_a_run_goes_on_with_other_resolutions(
    config: TrainingConfig, run_training: Trainer, before: str, after: str
) -> None:
    settings = replace_fields(config, {"resolutions": before, "steps": 6, "evaluate_every": 0})
    run_training(settings, stop_at=2)
    resumed = run_training(replace_fields(settings, {"resolutions": after}), resume=True)
    told = [getattr(event, "message", "") for event in resumed]
    assert any(f"Resolutions: {before} → {after}" in message for message in told)
    assert any("the order of the pictures and their prompts begin anew" in message for message in told)
    assert sum(isinstance(event, StepCompleted) for event in resumed) == 4


def test_a_changed_mask_is_told_when_a_run_goes_on(
    config: TrainingConfig, run_training: Trainer, pictures: Path
) -> None:
    settings = replace_fields(config, {"loss_mask": "files"})
    run_training(settings, stop_at=3)
    Image.new("L", (96, 96), 255).save(pictures / "old hat-masklabel.png")
    told = " ".join(getattr(event, "message", "") for event in run_training(settings, resume=True))
    assert "changed: old hat.png" in told


def test_pictures_learned_as_a_whole_against_the_wish_are_named(
    config: TrainingConfig, run_training: Trainer, pictures: Path
) -> None:
    (pictures / "old hat-masklabel.png").unlink()
    Image.new("L", (100, 90), 0).save(pictures / "green hat-masklabel.png")
    settings = replace_fields(config, {"loss_mask": "files", "steps": 1})
    told = [getattr(event, "message", "") for event in run_training(settings)]
    assert (
        "Learned as a whole, because they have no mask, or one that is white in all that is shown: old"
        " hat.png. Learned as a whole, because all that is shown of them is black in their masks: green"
        " hat.png." in told
    )


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"resize_mode": "none"}, r"tiny\.png \(60 x 64\) can't be: sides must be from 64 to 2048 pixels"),
        ({"loss_mask": "files"}, r"The mask .*tiny-masklabel\.png of tiny\.png can't be read"),
    ],
)
def test_pictures_and_masks_that_can_not_be_used_are_refused_before_anything_starts(
    config: TrainingConfig, run_training: Trainer, pictures: Path, fields: dict[str, object], told: str
) -> None:
    Image.new("RGB", (60, 64)).save(pictures / "tiny.png")
    (pictures / "tiny-masklabel.png").write_bytes(b"no picture")
    with pytest.raises(DatasetError, match=told):
        run_training(replace_fields(config, fields))


@pytest.mark.parametrize(("size", "is_told"), [((64, 160), True), ((80, 32), False), ((79, 32), False)])
def test_a_mask_of_another_shape_than_its_picture_is_told(
    config: TrainingConfig, paths: Paths, pictures: Path, size: tuple[int, int], is_told: bool
) -> None:
    Image.new("L", size, 255).save(pictures / "red hat-masklabel.png")
    told = " ".join(check_before_loading(replace_fields(config, {"loss_mask": "files"}), paths).notices)
    assert ("stretched over it: red hat.png. If it was made before" in told) == is_told


def test_masks_are_told_of_while_they_are_read_and_stop_when_asked_to(
    config: TrainingConfig, paths: Paths, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = with_sizes(check_before_loading(replace_fields(config, {"loss_mask": "files"}), paths), model)
    monkeypatch.setattr(picture_masks, "_SECONDS_BETWEEN_NOTICES", 0)
    told = picture_masks.picture_masks(plan, model, lambda: False)
    assert [notice.message for notice in told] == [f"Reading masks: {n} of 4" for n in (1, 2, 3, 4)]
    with pytest.raises(StopIteration) as stopped:
        next(picture_masks.picture_masks(plan, model, lambda: True))
    assert stopped.value.value is None


def test_wanting_masks_where_there_are_none_is_refused_with_what_to_do(
    config: TrainingConfig, run_training: Trainer, pictures: Path
) -> None:
    for mask in pictures.glob("*-masklabel.png"):
        mask.unlink()
    with pytest.raises(
        DatasetError, match=r"no picture has one. Put a mask beside each.*blue hat-masklabel\.png"
    ):
        run_training(replace_fields(config, {"loss_mask": "files"}))


def test_sdxl_is_told_each_bucket_and_each_crop(
    config: TrainingConfig,
    paths: Paths,
    run_training: Trainer,
    tiny_families: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (paths.embeddings_dir / "zq.pt").unlink()
    model = tiny_families.model("sdxl")
    create_embedding(CreateConfig(name="zq", initialization_text="girl"), model=model, paths=paths)
    told: list[tuple[tuple[int, ...], list[float]]] = []
    predict = Model.predict

    def listening(self: Model, noisy: Any, timesteps: Any, embeds: Any, added: Any = None) -> Any:
        told.extend((tuple(noisy.shape[2:]), row) for row in added.time_ids.tolist())
        return predict(self, noisy, timesteps, embeds, added)

    monkeypatch.setattr(Model, "predict", listening)
    settings = {**BUCKETS, "random_crop": 0.3, "steps": 6, "evaluate_every": 0, "width": 64, "height": 64}
    wanted = dataclasses.replace(config, model=str(tiny_families.folder("sdxl")))
    run_training(replace_fields(wanted, settings), model=model)
    originals = {(height, width) for width, height in SIZES.values()}
    assert all(tuple(row[:2]) in originals for _, row in told)
    assert all((row[4] / 8, row[5] / 8) == shape for shape, row in told)
    assert len({tuple(row[4:]) for _, row in told}) == 3
    assert len({tuple(row[2:4]) for _, row in told}) > 3
