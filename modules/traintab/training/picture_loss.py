"""The loss of some pictures: latents, prompts and noise brought together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch

from ..conditioning.encoding import EncodedPrompts, encode_with_pooled
from ..conditioning.names import NameFinder
from ..conditioning.tokenized import TokenizedPrompt, tokenize_prompt
from ..datasets.latents import Latents
from ..datasets.masks import LossMasks
from ..embeddings.embedding import Embedding
from ..models.added_conditions import AddedConditions
from ..models.diffusers_adapter import config_of
from ..models.model import Model
from ..models.transfer import to_device
from .denoising import Denoising
from .loss import Noised, denoising_loss
from .loss_weights import LossWeights
from .processes import Processes
from .prompt_lines import PromptRules
from .state import TrainingState

__all__ = ["PictureLoss", "PromptEncoder", "TrainingPictures"]

# More than a run without varied tags ever has; varied prompts hardly come twice, and would fill the memory.
_PROMPTS_KEPT = 4096
_PLAIN = Denoising()
_ALONE = Processes()


class PromptEncoder:
    """Prompts to prompt_embeds with the trained vectors in them; the newest few thousand are tokenized once.

    `embeddings` are all that a prompt may name, the trained one among them: its rows come from the state,
    the others' from their files. Where several are trained `together`, their rows stand below each other in
    what `encode` gets. `clip_skip` as in `TextEncoder.forward`.
    """

    def __init__(
        self,
        model: Model,
        embeddings: Mapping[str, Embedding],
        *,
        together: Sequence[str] = (),
        clip_skip: int = 1,
    ) -> None:
        num_vectors = {name: embedding.num_vectors for name, embedding in embeddings.items()}
        self._together = {name: num_vectors[name] for name in together}
        self._clip_skip = clip_skip
        self._text_encoders = model.text_encoders
        self._finders = [NameFinder(encoder, num_vectors) for encoder in model.text_encoders]
        self._vectors = {
            encoder.name: {
                name: embedding.vectors[encoder.name].to(encoder.device)
                for name, embedding in embeddings.items()
            }
            for encoder in model.text_encoders
        }
        self._tokenized: dict[str, tuple[TokenizedPrompt, ...]] = {}

    def tokenized(self, prompt: str) -> tuple[TokenizedPrompt, ...]:
        """The prompt's tokens for each text encoder."""
        if prompt not in self._tokenized:
            if len(self._tokenized) >= _PROMPTS_KEPT:
                self._tokenized.clear()
            self._tokenized[prompt] = tuple(
                tokenize_prompt(prompt, encoder, finder)
                for encoder, finder in zip(self._text_encoders, self._finders, strict=True)
            )
        return self._tokenized[prompt]

    def names_in(self, prompt: str) -> set[str]:
        """The embeddings that the prompt names."""
        return {name for tokenized in self.tokenized(prompt) for name in tokenized.names}

    def num_chunks(self, prompts: Sequence[str]) -> int:
        """How many chunks of 77 tokens the longest of the prompts takes."""
        return max(each.num_chunks for prompt in prompts for each in self.tokenized(prompt))

    def encode(
        self,
        prompts: Sequence[str],
        name: str,
        vectors: Mapping[str, torch.Tensor],
        *,
        least_chunks: int = 1,
    ) -> EncodedPrompts:
        """`prompt_embeds` `[b, 77 * chunks, width]`, several text encoders' side by side, and the last one's
        `pooled` `[b, projection]` for SDXL; with gradient to `vectors` (by text encoder), the rows of `name`,
        or of all that are trained together.
        """
        tokenized = [self.tokenized(prompt) for prompt in prompts]
        chunks = max(least_chunks, self.num_chunks(prompts))
        parts, pooled = [], None
        for index, encoder in enumerate(self._text_encoders):
            known = {**self._vectors[encoder.name], **self._rows(name, vectors[encoder.name])}
            own = [prompt[index] for prompt in tokenized]
            encoded = encode_with_pooled(encoder, own, known, clip_skip=self._clip_skip, least_chunks=chunks)
            parts.append(encoded.prompt_embeds)
            pooled = encoded.pooled
        return EncodedPrompts(parts[0] if len(parts) == 1 else torch.cat(parts, dim=-1), pooled)

    def _rows(self, name: str, leaf: torch.Tensor) -> dict[str, torch.Tensor]:
        """The trained leaf `[rows, width]` by the names whose rows it holds, each with its gradient."""
        if not self._together:
            return {name: leaf}
        parts = torch.split(leaf, list(self._together.values()))
        return dict(zip(self._together, parts, strict=True))


