"""The same noisy pictures each time."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch

from ..datasets.report import DatasetImage
from ..datasets.seeds import derived_seed, seeded_generator
from ..models.diffusers_adapter import config_of
from ..models.model import Model
from .automatic_stop import AutomaticStop
from .denoising import denoising_of
from .evaluation import EvaluationHistory, Evaluator
from .loss import Noised, denoising_loss
from .loss_function import LossFunction
from .picture_loss import PromptEncoder, TrainingPictures
from .picture_sizes import latent_settings
from .plan import TrainingPlan
from .prompt_lines import PromptRules

__all__ = ["EvaluationSet", "Sample", "chosen_samples", "identity_of", "make_evaluator"]

_PLAIN = LossFunction()


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One picture by index with its prompt, at `timestep`, with the noise that `noise_seed` gives."""

    picture: int
    prompt: str
    timestep: int
    noise_seed: str


def chosen_samples(
    images: Sequence[DatasetImage], rules: PromptRules, *, count: int, timesteps: range
) -> tuple[Sample, ...]:
    """`count` samples that depend on nothing but the pictures, their captions and the template.

    Their timesteps are the middles of `count` equal parts of `timesteps`, dealt out to the pictures in
    turn, so that each has early and late ones; of more pictures than `count` some are left out. Samples of
    a picture stand together.
    """
    # By content: neither a file's name, nor the order of the folder, nor the run's seed changes anything.
    turn = sorted(range(len(images)), key=lambda index: images[index].content_hash)
    samples = []
    for number in range(count):
        picture = turn[number % len(turn)]
        image = images[picture]
        samples.append(
            Sample(
                picture=picture,
                prompt=_prompt(image, rules),
                timestep=timesteps[(2 * number + 1) * len(timesteps) // (2 * count)],
                noise_seed=f"{image.content_hash} {number}",
            )
        )
    return tuple(sorted(samples, key=lambda sample: turn.index(sample.picture)))


def _prompt(image: DatasetImage, rules: PromptRules) -> str:
    """The picture's caption in one of the template's lines, without the chance that varies tags."""
    lines = rules.usable_lines(image.caption)
    line = lines[derived_seed("evaluation line", image.content_hash) % len(lines)]
    return rules.prompt(line, image.caption)


class EvaluationSet:
    """The mean loss of some samples, as a function of the trained vectors alone.

    Samples are shown `batch_size` at a time, no more than a training step shows: without a gradient that
    takes less memory than training does.
    """

    def __init__(
        self,
        model: Model,
        pictures: TrainingPictures,
        encoder: PromptEncoder,
        samples: Sequence[Sample],
        *,
        name: str,
        batch_size: int,
    ) -> None:
        self._model = model
        self._pictures = pictures
        self._encoder = encoder
        self._name = name
        self._batches = _batches(samples, batch_size, pictures.groups)
        self._count = len(samples)

    @torch.no_grad()
    def loss(self, vectors: Mapping[str, torch.Tensor]) -> float:
        """The mean loss with these vectors, `[num_vectors, width]` by text encoder."""
        sums = [self._loss(batch, vectors) * len(batch) for batch in self._batches]
        # Added up here, exactly: Apple's cards have no float64.
        return math.fsum(torch.stack(sums).tolist()) / self._count

    def _loss(self, batch: Sequence[Sample], vectors: Mapping[str, torch.Tensor]) -> torch.Tensor:
        indexes = [sample.picture for sample in batch]
        latents = self._pictures.latents.still(indexes)
        noise = torch.stack([_noise(sample, latents.shape[1:]) for sample in batch]).to(latents.device)
        timesteps = torch.tensor([sample.timestep for sample in batch], device=latents.device)
        encoded = self._encoder.encode([sample.prompt for sample in batch], self._name, vectors)
        added = self._pictures.added_conditions(indexes, encoded.pooled)
        weights = self._pictures.mask_weights(indexes, latents.device)
        error = _PLAIN.error(self._model, timesteps, weights)
        noised = Noised(latents, noise, timesteps)
        return denoising_loss(self._model, noised, encoded.prompt_embeds, added, error)


def _batches(samples: Sequence[Sample], size: int, groups: Sequence[int]) -> list[tuple[Sample, ...]]:
    """The samples in their order, some at a time, those together whose pictures have one size."""
    by_group: dict[int, list[Sample]] = {}
    for sample in samples:
        by_group.setdefault(groups[sample.picture] if groups else 0, []).append(sample)
    return [
        tuple(own[first : first + size]) for own in by_group.values() for first in range(0, len(own), size)
    ]


def make_evaluator(
    plan: TrainingPlan, model: Model, pictures: TrainingPictures, encoder: PromptEncoder
) -> Evaluator | None:
    """What the config asks for, on pictures that are ready for training; None when it is switched off."""
    config = plan.config.evaluation
    if not config.evaluate_every:
        return None
    images = plan.dataset.images
    num_timesteps = int(config_of(model.noise_scheduler, "num_train_timesteps"))
    timesteps = denoising_of(plan.config).timesteps.range_of(num_timesteps)
    samples = chosen_samples(images, plan.rules, count=config.evaluation_samples, timesteps=timesteps)
    batch_size = plan.config.optimization.batch_size * plan.config.techniques.timesteps_per_picture
    fixed = EvaluationSet(model, pictures, encoder, samples, name=plan.rules.name, batch_size=batch_size)
    identity = identity_of(model, images, plan.size_for(model), samples)
    window, threshold = config.automatic_stop_window, config.automatic_stop_threshold
    return Evaluator(
        every=config.evaluate_every,
        total_steps=plan.total_steps,
        loss=fixed.loss,
        history=EvaluationHistory(
            f"{identity} {_latents_drawn(plan)}{_seen(plan, model, samples)}{_layers(plan)}"
        ),
        window=window,
        automatic_stop=AutomaticStop(window=window, threshold=threshold) if config.automatic_stop else None,
    )


def _layers(plan: TrainingPlan) -> str:
    """Which of the text encoder's layers are left out, if any."""
    clip_skip = plan.config.vectors.clip_skip
    return f" clip skip {clip_skip}" if clip_skip > 1 else ""


def _latents_drawn(plan: TrainingPlan) -> str:
    """Which VAE, and whether its mean or, with *once*, a sample that depends on the seed."""
    dataset = plan.config.dataset
    vae = plan.config.loading.vae if dataset.train_with_selected_vae else "own VAE"
    return f"{vae} seed {plan.config.seed}" if dataset.latent_sampling_method == "once" else f"{vae} mean"


def _seen(plan: TrainingPlan, model: Model, samples: Sequence[Sample]) -> str:
    """How the samples are brought to size and masked; empty for what has been so always."""
    rules, masks = latent_settings(plan, model).rules, plan.config.masks
    sizes = [plan.sizes_for(model)[sample.picture] for sample in samples]
    hashes = [plan.dataset.images[sample.picture].mask_hash for sample in samples]
    facts = [rules.key(rules.variant("", 0))]
    if set(sizes) != {plan.size_for(model)}:
        facts.append(str(sizes))
    if masks.loss_mask != "off":
        facts.append(f"{masks.loss_mask} {masks.unmasked_weight} {hashes}")
    told = "\n".join(filter(None, facts))
    return f" {hashlib.sha256(told.encode('utf-8')).hexdigest()}" if told else ""


def identity_of(
    model: Model, images: Sequence[DatasetImage], size: tuple[int, int], samples: Sequence[Sample]
) -> str:
    """A text that changes whenever the losses of a set would: with the model and its number format, the
    pictures, their width and height in pixels, the prompts or the timesteps.
    """
    facts = [
        model.name,
        model.checkpoint_hash,
        model.prediction_type,
        str(model.dtype),
        f"{size[0]}x{size[1]}",
    ]
    facts += [f"{images[s.picture].content_hash} {s.prompt} {s.timestep} {s.noise_seed}" for s in samples]
    return hashlib.sha256("\n".join(facts).encode("utf-8")).hexdigest()


def _noise(sample: Sample, shape: torch.Size) -> torch.Tensor:
    """Drawn anew each time, which costs nothing beside the UNet and needs no memory in between."""
    return torch.randn(shape, generator=seeded_generator("evaluation", sample.noise_seed))
