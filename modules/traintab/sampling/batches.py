"""Pictures drawn batch by batch, the same as if each were drawn alone."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, replace
from functools import partial

import torch
from PIL import Image

from ..configs import GenerationConfig
from ..embeddings.embedding import Embedding
from ..errors import NonFiniteError
from ..models.memory_advice import memory_shortage_told, smaller_pictures
from ..models.model import Model
from ..models.precision import in_float32, is_exact
from .denoising import denoise, initial_noise, predicted_clean
from .evaluation import Sampling
from .generated import GeneratedImage
from .guidance import Guidance
from .hooks import Hooks, Progress
from .infotext import infotext
from .networks import networks_at_work
from .prompting import guide
from .samplers import make_sampling, schedule_of

__all__ = ["draw_batches", "filled_in", "shortage_told", "to_image"]

_SEEDS = 2**32
_DRAWN_AGAIN = "The picture became NaN in {dtype}; it is drawn again in float32, and so are those after it."


def filled_in(config: GenerationConfig, model: Model) -> GenerationConfig:
    """The model's own size and guidance where none is given, and a random seed from the system for -1."""
    return replace(
        config,
        width=config.width or model.default_size,
        height=config.height or model.default_size,
        guidance_scale=config.guidance_scale or model.default_guidance_scale,
        seed=secrets.randbelow(_SEEDS) if config.seed == -1 else config.seed,
    )


def shortage_told(model: Model, config: GenerationConfig, *, batch_size: int) -> AbstractContextManager[None]:
    """Where the block runs out of memory, MemoryShortageError tells how much smaller the pictures must be.

    `config` is `filled_in`; `batch_size` pictures are worked on at once.
    """
    width, height = config.width or model.default_size, config.height or model.default_size
    advice = partial(smaller_pictures, width=width, height=height, batch_size=batch_size)
    doing = f"Drawing {width} x {height} pixels"
    return memory_shortage_told(doing, model.device, lambda shortage: advice(fits=shortage.fits))


def draw_batches(
    model: Model,
    config: GenerationConfig,
    embeddings: Mapping[str, Embedding],
    hooks: Hooks,
    original: torch.Tensor | None = None,
) -> list[GeneratedImage]:
    """Draw `config.count` batches of `config.batch_size` pictures, each with the next seed.

    `config` is `filled_in`. `original` are clean latents `[1, c, h, w]` to draw over, by the config's
    denoising strength. Networks that the prompt names are at work meanwhile. Raises ConfigError,
    MemoryShortageError and NonFiniteError.
    """
    with (
        shortage_told(model, config, batch_size=config.batch_size),
        networks_at_work(model, config) as networks,
    ):
        # Of names that differ in case alone the first counts, so the caller's own come first.
        known = {**embeddings, **networks.embeddings, **embeddings}
        guidance, hashes = guide(model, config, known)
        drawing = _Drawing(model, config, guidance, hashes, networks.hashes, original)
        steps = config.num_inference_steps - drawing.first_step
        progress = Progress(hooks, batches=config.count, steps=steps)
        for note in networks.notes:
            progress.tell(note)
        return drawing.all_batches(progress)


@dataclass(frozen=True, eq=False)
class _Drawing:
    """Everything that the batches have in common."""

    model: Model
    config: GenerationConfig
    guidance: Guidance
    hashes: Mapping[str, str]
    lora_hashes: Mapping[str, str]
    original: torch.Tensor | None

    @property
    def first_step(self) -> int:
        """How many steps are passed over, because the original needs no more noise than the next."""
        return 0 if self.original is None else self.config.num_inference_steps - self.config.img2img_steps

    def all_batches(self, progress: Progress) -> list[GeneratedImage]:
        """The pictures of the batches that were neither skipped nor interrupted.

        A batch that half precision has broken is drawn again in float32, and so are those after it.
        """
        drawing, drawn = self, list[GeneratedImage]()
        size = self.config.batch_size
        with ExitStack() as restored:
            for start in range(self.config.seed, self.config.seed + self.config.count * size, size):
                seeds = [seed % _SEEDS for seed in range(start, start + size)]
                latents = drawing._latents(seeds, progress)
                if not (latents is None or _is_finite(latents) or is_exact(drawing.model)):
                    progress.tell(_DRAWN_AGAIN.format(dtype=_name_of(drawing.model.dtype)))
                    drawing = replace(self, model=restored.enter_context(in_float32(self.model)))
                    latents = drawing._latents(seeds, progress)
                if progress.is_interrupted:
                    break
                images = [] if latents is None else self._images(seeds, latents)
                drawn += images
                progress.end_batch(images)
        return drawn

    def _latents(self, seeds: Sequence[int], progress: Progress) -> torch.Tensor | None:
        """The finished latents `[seeds, c, h, w]`; None when interrupted or skipped."""
        generators = [torch.Generator("cpu").manual_seed(seed) for seed in seeds]
        steps = denoise(self.model, *self._beginning(generators), self.guidance, generators)
        while progress.may_go_on():
            denoised = next(steps)
            if progress.step(denoised.steps_done) and progress.shows_latents:
                progress.show(predicted_clean(self.model, denoised))
            if denoised.latents is not None:
                return denoised.latents
        return None

    def _beginning(self, generators: Sequence[torch.Generator]) -> tuple[Sampling, torch.Tensor]:
        """A fresh run of the sampler, and the latents that it starts with."""
        config, model = self.config, self.model
        sampling = make_sampling(
            config.sampler,
            model,
            config.num_inference_steps,
            schedule_type=config.schedule_type,
            first=self.first_step,
        )
        width, height = config.width or model.default_size, config.height or model.default_size
        noise = initial_noise(model, width, height, generators)
        original = None if self.original is None else self.original.expand_as(noise)
        return sampling, sampling.start(noise, original)

    def _images(self, seeds: Sequence[int], latents: torch.Tensor) -> list[GeneratedImage]:
        """Pictures of latents `[seeds, c, h, w]`, decoded one by one to save memory."""
        images = []
        # What Automatic meant here: to another program it may mean something else.
        schedule = schedule_of(self.config.sampler, self.config.schedule_type)
        for position, (seed, single) in enumerate(zip(seeds, latents.chunk(len(seeds)), strict=True)):
            _refuse_nan(single, seed)
            told = infotext(
                replace(self.config, seed=seed, schedule_type=schedule),
                self.model,
                self.hashes,
                lora_hashes=self.lora_hashes,
                is_img2img=self.original is not None,
                batch_position=position,
            )
            image = to_image(self.model.decode_latents(single))
            images.append(GeneratedImage(image=image, infotext=told, seed=seed))
        return images


def _is_finite(latents: torch.Tensor) -> bool:
    return bool(torch.isfinite(latents).all())


def _name_of(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")


def _refuse_nan(latents: torch.Tensor, seed: int) -> None:
    """For latents in float32: in half precision they were drawn again."""
    if not _is_finite(latents):
        raise NonFiniteError(
            f"The picture with seed {seed} became NaN, in float32 too; an embedding that was trained too fast"
            " does that, a very large weight in the prompt, or a broken model: try an earlier step of the"
            " embedding, smaller weights, or another model."
        )


def to_image(pixels: torch.Tensor) -> Image.Image:
    """Pixels `[1, 3, h, w]` in -1…1 to an RGB picture."""
    levels = ((pixels[0].permute(1, 2, 0) / 2 + 0.5) * 255).round().to("cpu", torch.uint8)
    return Image.fromarray(levels.numpy())