@dataclass(frozen=True, kw_only=True)
class TrainingPictures:
    """The pictures as training sees them.

    `time_ids` `[views * n, 6]` float32 on the CPU are what SDXL is told of the pictures' sizes, all pictures'
    first views first; None for other models. `weights` `[n]` float32 on the CPU are how much each picture's
    loss counts, `masks` how much its places do; None is 1 for all. Pictures of one of the `groups` have one
    size and can be shown together; empty, all can.
    """

    captions: tuple[str, ...]
    latents: Latents
    time_ids: torch.Tensor | None = None
    weights: torch.Tensor | None = None
    masks: LossMasks | None = None
    groups: tuple[int, ...] = ()

    def added_conditions(
        self, pictures: Sequence[int], pooled: torch.Tensor | None, views: Sequence[int] = ()
    ) -> AddedConditions | None:
        """What the UNet is told beside the tokens for pictures by index, whose prompts as a whole are
        `pooled` `[b, projection]`; None where the model wants nothing. Without `views` they are the first.
        """
        if self.time_ids is None or pooled is None:
            return None
        count = len(self.captions)
        rows = [
            picture + count * view
            for picture, view in zip(pictures, views or [0] * len(pictures), strict=True)
        ]
        time_ids = to_device(self.time_ids[rows], pooled.device)
        return AddedConditions(text_embeds=pooled, time_ids=time_ids)

    def loss_weights(
        self, pictures: Sequence[int], device: torch.device, views: Sequence[int] = ()
    ) -> LossWeights | None:
        """How much the errors of pictures by index count, and those of their places where they have masks;
        None when all weigh the same. Without `views` they are the first.
        """
        if self.weights is None and self.masks is None:
            return None
        own = None if self.weights is None else self.weights[list(pictures)]
        pixels = None
        if self.masks is not None:
            views = views or [0] * len(pictures)
            counts = self.masks.counts(pictures, views)
            if counts is not None:
                own = counts if own is None else own * counts
            pixels = to_device(self.masks.pixels(pictures, views), device)
        return LossWeights(pictures=None if own is None else to_device(own, device), pixels=pixels)

    def mask_weights(self, pictures: Sequence[int], device: torch.device) -> LossWeights | None:
        """How much the places of the pictures' first views count, and nothing else; None without masks."""
        if self.masks is None:
            return None
        return LossWeights(pixels=to_device(self.masks.pixels(pictures, [0] * len(pictures)), device))


class PictureLoss:
    """The model's loss on pictures by index; randomness comes from the state's generator alone."""

    def __init__(
        self,
        model: Model,
        pictures: TrainingPictures,
        rules: PromptRules,
        encoder: PromptEncoder,
        denoising: Denoising = _PLAIN,
        processes: Processes = _ALONE,
    ) -> None:
        self._model = model
        self._pictures = pictures
        self._rules = rules
        self._encoder = encoder
        self._denoising = denoising
        self._processes = processes
        self._num_timesteps = int(config_of(model.noise_scheduler, "num_train_timesteps"))

    def __call__(self, pictures: Sequence[int], state: TrainingState) -> tuple[torch.Tensor, str]:
        """Mean loss `[]` of the pictures, and the first one's prompt."""
        sampling = self._denoising.timesteps
        prompts = sampling.repeated([self._prompt(picture, state) for picture in pictures])
        pictures = sampling.repeated(pictures)
        latents = self._pictures.latents
        views = latents.drawn(pictures, state.generator)
        noised = self._noised(latents.of_views(pictures, views, state.generator), state.generator)
        # All of the batch has been drawn by now: what is divided doesn't change it.
        share, chunks = self._processes.share(len(pictures)), self._encoder.num_chunks(prompts)
        prompts, pictures, views = share.of(prompts), share.of(pictures), share.of(views)
        noised = noised.of(share)
        encoded = self._encoder.encode(prompts, self._rules.name, state.vectors, least_chunks=chunks)
        added = self._pictures.added_conditions(pictures, encoded.pooled, views)
        weights = self._pictures.loss_weights(pictures, self._model.device, views)
        error = self._denoising.function.error(self._model, noised.timesteps, weights)
        loss = denoising_loss(self._model, noised, encoded.prompt_embeds, added, error)
        return share.weighted(loss), prompts[0]

    def _noised(self, latents: torch.Tensor, generator: torch.Generator) -> Noised:
        """Latents `[b, c, h, w]` with noise and timesteps, all on the model's device."""
        sampling, device = self._denoising, self._model.device
        noise = sampling.noise.draw(latents.shape, generator)
        timesteps = sampling.timesteps.draw(len(latents), self._num_timesteps, generator)
        shown = sampling.noise.shown(noise, generator)
        return Noised(
            latents,
            to_device(noise, device),
            to_device(timesteps, device),
            None if shown is None else to_device(shown, device),
        )

    def _prompt(self, picture: int, state: TrainingState) -> str:
        caption = self._pictures.captions[picture]
        if self._rules.vary:
            line = state.lines[picture]
            return self._rules.varied_prompt(caption, state.generator, self._is_shown, line=line)
        return self._rules.prompt(state.lines[picture], caption)

    def _is_shown(self, prompt: str) -> bool:
        """A prompt that lacks the name's tokens has no gradient to give."""
        return not self._encoder.names_in(prompt).isdisjoint(self._rules.names)
