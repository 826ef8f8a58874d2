"""Prompts that change from step to step and are joined with `AND`, to what the UNet is told at each step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch

from ..embeddings.embedding import Embedding
from ..models.model import Model
from ..prompts.composition import PartialPrompt, split_and
from ..prompts.extra_networks import take_extra_networks
from ..prompts.schedule import ScheduledPrompt, parse_schedule
from .conditioning import Conditioning, condition

__all__ = ["ComposedPart", "ScheduledConditioning", "ScheduledParts", "schedule_conditioning"]

_Encoded = tuple[torch.Tensor, torch.Tensor | None]


@dataclass(frozen=True, eq=False)
class ComposedPart:
    """One of the texts that are added up at a step, on the model's device.

    `prompt_embeds` `[1, 77 * chunks, width]`, `pooled_prompt_embeds` `[1, 1280]` for SDXL.
    """

    weight: float
    prompt_embeds: torch.Tensor
    pooled_prompt_embeds: torch.Tensor | None = None


@dataclass(frozen=True, eq=False)
class ScheduledParts:
    """One prompt: for each of its parts what it is, and until which step, the last to the end."""

    schedules: tuple[tuple[tuple[int, ComposedPart], ...], ...]

    def at(self, step: int) -> tuple[ComposedPart, ...]:
        """The parts at a step, counted from 0: `[a:b:16]` is `a` up to and including step 16, as in A1111."""
        return tuple(_at(schedule, step) for schedule in self.schedules)


@dataclass(frozen=True, eq=False)
class ScheduledConditioning:
    """The prompts in the order given, and the embeddings that any text of them names."""

    prompts: tuple[ScheduledParts, ...]
    used: tuple[str, ...]


def schedule_conditioning(
    model: Model,
    prompts: Sequence[str],
    embeddings: Mapping[str, Embedding],
    *,
    steps: int,
    clip_skip: int = 1,
) -> ScheduledConditioning:
    """Encode every text that `prompts` have over `steps` steps, each once, all to the same number of chunks.

    The first is the prompt, those after it are negative prompts: there `AND` is a word, as in A1111. Tags of
    networks (`<lora:...>`) are left out. `embeddings` and `clip_skip` as in `condition`. A negative prompt
    of nothing but blanks is all zeros for SDXL, which was trained so; A1111 and diffusers do the same for an
    empty one, and a picture's text doesn't tell blanks.
    """
    written = [_WrittenPrompt.read(prompt, steps, number > 0) for number, prompt in enumerate(prompts)]
    texts = list(dict.fromkeys(text for prompt in written for text in prompt.texts))
    conditioning = condition(model, texts, embeddings, clip_skip=clip_skip)
    encoded = dict(zip(texts, _encoded(conditioning, model.device), strict=True))
    positive, negatives = written[0], written[1:]
    nothing = encoded
    if model.family == "sdxl":
        nothing = {text: _zeros(told) for text, told in encoded.items() if not text.strip()}
    return ScheduledConditioning(
        (
            positive.with_texts(encoded),
            *(prompt.with_texts(nothing if prompt.is_blank else encoded) for prompt in negatives),
        ),
        conditioning.used,
    )


@dataclass(frozen=True)
class _WrittenPrompt:
    """For each part its weight, and its texts with the step until which each is drawn."""

    parts: list[tuple[float, list[ScheduledPrompt]]]

    @classmethod
    def read(cls, prompt: str, steps: int, is_negative: bool) -> _WrittenPrompt:
        text, _ = take_extra_networks(prompt)
        parts = [PartialPrompt(text, 1.0)] if is_negative else split_and(text)
        return cls([(part.weight, parse_schedule(part.text, steps)) for part in parts])

    @property
    def texts(self) -> list[str]:
        return [entry.text for _, schedule in self.parts for entry in schedule]

    @property
    def is_blank(self) -> bool:
        return not any(text.strip() for text in self.texts)

    def with_texts(self, encoded: Mapping[str, _Encoded]) -> ScheduledParts:
        return ScheduledParts(
            tuple(
                tuple((entry.until_step, ComposedPart(weight, *encoded[entry.text])) for entry in schedule)
                for weight, schedule in self.parts
            )
        )


def _encoded(conditioning: Conditioning, device: torch.device) -> list[_Encoded]:
    """Prompt_embeds and pooled ones of each text, `[1, ...]`: views, so that a text's parts share them."""
    embeds, pooled = conditioning.prompt_embeds.to(device), conditioning.pooled_prompt_embeds
    if pooled is None:
        return [(row[None], None) for row in embeds]
    return [(row[None], whole[None]) for row, whole in zip(embeds, pooled.to(device), strict=True)]


def _zeros(encoded: _Encoded) -> _Encoded:
    embeds, pooled = encoded
    return torch.zeros_like(embeds), None if pooled is None else torch.zeros_like(pooled)


def _at(schedule: tuple[tuple[int, ComposedPart], ...], step: int) -> ComposedPart:
    # A1111 writes schedules for steps from 1 but counts them from 0 while it draws, so that the first text
    # gets one step more; pictures from there come out the same only when ours does too.
    for until_step, part in schedule:
        if step <= until_step:
            return part
    return schedule[-1][1]
