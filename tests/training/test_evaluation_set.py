"""The evaluation set: which samples, and what they cost in a real run on the tiny model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.utils._python_dispatch import TorchDispatchMode

from traintab.conditioning.encoding import encode_prompts
from traintab.configs import TrainingConfig, replace_fields
from traintab.datasets.latents import CachedLatents
from traintab.datasets.report import DatasetImage
from traintab.datasets.seeds import seeded_generator
from traintab.embeddings.embedding import Embedding
from traintab.embeddings.formats import read_embedding
from traintab.models.model import Model
from traintab.prompts.templates import Template
from traintab.training.evaluation_set import EvaluationSet, Sample, chosen_samples, identity_of
from traintab.training.picture_loss import PromptEncoder, TrainingPictures
from traintab.training.prompt_lines import PromptRules

RULES = PromptRules(
    name="zq", template=Template(name="t.txt", lines=("a photo of [name], [filewords]", "a [name]"))
)


def images(count: int) -> list[DatasetImage]:
    return [image(n, f"{n}.png") for n in range(count)]


def image(number: int, name: str) -> DatasetImage:
    content = f"{number * 7919 % 100:064d}"
    return DatasetImage(path=Path(name), caption=f"hat {number}", content_hash=content, width=8, height=8)


@given(st.integers(1, 20), st.integers(1, 40), st.integers(40, 1000))
@pytest.mark.option("evaluation_samples")
def test_timesteps_are_spread_over_the_whole_range_and_dealt_out_to_the_pictures(
    num_images: int, count: int, num_timesteps: int
) -> None:
    samples = chosen_samples(images(num_images), RULES, count=count, timesteps=range(num_timesteps))
    timesteps = sorted(sample.timestep for sample in samples)
    assert len(samples) == count and timesteps[0] >= 0 and timesteps[-1] < num_timesteps
    part = num_timesteps / count
    assert all(number * part - 1 <= t < (number + 1) * part for number, t in enumerate(timesteps))
    shown = [sum(sample.picture == picture for sample in samples) for picture in range(num_images)]
    assert max(shown) - min(shown) <= 1


def test_the_samples_do_not_depend_on_names_or_order_of_the_files() -> None:
    given_images = images(5)
    samples = chosen_samples(given_images, RULES, count=8, timesteps=range(1000))
    turned = [image(number, f"renamed {number}.png") for number in reversed(range(5))]
    again = chosen_samples(turned, RULES, count=8, timesteps=range(1000))
    assert [(turned[s.picture].caption, s.prompt, s.timestep, s.noise_seed) for s in again] == [
        (given_images[s.picture].caption, s.prompt, s.timestep, s.noise_seed) for s in samples
    ]


def test_the_identity_follows_everything_that_moves_the_loss(model: Model) -> None:
    def identity(count: int = 8, size: int = 64, pictures: int = 3, rules: PromptRules = RULES) -> str:
        known = images(pictures)
        samples = chosen_samples(known, rules, count=count, timesteps=range(1000))
        return identity_of(model, known, (size, size), samples)

    other_rules = PromptRules(name="zq", template=Template(name="t.txt", lines=("the [name]",)))
    assert identity() == identity()
    others = {identity(count=7), identity(size=72), identity(pictures=4), identity(rules=other_rules)}
    assert len({identity(), *others}) == 5


@pytest.fixture
def shown() -> TrainingPictures:
    latents = torch.randn(3, 4, 8, 8, generator=seeded_generator("latents"))
    return TrainingPictures(captions=("hat 0", "hat 1", "hat 2"), latents=CachedLatents(mean=latents))


@pytest.fixture
def encoder(model: Model) -> PromptEncoder:
    return PromptEncoder(model, {"zq": Embedding(name="zq", vectors=vectors())})


def vectors(value: float = 0.02) -> dict[str, torch.Tensor]:
    return {"clip_l": torch.full((2, 32), value).requires_grad_()}


def a_set(model: Model, shown: TrainingPictures, encoder: PromptEncoder, batch_size: int) -> EvaluationSet:
    samples = chosen_samples(images(3), RULES, count=5, timesteps=range(1000))
    return EvaluationSet(model, shown, encoder, samples, name="zq", batch_size=batch_size)


def reference_loss(model: Model, shown: TrainingPictures, encoder: PromptEncoder, sample: Sample) -> float:
    """The equation of the loss, sample by sample: noise as the UNet is to find it (epsilon prediction)."""
    alphas = torch.cumprod(1 - torch.linspace(0.00085**0.5, 0.012**0.5, 1000) ** 2, 0)
    alpha = alphas[sample.timestep]
    clean = shown.latents.still([sample.picture])
    noise = torch.randn(4, 8, 8, generator=seeded_generator("evaluation", sample.noise_seed))[None]
    noisy = alpha.sqrt() * clean + (1 - alpha).sqrt() * noise
    (tokenized,) = encoder.tokenized(sample.prompt)
    embeds = encode_prompts(model.text_encoders[0], [tokenized], {"zq": vectors()["clip_l"]})
    with torch.no_grad():
        predicted = model.predict(noisy, torch.tensor([sample.timestep]), embeds)
    return float(((predicted - noise) ** 2).mean())


def test_the_loss_is_the_mean_of_the_denoising_losses_of_its_samples(
    model: Model, shown: TrainingPictures, encoder: PromptEncoder
) -> None:
    assert model.prediction_type == "epsilon"
    samples = chosen_samples(images(3), RULES, count=5, timesteps=range(1000))
    wanted = sum(reference_loss(model, shown, encoder, sample) for sample in samples) / 5
    assert a_set(model, shown, encoder, 2).loss(vectors()) == pytest.approx(wanted, rel=1e-5)


def test_the_loss_is_the_same_each_time_and_moves_with_the_vectors_alone(
    model: Model, shown: TrainingPictures, encoder: PromptEncoder
) -> None:
    judge = a_set(model, shown, encoder, 2)
    first = judge.loss(vectors())
    torch.manual_seed(1)
    torch.rand(7)
    assert judge.loss(vectors()) == first
    assert judge.loss(vectors(0.5)) != first
    assert a_set(model, shown, encoder, 5).loss(vectors()) == pytest.approx(first, rel=1e-5)


def test_evaluating_has_no_gradient_and_draws_no_number_of_the_program(
    model: Model, shown: TrainingPictures, encoder: PromptEncoder
) -> None:
    torch.manual_seed(5)
    before, trained = torch.get_rng_state(), vectors()
    a_set(model, shown, encoder, 2).loss(trained)
    assert torch.equal(torch.get_rng_state(), before)
    assert trained["clip_l"].grad is None


class _NoFloat64(TorchDispatchMode):  # type: ignore[no-untyped-call]
    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        assert not isinstance(result, torch.Tensor) or result.dtype != torch.float64, func
        return result


def test_evaluating_needs_no_float64_which_apples_cards_lack(
    model: Model, shown: TrainingPictures, encoder: PromptEncoder
) -> None:
    with _NoFloat64():  # type: ignore[no-untyped-call]
        a_set(model, shown, encoder, 2).loss(vectors())


def test_vectors_are_the_same_with_and_without_evaluation(
    config: TrainingConfig, run_training: Any, paths: Any
) -> None:
    start = (paths.embeddings_dir / "zq.pt").read_bytes()
    results = []
    for every in (0, 1):
        (paths.embeddings_dir / "zq.pt").write_bytes(start)
        run_training(replace_fields(config, {"evaluate_every": every, "evaluation_samples": 3}))
        results.append(read_embedding(paths.embeddings_dir / "zq.pt").vectors["clip_l"])
    assert torch.equal(*results)
