"""Pictures become latents once."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from traintab.datasets import latent_encoding
from traintab.datasets.latent_encoding import encode_latents
from traintab.datasets.latents import CachedLatents, LatentSettings
from traintab.datasets.pictures import pixels
from traintab.datasets.report import DatasetImage, scan
from traintab.errors import DatasetError, NonFiniteError, StorageError
from traintab.models.memory import MemoryUse
from traintab.models.model import Model
from traintab.pictures import open_picture
from traintab.prompts.captions import CaptionRules

Images = tuple[DatasetImage, ...]
Encode = Callable[..., tuple[list[int], CachedLatents]]


def test_latents_have_a_mean_and_a_deviation_for_every_picture(images: Images, encode: Encode) -> None:
    done, latents = encode(images, method="random")
    assert latents.std is not None
    assert latents.mean.shape == latents.std.shape == (3, 4, 8, 8)
    assert bool((latents.std > 0).all())
    assert done == [0, 1, 2, 3]


@pytest.mark.parametrize("method", ["once", "deterministic"])
def test_deviations_that_no_step_needs_take_no_memory(images: Images, encode: Encode, method: str) -> None:
    assert encode(images, method=method)[1].std is None


def test_they_are_what_the_vae_says_of_the_picture_and_of_its_mirror_image(
    images: Images, encode: Encode, tiny_model: Model
) -> None:
    _, latents = encode(images[:1], method="random", flip=True)
    assert latents.std is not None
    upright = pixels(open_picture(images[0].path))[None]
    for row, shown in enumerate((upright, upright.flip(-1))):
        mean, std = tiny_model.encode_images(shown)
        assert torch.equal(latents.mean[row], mean[0])
        assert torch.equal(latents.std[row], std[0])
    assert not torch.allclose(latents.mean[0], latents.mean[1], atol=1e-3)
    assert not torch.equal(latents.mean[0].flip(-1), latents.mean[1])  # the VAE isn't symmetric


@pytest.mark.parametrize("flip", [False, True])
def test_the_second_time_nothing_is_encoded(
    images: Images, encode: Encode, tiny_model: Model, counted: SimpleNamespace, flip: bool
) -> None:
    _, first = encode(images, flip=flip)
    assert sum(counted.calls) == (6 if flip else 3)
    counted.calls.clear()
    done, second = encode(images, flip=flip, model=dataclasses.replace(tiny_model))
    assert counted.calls == []
    assert done == [3]
    assert torch.equal(first.mean, second.mean)


def test_switching_flip_on_encodes_the_mirrored_ones_alone(
    images: Images, encode: Encode, counted: SimpleNamespace
) -> None:
    _, upright = encode(images)
    counted.calls.clear()
    done, both = encode(images, flip=True)
    assert sum(counted.calls) == 3
    assert done == [1, 2, 2, 3]
    assert torch.equal(both.mean[:3], upright.mean)


def test_a_renamed_picture_is_found_by_its_content(images: Images, encode: Encode) -> None:
    encode(images)
    renamed = dataclasses.replace(images[0], path=Path("gone.png"))
    assert encode((renamed,))[0] == [1]


def test_equal_pictures_are_encoded_once(images: Images, encode: Encode, counted: SimpleNamespace) -> None:
    shutil.copy(images[0].path, images[0].path.with_name("again.png"))
    twice = scan(images[0].path.parent, CaptionRules()).images
    done, latents = encode(twice, method="random", flip=True)
    assert sum(counted.calls) == 6
    assert done[-1] == 4
    assert latents.mean.shape[0] == 8
    assert torch.equal(latents.mean[0], latents.mean[1])


def test_another_size_is_encoded_anew(images: Images, encode: Encode) -> None:
    encode(images)
    done, latents = encode(images, height=128)
    assert done[0] == 0
    assert latents.mean.shape == (3, 4, 16, 8)


def test_a_picture_s_latents_do_not_depend_on_the_others(
    images: Images, encode: Encode, tmp_path: Path
) -> None:
    _, together = encode(images)
    shutil.rmtree(tmp_path / "latents")
    _, alone = encode(images[1:2])
    assert torch.equal(together.mean[1], alone.mean[0])


def test_one_sample_for_the_run_depends_on_nothing_but_the_seed_and_the_picture(
    images: Images, encode: Encode
) -> None:
    _, first = encode(images, method="once", seed=7)
    _, alone = encode(images[2:], method="once", seed=7, flip=True)
    _, other = encode(images, method="once", seed=8)
    _, mean = encode(images)
    assert torch.equal(first.mean[2], alone.mean[0])
    assert not torch.equal(first.mean, other.mean)
    assert not torch.equal(first.mean, mean.mean)


def with_memory(monkeypatch: pytest.MonkeyPatch, available: int) -> None:
    """As if the model were on a card with this much memory."""
    use = MemoryUse(allocated=0, held=0, free=available, total=available)
    monkeypatch.setattr(latent_encoding, "memory_use", lambda device: use)
    monkeypatch.setattr(latent_encoding, "_on_processor", lambda model: False)


# At 64 pixels the tiny VAE's peak is reckoned as 8 * 4 * 8 * 64 * 64 bytes = 1 MiB a picture.
@pytest.mark.parametrize(("available", "expected"), [(4 * 2**20, [2, 1]), (2**30, [3]), (100, [1, 1, 1])])
def test_on_a_card_batches_are_as_large_as_half_of_its_memory_allows(
    images: Images,
    encode: Encode,
    counted: SimpleNamespace,
    monkeypatch: pytest.MonkeyPatch,
    available: int,
    expected: list[int],
) -> None:
    with_memory(monkeypatch, available)
    done, _ = encode(images)
    assert counted.calls == expected
    assert done[-1] == 3


def test_a_batch_that_does_not_fit_after_all_is_halved(
    images: Images, encode: Encode, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, alone = encode(images, method="random")
    shutil.rmtree(tmp_path / "latents")
    with_memory(monkeypatch, 2**30)
    whole = Model.encode_images

    def small(model: Model, batch: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        if len(batch) > 1:
            raise RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB")
        return whole(model, batch)

    monkeypatch.setattr(Model, "encode_images", small)
    _, halved = encode(images, method="random")
    assert torch.equal(alone.mean, halved.mean)


def test_a_vae_that_overflows_is_told_with_the_picture(
    images: Images, encode: Encode, tiny_model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = (torch.full((1, 4, 8, 8), float("nan")),) * 2
    monkeypatch.setattr(Model, "encode_images", lambda model, pixels: broken)
    with pytest.raises(NonFiniteError, match=r"Encoding a\.png gave values that are no numbers"):
        encode(images)


def test_a_picture_that_went_away_after_the_scan_is_told(images: Images, encode: Encode) -> None:
    images[1].path.unlink()
    with pytest.raises(DatasetError, match=r"b\.png was there a moment ago and can't be read any more"):
        encode(images)
    assert encode(images[:1])[0] == [1]  # what was encoded before it is kept


def test_a_full_disk_is_told_before_anything_is_encoded(
    images: Images, encode: Encode, counted: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(latent_encoding.shutil, "disk_usage", lambda path: SimpleNamespace(free=5000))
    with pytest.raises(StorageError, match="Free some disk space"):
        encode(images)
    assert counted.calls == []


def test_the_time_left_is_told_once_something_was_encoded(
    images: Images, tiny_model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter([100.0, 110.0, 120.0, 130.0])
    monkeypatch.setattr(latent_encoding.time, "monotonic", lambda: next(clock))
    settings = LatentSettings(width=64, height=64)
    reports = list(encode_latents(images, tiny_model, settings, cache_dir=tmp_path))
    assert [report.seconds_left for report in reports] == [None, 20.0, 10.0, 0.0]
    assert {report.total for report in reports} == {3}


def test_stopping_in_the_middle_keeps_what_is_encoded(
    images: Images, encode: Encode, tiny_model: Model, tmp_path: Path
) -> None:
    settings = LatentSettings(width=64, height=64)
    encoding = encode_latents(images, tiny_model, settings, cache_dir=tmp_path)
    while next(encoding).done < 2:
        pass
    encoding.close()
    assert encode(images)[0] == [2, 3]


def test_reading_a_large_cache_tells_how_far_it_is(
    images: Images, encode: Encode, monkeypatch: pytest.MonkeyPatch
) -> None:
    encode(images)
    monkeypatch.setattr(latent_encoding, "_READ_BETWEEN_REPORTS", 1)
    assert encode(images)[0] == [1, 2, 3, 3]
