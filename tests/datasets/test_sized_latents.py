"""Latents of pictures of several sizes, and of several variants."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from traintab.datasets import latent_shelf
from traintab.datasets.latents import CachedLatents, Latents, LatentSettings, LatentsOnDisk
from traintab.datasets.pictures import pixels, shown_picture
from traintab.datasets.report import DatasetImage
from traintab.datasets.seeds import seeded_generator
from traintab.datasets.sized_latents import LatentsBySize, encode_by_size, groups_of
from traintab.datasets.variants import PictureRules
from traintab.models.model import Model
from traintab.pictures import open_picture

Images = tuple[DatasetImage, ...]
Encode = Callable[..., tuple[list[int], CachedLatents]]
SIZES = ((64, 64), (128, 64), (64, 64))
VARIED = PictureRules(variants=4, random_crop=0.3, color_jitter=0.3, grayscale_copies=0.25)


@pytest.fixture
def encode_sized(tiny_model: Model, tmp_path: Path) -> Callable[..., tuple[list[int], Latents]]:
    def run(images: Images, sizes: Any = SIZES, **settings: Any) -> tuple[list[int], Latents]:
        wanted = LatentSettings(**{"width": 64, "height": 64, **settings})
        encoding = encode_by_size(images, sizes, tiny_model, wanted, cache_dir=tmp_path)
        done = []
        while True:
            try:
                done.append(next(encoding).done)
            except StopIteration as end:
                return done, end.value

    return run


def seen(latents: Latents, pictures: Sequence[int], generator: torch.Generator) -> torch.Tensor:
    """What a step is shown of these pictures."""
    return latents.of_views(pictures, latents.drawn(pictures, generator), generator)


def test_pictures_of_one_size_have_one_number() -> None:
    assert groups_of([(8, 8), (16, 8), (8, 8), (8, 16)]) == (0, 1, 0, 2)


def test_each_picture_has_the_latents_of_its_own_size(
    images: Images, encode: Encode, encode_sized: Callable[..., Any]
) -> None:
    done, latents = encode_sized(images)
    assert isinstance(latents, LatentsBySize)
    assert done == sorted(done)
    assert done[-1] == 3
    _, square = encode(images)
    _, wide = encode(images, width=128)
    assert torch.equal(latents.still([2, 0]), square.mean[[2, 0]])
    assert torch.equal(latents.still([1]), wide.mean[[1]])
    assert latents.still([1]).shape == (1, 4, 8, 16)


def test_one_size_for_all_is_encoded_as_ever(
    images: Images, encode: Encode, encode_sized: Callable[..., Any]
) -> None:
    _, latents = encode_sized(images, [(128, 64)] * 3)
    assert isinstance(latents, CachedLatents)
    assert torch.equal(latents.mean, encode(images, width=128)[1].mean)


def test_draws_are_those_of_the_member(images: Images, encode_sized: Callable[..., Any]) -> None:
    _, latents = encode_sized(images, flip=True, method="random")
    shown = seen(latents, [0, 2], seeded_generator("x"))
    member = latents.members[0]
    assert torch.equal(shown, seen(member, [0, 1], seeded_generator("x")))


@pytest.mark.parametrize("flip", [False, True])
def test_every_view_is_what_the_vae_says_of_it(
    images: Images, encode: Encode, tiny_model: Model, flip: bool
) -> None:
    _, latents = encode(images, rules=VARIED, flip=flip)
    sides = 2 if flip else 1
    generator = seeded_generator("x")
    for number in range(4):
        variant = VARIED.variant(images[1].content_hash, number)
        seen = pixels(shown_picture(open_picture(images[1].path), (64, 64), VARIED, variant))[None]
        mean, _ = tiny_model.encode_images(seen)
        assert torch.equal(latents.of_views([1], [number * sides], generator), mean)
        if flip:
            mirrored, _ = tiny_model.encode_images(seen.flip(-1))
            assert torch.equal(latents.of_views([1], [number * sides + 1], generator), mirrored)


def test_together_all_sizes_fill_no_more_memory_than_one_may(
    images: Images, encode_sized: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    needed = 4 * 4 * (8 * 8 + 8 * 16 + 8 * 8)
    monkeypatch.setattr(latent_shelf, "_free_memory", lambda: 2 * needed)
    assert [type(each) for each in encode_sized(images)[1].members] == [CachedLatents, CachedLatents]
    monkeypatch.setattr(latent_shelf, "_free_memory", lambda: 2 * needed - 1)
    assert [type(each) for each in encode_sized(images)[1].members] == [LatentsOnDisk, LatentsOnDisk]


def test_together_all_sizes_take_no_more_of_a_card_than_one_may(
    images: Images, encode_sized: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    moved: list[tuple[int, int]] = []

    def on(self: CachedLatents, device: torch.device, *, beside: int = 0) -> CachedLatents:
        moved.append((self.mean.nbytes, beside))
        return self

    monkeypatch.setattr(CachedLatents, "on", on)
    encode_sized(images)
    square, wide = 4 * 4 * 8 * 8 * 2, 4 * 4 * 8 * 16
    assert moved == [(square, wide), (wide, square)]


def test_every_view_comes_by_an_even_chance(images: Images, encode: Encode) -> None:
    _, latents = encode(images, rules=VARIED, flip=True)
    drawn = latents.drawn([0] * 4000, seeded_generator("x"))
    counts = [drawn.count(view) for view in range(8)]
    assert 420 < min(counts) <= max(counts) < 580


def test_still_pictures_are_the_first_variant(images: Images, encode: Encode) -> None:
    _, varied = encode(images, rules=VARIED)
    _, plain = encode(images)
    assert torch.equal(varied.still([0, 1, 2]), plain.still([0, 1, 2]))


def test_variants_are_encoded_once_ever(images: Images, encode: Encode, counted: SimpleNamespace) -> None:
    encode(images, rules=VARIED)
    assert sum(counted.calls) == 12
    counted.calls.clear()
    done, _ = encode(images, rules=VARIED, seed=9)
    assert (done, counted.calls) == ([3], [])


def test_variants_that_are_the_same_are_encoded_once(
    images: Images, encode: Encode, counted: SimpleNamespace
) -> None:
    gray = PictureRules(variants=8, grayscale_copies=0.25)
    _, latents = encode(images, rules=gray)
    assert sum(counted.calls) == 6
    assert len(latents.mean) == 24


def test_more_variants_need_only_the_new_ones(
    images: Images, encode: Encode, counted: SimpleNamespace
) -> None:
    encode(images, rules=PictureRules(variants=4, random_crop=0.3))
    counted.calls.clear()
    encode(images, rules=PictureRules(variants=6, random_crop=0.3))
    assert sum(counted.calls) == 6


@pytest.mark.parametrize("method", ["once", "random"])
def test_from_the_disk_the_same_variants_are_shown(
    images: Images, encode: Encode, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    _, in_memory = encode(images, method=method, flip=True, rules=VARIED, seed=3)
    monkeypatch.setattr(latent_shelf, "_free_memory", lambda: 100)
    _, on_disk = encode(images, method=method, flip=True, rules=VARIED, seed=3)
    assert isinstance(on_disk, LatentsOnDisk)
    generators = seeded_generator("x"), seeded_generator("x")
    for _ in range(5):
        shown = [seen(each, [2, 0], g) for each, g in zip((in_memory, on_disk), generators, strict=True)]
        assert torch.equal(*shown)


def test_another_way_of_fitting_is_encoded_anew(
    images: Images, encode: Encode, counted: SimpleNamespace
) -> None:
    _, cropped = encode(images)
    counted.calls.clear()
    _, stretched = encode(images, rules=PictureRules(resize_mode="stretch"))
    assert sum(counted.calls) == 3
    assert not torch.equal(cropped.mean[1], stretched.mean[1])
    _, again = encode(images, rules=dataclasses.replace(PictureRules(), resize_mode="buckets"))
    assert torch.equal(again.mean, cropped.mean)
