"""The latents of a run, with word of how far they are."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest
import torch

from traintab.configs import TrainingConfig, replace_fields
from traintab.datasets import latent_shelf
from traintab.datasets.latent_encoding import EncodingProgress
from traintab.datasets.latents import CachedLatents, Latents
from traintab.embeddings.formats import read_embedding
from traintab.errors import MemoryShortageError
from traintab.models.model import Model
from traintab.paths import Paths
from traintab.training import picture_latents as module
from traintab.training.checks import check_before_loading
from traintab.training.events import StepCompleted, TrainingEvent, TrainingInterrupted, TrainingNotice
from traintab.training.picture_latents import picture_latents
from traintab.training.picture_sizes import with_sizes

Trainer = Callable[..., list[TrainingEvent]]


def encoded(
    config: TrainingConfig,
    model: Model,
    paths: Paths,
    should_stop: Callable[[], bool] = lambda: False,
    **fields: Any,
) -> tuple[list[TrainingNotice], Latents | None]:
    plan = with_sizes(check_before_loading(replace_fields(config, fields), paths), model)
    return run_to_end(picture_latents(plan, model, paths, should_stop))


def run_to_end(generator: Generator[Any, None, Any]) -> tuple[list[Any], Any]:
    yielded = []
    while True:
        try:
            yielded.append(next(generator))
        except StopIteration as end:
            return yielded, end.value


def final_vectors(paths: Paths) -> list[float]:
    return read_embedding(paths.embeddings_dir / "zq.pt").vectors["clip_l"].flatten().tolist()


@pytest.fixture
def start_anew(config: TrainingConfig, paths: Paths) -> Callable[[], None]:
    """Puts the embedding back as it was before any training."""
    target = paths.embeddings_dir / "zq.pt"
    untrained = target.read_bytes()
    return lambda: target.write_bytes(untrained) and None


@pytest.mark.parametrize("method", ["once", "deterministic", "random"])
def test_the_settings_reach_the_latents(
    config: TrainingConfig, model: Model, paths: Paths, method: str
) -> None:
    latents = encoded(config, model, paths, latent_sampling_method=method, flip_augmentation=True)[1]
    assert isinstance(latents, CachedLatents)
    assert len(latents.mean) == 10
    assert (latents.std is not None) == (method == "random")


def test_the_seed_of_the_run_decides_the_one_sample(
    config: TrainingConfig, model: Model, paths: Paths
) -> None:
    first, again, other = (encoded(config, model, paths, seed=seed)[1] for seed in (1, 1, 2))
    assert isinstance(first, CachedLatents)
    assert isinstance(again, CachedLatents)
    assert isinstance(other, CachedLatents)
    assert torch.equal(first.mean, again.mean)
    assert not torch.equal(first.mean, other.mean)


def test_stopping_ends_the_encoding(config: TrainingConfig, model: Model, paths: Paths) -> None:
    notices, latents = encoded(config, model, paths, lambda: True)
    assert (notices, latents) == ([], None)


def test_the_time_left_is_told_when_it_is_long(
    config: TrainingConfig, model: Model, paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slowly(*_: object, **__: object) -> Generator[EncodingProgress, None, None]:
        for done, left in ((0, None), (1, 400.0), (3, 45.0), (4, 4.0), (5, 0.0)):
            yield EncodingProgress(done=done, total=5, seconds_left=left)

    monkeypatch.setattr(module, "encode_by_size", slowly)
    monkeypatch.setattr(module, "_SECONDS_BETWEEN_NOTICES", 0.0)
    notices, _ = encoded(config, model, paths)
    assert [notice.message.removeprefix("Encoding pictures: ") for notice in notices] == [
        "0 of 5",
        "1 of 5, about 7 min left",
        "3 of 5, about 45 s left",
        "4 of 5",
        "5 of 5",
    ]
    assert [notice.fraction for notice in notices] == [0.0, 0.2, 0.6, 0.8, 1.0]


def test_ten_thousand_pictures_do_not_make_ten_thousand_notices(
    config: TrainingConfig, model: Model, paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    def quickly(*_: object, **__: object) -> Generator[EncodingProgress, None, None]:
        for done in range(10_001):
            yield EncodingProgress(done=done, total=10_000)

    monkeypatch.setattr(module, "encode_by_size", quickly)
    monkeypatch.setattr(module, "_SECONDS_BETWEEN_NOTICES", 3600.0)
    notices, _ = encoded(config, model, paths)
    assert [notice.fraction for notice in notices] == [0.0, 1.0]


def test_running_out_of_memory_tells_what_to_lower(
    config: TrainingConfig, model: Model, paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_large(model: Model, pixels: torch.Tensor) -> None:
        raise RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB")

    monkeypatch.setattr(Model, "encode_images", too_large)
    with pytest.raises(MemoryShortageError, match=r"lower the size from 128 x 128"):
        encoded(config, model, paths, width=128, height=128)
    with pytest.raises(MemoryShortageError, match=r"lower the size from 72 x 64"):
        encoded(config, model, paths, width=128, height=128, resize_mode="none")


def test_a_set_that_does_not_fit_into_memory_trains_to_the_same_vectors_from_the_disk(
    config: TrainingConfig,
    paths: Paths,
    run_training: Trainer,
    start_anew: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = replace_fields(config, {"flip_augmentation": True, "latent_sampling_method": "random"})
    run_training(settings)
    in_memory = final_vectors(paths)
    start_anew()
    monkeypatch.setattr(latent_shelf, "_free_memory", lambda: 1000)
    events = run_training(settings)
    assert any("each step reads its own from the disk" in getattr(event, "message", "") for event in events)
    assert final_vectors(paths) == in_memory


@pytest.mark.parametrize("pause", [1, 4, 7])
def test_mirrored_and_sampled_anew_a_resumed_run_ends_bit_for_bit_the_same(
    config: TrainingConfig,
    paths: Paths,
    run_training: Trainer,
    start_anew: Callable[[], None],
    pause: int,
) -> None:
    settings = replace_fields(config, {"flip_augmentation": True, "latent_sampling_method": "random"})
    whole = [event.loss for event in run_training(settings) if isinstance(event, StepCompleted)]
    expected = final_vectors(paths)
    start_anew()
    first = run_training(settings, stop_at=pause)
    assert isinstance(first[-1], TrainingInterrupted)
    second = run_training(settings, resume=True)
    losses = [event.loss for event in (*first, *second) if isinstance(event, StepCompleted)]
    assert losses == whole
    assert final_vectors(paths) == expected


def test_flipping_is_another_training(
    config: TrainingConfig, paths: Paths, run_training: Trainer, start_anew: Callable[[], None]
) -> None:
    run_training(config)
    unflipped = final_vectors(paths)
    start_anew()
    run_training(replace_fields(config, {"flip_augmentation": True}))
    assert final_vectors(paths) != unflipped


def test_the_second_run_encodes_nothing(
    config: TrainingConfig,
    model: Model,
    paths: Paths,
    run_training: Trainer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run_training(replace_fields(config, {"steps": 1}))
    monkeypatch.setattr(Model, "encode_images", lambda model, pixels: pytest.fail("encoded"))
    fresh = dataclasses.replace(model)  # as loaded anew
    events = run_training(replace_fields(config, {"steps": 2, "seed": 9}), model=fresh)
    assert sum(isinstance(event, StepCompleted) for event in events) == 1


def test_pictures_lie_in_the_cache_folder(config: TrainingConfig, model: Model, paths: Paths) -> None:
    encoded(config, model, paths, flip_augmentation=True)
    files: list[Path] = sorted((paths.cache_dir / "latents" / model.vae_fingerprint).iterdir())
    assert len(files) == 10
    assert sum("mirrored" in file.name for file in files) == 5
