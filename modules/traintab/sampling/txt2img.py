"""Pictures from a prompt."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import torch
from PIL import Image

from ..conditioning.conditioning import condition
from ..configs import GenerationConfig, check
from ..embeddings.checksum import short_hash
from ..embeddings.embedding import Embedding
from ..errors import MemoryShortageError, NonFiniteError
from ..models.model import Model
from .denoising import Guidance, denoise, initial_noise
from .infotext import infotext
from .samplers import make_scheduler

__all__ = ["GeneratedImage", "txt2img"]

_SEEDS = 2**32


@dataclass(frozen=True, kw_only=True, eq=False)
class GeneratedImage:
    """A picture, the text that tells how to draw it again, and its seed."""

    image: Image.Image
    infotext: str
    seed: int


def txt2img(
    model: Model,
    config: GenerationConfig,
    embeddings: Mapping[str, Embedding],
    *,
    on_step: Callable[[int, int], None] | None = None,
    interrupted: Callable[[], bool] | None = None,
) -> list[GeneratedImage]:
    """Draw `config.count` pictures; each has the next seed and is the same as if it were drawn alone.

    `embeddings` are found by their keys in the prompt and the negative prompt. `on_step` gets the steps
    done and their number for all pictures; `interrupted` is asked before each step, and when it says yes
    the pictures finished so far are returned. Raises ConfigError, MemoryShortageError, and
    NonFiniteError when the model's numbers overflow. Global random generators are left alone.
    """
    check(config)
    config = _filled_in(config, model)
    progress = _Progress(on_step or _ignore, interrupted or _never, config)
    try:
        guidance, hashes = _prepare(model, config, embeddings)
        pictures: list[GeneratedImage] = []
        while len(pictures) < config.count:
            own = replace(config, seed=(config.seed + len(pictures)) % _SEEDS)
            latents = _denoised(model, own, guidance, progress)
            if latents is None:
                break
            image = _to_image(model.decode_latents(latents))
            pictures.append(GeneratedImage(image=image, infotext=infotext(own, model, hashes), seed=own.seed))
        return pictures
    except torch.cuda.OutOfMemoryError as error:
        raise MemoryShortageError(
            f"Drawing {config.width} x {config.height} pixels ran out of memory on {model.device}; choose a"
            " smaller picture or close other programs that use the card."
        ) from error


class _Progress:
    """Counts steps over all pictures."""

    def __init__(
        self, on_step: Callable[[int, int], None], interrupted: Callable[[], bool], config: GenerationConfig
    ) -> None:
        self.interrupted = interrupted
        self._on_step = on_step
        self._count = config.count
        self._done = 0

    def step(self, steps_per_picture: int) -> None:
        self._done += 1
        self._on_step(self._done, steps_per_picture * self._count)


def _ignore(_done: int, _total: int) -> None:
    """Stands in for a missing `on_step`."""


def _never() -> bool:
    return False


def _filled_in(config: GenerationConfig, model: Model) -> GenerationConfig:
    """The model's own size and guidance where none is given, and a random seed from the system for -1."""
    return replace(
        config,
        width=config.width or model.default_size,
        height=config.height or model.default_size,
        guidance_scale=config.guidance_scale or model.default_guidance_scale,
        seed=secrets.randbelow(_SEEDS) if config.seed == -1 else config.seed,
    )


def _prepare(
    model: Model, config: GenerationConfig, embeddings: Mapping[str, Embedding]
) -> tuple[Guidance, dict[str, str]]:
    """What the UNet is told, and the file hash of every embedding used that has a file."""
    scale = config.guidance_scale or model.default_guidance_scale
    is_guided = scale != 1
    prompts = [config.prompt, config.negative_prompt] if is_guided else [config.prompt]
    conditioning = condition(model, prompts, embeddings)
    embeds = conditioning.prompt_embeds.to(model.device)
    guidance = Guidance(
        prompt_embeds=embeds[:1],
        negative_prompt_embeds=embeds[1:] if is_guided else None,
        scale=scale,
    )
    sources = {name: embeddings[name].source for name in conditioning.used}
    return guidance, {name: short_hash(file) for name, file in sources.items() if file and file.is_file()}


def _denoised(
    model: Model, config: GenerationConfig, guidance: Guidance, progress: _Progress
) -> torch.Tensor | None:
    """The finished latents `[1, c, h, w]` of one seed; None when interrupted."""
    scheduler = make_scheduler(config.sampler, model, config.schedule_type)
    scheduler.set_timesteps(config.num_inference_steps, device=model.device)
    generators = [torch.Generator("cpu").manual_seed(config.seed)]
    width, height = config.width or model.default_size, config.height or model.default_size
    latents = initial_noise(model, width, height, generators)
    steps = denoise(model, scheduler, latents, guidance, generators)
    for _ in scheduler.timesteps:
        if progress.interrupted():
            return None
        latents = next(steps)
        progress.step(len(scheduler.timesteps))
    if not bool(torch.isfinite(latents).all()):
        raise NonFiniteError(
            f"The picture with seed {config.seed} became NaN; an embedding trained too fast does that, or a"
            " model that needs more precision: try another step of the embedding, or the device cpu."
        )
    return latents


def _to_image(pixels: torch.Tensor) -> Image.Image:
    """Pixels `[1, 3, h, w]` in -1…1 to an RGB picture."""
    levels = ((pixels[0].permute(1, 2, 0) / 2 + 0.5) * 255).round().to("cpu", torch.uint8)
    return Image.fromarray(levels.numpy())
