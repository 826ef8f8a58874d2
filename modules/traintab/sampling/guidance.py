"""What the UNet is told at each step, and how strictly it is followed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import torch

from ..models.added_conditions import AddedConditions
from ..models.model import Model
from .evaluation import Evaluation

__all__ = ["Guidance", "Part", "Prompt"]


class Part(Protocol):
    """One text of a prompt whose texts are joined with `AND`.

    `prompt_embeds` `[1, 77 * chunks, width]`, `pooled_prompt_embeds` `[1, 1280]` for SDXL.
    """

    @property
    def weight(self) -> float:
        """How much of this text's direction goes into the picture."""

    @property
    def prompt_embeds(self) -> torch.Tensor:
        """What the UNet's cross-attention sees."""

    @property
    def pooled_prompt_embeds(self) -> torch.Tensor | None:
        """The whole text, for SDXL."""


class Prompt(Protocol):
    """A prompt that may change from step to step."""

    def at(self, step: int) -> Sequence[Part]:
        """Its texts at a step, counted from 0; all have the same number of chunks."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Guidance:
    """What the pictures are to show, and how strictly.

    Without a `negative` prompt the scale has no effect, and neither have weights. `size` is width and
    height in pixels.
    """

    prompt: Prompt
    negative: Prompt | None = None
    scale: float = 1.0
    size: tuple[int, int] = (0, 0)

    def predict(self, model: Model, evaluation: Evaluation) -> torch.Tensor:
        """Classifier-free guidance (Ho and Salimans, 2022), all texts and the negative one in one batch.

        Texts joined with `AND` are added by their weights (Liu et al., 2022). Gives `[b, c, h, w]`.
        """
        parts = self.prompt.at(evaluation.step)
        if self.negative is None:
            (prediction,) = self._predictions(model, evaluation, parts[:1])
            return prediction
        texts = [*self.negative.at(evaluation.step)[:1], *parts]
        without, *with_text = self._predictions(model, evaluation, texts)
        guided = without
        for part, prediction in zip(parts, with_text, strict=True):
            guided = guided + self.scale * part.weight * (prediction - without)
        return guided

    def _predictions(
        self, model: Model, evaluation: Evaluation, texts: Sequence[Part]
    ) -> tuple[torch.Tensor, ...]:
        """The UNet's prediction `[b, c, h, w]` for each text."""
        latents = evaluation.model_input
        embeds = torch.cat([text.prompt_embeds.expand(len(latents), -1, -1) for text in texts])
        predicted = model.predict(
            latents.repeat(len(texts), 1, 1, 1),
            evaluation.timestep,
            embeds.to(latents.device),
            self._added(model, texts, len(latents)),
        )
        return predicted.chunk(len(texts))

    def _added(self, model: Model, texts: Sequence[Part], batch_size: int) -> AddedConditions | None:
        pooled = [text.pooled_prompt_embeds for text in texts]
        known = [embeds.expand(batch_size, -1) for embeds in pooled if embeds is not None]
        if len(known) < len(pooled):
            return None
        text_embeds = torch.cat(known)
        time_ids = model.time_ids(*self.size).expand(len(text_embeds), -1)
        return AddedConditions(text_embeds=text_embeds, time_ids=time_ids)
