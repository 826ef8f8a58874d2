"""What a step is shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import torch

from traintab.datasets import latent_shelf, latents
from traintab.datasets.latents import CachedLatents, Latents, LatentsOnDisk
from traintab.datasets.report import DatasetImage
from traintab.datasets.seeds import seeded_generator
from traintab.errors import StorageError

Images = tuple[DatasetImage, ...]
Encode = Callable[..., tuple[list[int], CachedLatents]]

METHODS = ["once", "deterministic", "random"]


def numbered(count: int, *, flip: bool = False, std: float | None = None) -> CachedLatents:
    """Picture i is full of i, and mirrored of i + 100."""
    values = [*range(count), *(100 + index for index in range(count) if flip)]
    mean = torch.tensor(values, dtype=torch.float32)[:, None, None, None].expand(-1, 4, 2, 2).clone()
    return CachedLatents(mean=mean, std=None if std is None else torch.full_like(mean, std), flip=flip)


def seen(latents: Latents, pictures: Sequence[int], generator: torch.Generator) -> torch.Tensor:
    """What a step is shown of these pictures."""
    return latents.of_views(pictures, latents.drawn(pictures, generator), generator)


def first_values(shown: torch.Tensor) -> list[float]:
    return [float(value) for value in shown[:, 0, 0, 0]]


def test_pictures_are_shown_by_their_index() -> None:
    generator = seeded_generator("x")
    before = generator.get_state()
    assert first_values(seen(numbered(3), [2, 0], generator)) == [2, 0]
    assert torch.equal(generator.get_state(), before)  # nothing was drawn


def test_about_half_of_the_showings_are_mirrored() -> None:
    shown = first_values(seen(numbered(2, flip=True), [1] * 2000, seeded_generator("x")))
    assert set(shown) == {1.0, 101.0}
    assert 900 < shown.count(101.0) < 1100


def test_each_picture_of_a_batch_is_mirrored_by_itself() -> None:
    generator, both = seeded_generator("x"), numbered(2, flip=True)
    batches = [first_values(seen(both, [0, 1], generator)) for _ in range(200)]
    counts = {tuple(value >= 100 for value in batch): 0 for batch in batches}
    assert len(counts) == 4
    assert all(batch[0] in (0, 100) and batch[1] in (1, 101) for batch in batches)


def test_the_generator_decides_all_of_it() -> None:
    both = numbered(5, flip=True, std=0.5)
    first, again = (seen(both, [0, 3, 4], seeded_generator("x")) for _ in range(2))
    assert torch.equal(first, again)
    assert not torch.equal(first, seen(both, [0, 3, 4], seeded_generator("y")))


def test_samples_have_the_posterior_s_mean_and_deviation() -> None:
    drawn = seen(numbered(4, std=0.25), [3] * 4000, seeded_generator("x"))
    assert drawn.mean().item() == pytest.approx(3, abs=0.01)
    assert drawn.std().item() == pytest.approx(0.25, abs=0.01)


def test_drawing_changes_nothing_of_what_is_kept() -> None:
    kept = numbered(2, flip=True, std=0.5)
    mean, std = kept.mean.clone(), torch.full_like(kept.mean, 0.5)
    seen(kept, [0, 1], seeded_generator("x"))
    assert torch.equal(kept.mean, mean)
    assert kept.std is not None
    assert torch.equal(kept.std, std)


@pytest.mark.parametrize("std", [None, 0.5])
def test_still_pictures_are_unmirrored_means(std: float | None) -> None:
    assert first_values(numbered(3, flip=True, std=std).still([2, 2, 0])) == [2, 2, 0]


def test_a_large_set_stays_in_main_memory_and_its_batches_go_to_the_card(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    small = numbered(3, std=0.5)
    monkeypatch.setattr(latents, "_MOST_ON_A_CARD", 2 * small.mean.nbytes)
    card = torch.device("meta")
    assert small.on(card).mean.device == card
    large = numbered(4, std=0.5).on(card)
    assert large.mean.device == torch.device("cpu")
    assert seen(large, [0], seeded_generator("x")).device == card
    assert large.still([0]).device == card


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("flip", [False, True])
def test_from_the_disk_the_same_is_shown_as_from_memory(
    images: Images, encode: Encode, monkeypatch: pytest.MonkeyPatch, method: str, flip: bool
) -> None:
    _, in_memory = encode(images, method=method, flip=flip, seed=3)
    monkeypatch.setattr(latent_shelf, "_free_memory", lambda: 100)
    done, on_disk = encode(images, method=method, flip=flip, seed=3)
    assert done == [3]
    assert isinstance(in_memory, CachedLatents)
    assert isinstance(on_disk, LatentsOnDisk)
    generators = seeded_generator("x"), seeded_generator("x")
    for pictures in ([0, 1], [2, 2], [1]):
        shown = [seen(each, pictures, g) for each, g in zip((in_memory, on_disk), generators, strict=True)]
        assert torch.equal(*shown)
        assert torch.equal(in_memory.still(pictures), on_disk.still(pictures))
    assert torch.equal(generators[0].get_state(), generators[1].get_state())


@pytest.mark.parametrize(
    ("method", "flip", "tensors"), [("once", True, 2), ("random", False, 2), ("once", False, 1)]
)
def test_memory_is_filled_by_half_at_most(
    images: Images, encode: Encode, monkeypatch: pytest.MonkeyPatch, method: str, flip: bool, tensors: int
) -> None:
    needed = 3 * tensors * 4 * 4 * 8 * 8
    monkeypatch.setattr(latent_shelf, "_free_memory", lambda: 2 * needed)
    assert isinstance(encode(images, method=method, flip=flip)[1], CachedLatents)
    monkeypatch.setattr(latent_shelf, "_free_memory", lambda: 2 * needed - 1)
    assert isinstance(encode(images, method=method, flip=flip)[1], LatentsOnDisk)


def test_latents_that_vanish_from_the_disk_are_told_with_the_remedy(
    images: Images, encode: Encode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(latent_shelf, "_free_memory", lambda: 100)
    _, on_disk = encode(images)
    assert isinstance(on_disk, LatentsOnDisk)
    for file in on_disk.cache.folder.iterdir():
        Path(file).unlink()
    with pytest.raises(StorageError, match=r"resume, and they are encoded again"):
        seen(on_disk, [0], seeded_generator("x"))
