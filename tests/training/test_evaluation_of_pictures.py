"""Evaluating pictures of several sizes, and pictures with masks."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from PIL import Image

from traintab.configs import TrainingConfig, replace_fields
from traintab.datasets.latents import CachedLatents
from traintab.datasets.masks import LossMasks
from traintab.datasets.seeds import seeded_generator
from traintab.datasets.sized_latents import LatentsBySize
from traintab.embeddings.embedding import Embedding
from traintab.models.model import Model
from traintab.paths import Paths
from traintab.training.checks import check_before_loading
from traintab.training.evaluation_set import EvaluationSet, Sample
from traintab.training.picture_loss import PromptEncoder, TrainingPictures
from traintab.training.prepare import prepare

VECTORS = {"clip_l": torch.full((2, 32), 0.02)}
SAMPLES = [Sample(picture=n % 3, prompt="a zq", timestep=100 * n + 50, noise_seed=str(n)) for n in range(6)]


def latents(count: int, width: int) -> CachedLatents:
    return CachedLatents(mean=torch.randn(count, 4, 8, width, generator=seeded_generator("latents", width)))


def judge(model: Model, pictures: TrainingPictures, samples: list[Sample], batch_size: int) -> float:
    encoder = PromptEncoder(model, {"zq": Embedding(name="zq", vectors=VECTORS)})
    return EvaluationSet(model, pictures, encoder, samples, name="zq", batch_size=batch_size).loss(VECTORS)


def test_pictures_of_several_sizes_are_judged_as_each_alone(model: Model) -> None:
    both = LatentsBySize(members=(latents(2, 8), latents(1, 12)), places=((0, 0), (1, 0), (0, 1)))
    pictures = TrainingPictures(captions=("a", "b", "c"), latents=both, groups=(0, 1, 0))
    alone = [judge(model, pictures, [sample], 1) for sample in SAMPLES]
    assert judge(model, pictures, SAMPLES, 4) == pytest.approx(sum(alone) / 6, rel=1e-5)


def test_what_the_mask_hides_is_not_judged(model: Model) -> None:
    half = torch.zeros(1, 8, 8, dtype=torch.uint8)
    half[..., :4] = 255
    other = torch.full((1, 8, 8), 255, dtype=torch.uint8) - half
    losses = []
    for mask in (half, other, torch.full_like(half, 255)):
        masks = LossMasks(weights=(mask,) * 3)
        pictures = TrainingPictures(captions=("a", "b", "c"), latents=latents(3, 8), masks=masks)
        losses.append(judge(model, pictures, SAMPLES, 2))
    plain = judge(model, TrainingPictures(captions=("a", "b", "c"), latents=latents(3, 8)), SAMPLES, 2)
    assert losses[0] != pytest.approx(losses[1], rel=1e-3)
    assert (losses[0] + losses[1]) / 2 == pytest.approx(plain, rel=1e-5)
    assert losses[2] == pytest.approx(plain, rel=1e-6)


def identity(config: TrainingConfig, model: Model, paths: Paths, **fields: object) -> str:
    """What names the run's evaluation set."""
    plan = check_before_loading(replace_fields(config, fields), paths)
    preparing = prepare(plan, model, paths, lambda: False)
    while True:
        try:
            next(preparing)
        except StopIteration as end:
            return str(end.value.evaluations.identity)


def test_curves_of_pictures_seen_otherwise_are_other_curves(
    config: TrainingConfig, model: Model, paths: Paths, pictures: Path
) -> None:
    for picture in list(pictures.iterdir()):
        Image.new("L", (72, 64), 255).save(picture.with_name(f"{picture.stem}-masklabel.png"))
    settings: list[dict[str, object]] = [
        {},
        {"resize_mode": "stretch"},
        {"resolutions": "64, 96"},
        {"transparency_color": "black"},
        {"loss_mask": "files"},
        {"loss_mask": "files", "unmasked_weight": 0.5},
        {"grayscale_copies": 1.0},
    ]
    identities = [identity(config, model, paths, **fields) for fields in settings]
    assert len(set(identities)) == len(identities)
    assert identities[0].endswith(" own VAE seed 0"), "as before there were such settings"


def test_names_of_files_do_not_change_the_curve_of_several_sizes(
    config: TrainingConfig, model: Model, paths: Paths, pictures: Path
) -> None:
    Image.effect_noise((160, 64), 90).convert("RGB").save(pictures / "0.png")
    Image.new("L", (160, 64), 255).save(pictures / "0-masklabel.png")
    settings: dict[str, object] = {"resize_mode": "buckets", "bucket_step": 8, "loss_mask": "files"}
    before = identity(config, model, paths, template="style.txt", **settings)
    for ending in (".png", "-masklabel.png"):
        (pictures / f"0{ending}").rename(pictures / f"zz{ending}")
    assert identity(config, model, paths, template="style.txt", **settings) == before


def test_what_changes_no_pixel_of_the_first_variant_leaves_the_curve_comparable(
    config: TrainingConfig, model: Model, paths: Paths
) -> None:
    same = {"resize_mode": "buckets", "bucket_step": 8}  # all are nearly square
    assert identity(config, model, paths, **same) == identity(config, model, paths)
    varied = {"random_crop": 0.2, "color_jitter": 0.2, "grayscale_copies": 0.2, "picture_variants": 3}
    assert identity(config, model, paths, **varied) == identity(config, model, paths)
