"""Other words shall be understood beside the embedding as beside a word that the model knows.

Class pictures can't do that in textual inversion: without the embedding in their captions they have no
gradient to give. Prompts can, and need no pictures.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch.nn import functional

from ..conditioning.tokenized import TokenizedPrompt
from ..errors import ConfigError
from ..models.model import Model
from ..prompts.templates import NAME
from .context_prompts import ContextPrompts
from .picture_loss import PromptEncoder
from .session import BatchLoss
from .state import TrainingState

__all__ = ["ContextRegularisation", "RegularisedLoss"]


class _Places(NamedTuple):
    """The same tokens' places in a prompt with the embedding and in the one with the word: int64 `[k]`."""

    own: torch.Tensor
    known: torch.Tensor


@dataclass(frozen=True)
class _Pair:
    """A prompt with the embedding, the places of the tokens behind it, int64 `[k]`, and the directions that
    the text encoders' outputs have there with the word: float32 `[k, width]`, of length 1, one each.
    """

    prompt: str
    places: torch.Tensor
    directions: tuple[torch.Tensor, ...]


class ContextRegularisation:
    """How far the words behind the embedding are from what they are behind the word; part of the state.

    The output term of CoRe (Wu et al. 2024, arXiv 2408.15914, equation 3): the cosine distance between the
    text encoder's outputs for a prompt with the embedding and for the same prompt with the word, averaged
    over the other tokens. Of these, what stands before the embedding can't change, because CLIP looks back
    only, and padding repeats the closing token: both are left out. The word's outputs are encoded once.

    A prompt that doesn't fit 75 tokens is left out, and one in which the embedding's name is a word besides.
    Raises ConfigError when none is left, when the word is the embedding itself, and when a prompt doesn't
    read the same but for the word.

    `vectors`, `[n, width]` by text encoder, are any of the embedding's shape.
    """

    NAME = "context_regularisation"

    def __init__(
        self,
        model: Model,
        encoder: PromptEncoder,
        prompts: ContextPrompts,
        name: str,
        vectors: Mapping[str, torch.Tensor],
    ) -> None:
        self._encoders = model.text_encoders
        self._encoder = encoder
        self._prompts = prompts
        self._name = name
        if name in encoder.names_in(prompts.word):
            raise ConfigError(
                f"Context word is {prompts.word!r}, which names {name} itself; write the kind of thing that"
                " is trained, as dog, woman or painting.",
                field="context_word",
            )
        self._pairs = self._paired(vectors)
        self._vectors = vectors

    def told(self) -> str:
        """What the run compares, as a sentence for the user."""
        kept = len(self._pairs)
        left_out = len(self._prompts.lines) - kept
        return (
            f"Context regularisation compares {self._name} with {self._prompts.word!r} in {kept}"
            f" prompt{'' if kept == 1 else 's'}"
            + (f"; {left_out} too long for it, or with its name already, left out." if left_out else ".")
        )

    def __call__(self, state: TrainingState) -> torch.Tensor:
        """The distance `[]` for a few of the prompts, drawn by the state's generator; with gradient."""
        drawn = torch.randint(len(self._pairs), (self._prompts.per_step,), generator=state.generator)
        return self.distance(state.vectors, [int(index) for index in drawn])

    def distance(
        self, vectors: Mapping[str, torch.Tensor], indexes: Sequence[int] | None = None
    ) -> torch.Tensor:
        """The mean distance `[]` over prompts by index, or all, with vectors `[n, width]` by text encoder."""
        pairs = self._pairs if indexes is None else [self._pairs[index] for index in indexes]
        states = self._states([pair.prompt for pair in pairs], vectors)
        distances = [
            1 - functional.cosine_similarity(own[row].index_select(0, pair.places), wanted, dim=-1).mean()
            for row, pair in enumerate(pairs)
            for own, wanted in zip(states, pair.directions, strict=True)
        ]
        return torch.stack(distances).mean()

    def state_dict(self) -> dict[str, Any]:
        """The prompts: a file of them may change before the run is resumed."""
        return {"source": self._prompts.source, "lines": list(self._prompts.lines)}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on with the prompts of the run, unless the setting names others now."""
        lines = tuple(state["lines"])
        if state["source"] == self._prompts.source and lines != self._prompts.lines:
            self._prompts = dataclasses.replace(self._prompts, lines=lines)
            self._pairs = self._paired(self._vectors)

    def _states(
        self, prompts: Sequence[str], vectors: Mapping[str, torch.Tensor]
    ) -> tuple[torch.Tensor, ...]:
        """Each text encoder's outputs, float32 `[prompts, 77, width]`."""
        embeds = self._encoder.encode(prompts, self._name, vectors).prompt_embeds.float()
        return torch.split(embeds, [encoder.width for encoder in self._encoders], dim=-1)

    @torch.no_grad()
    def _paired(self, vectors: Mapping[str, torch.Tensor]) -> list[_Pair]:
        pairs = []
        for line in self._prompts.lines:
            own, known = (line.replace(NAME, word) for word in (self._name, self._prompts.word))
            places = self._places(own, known)
            if places is not None:
                states = self._states([known], vectors)
                behind = [each[0, places.known.to(each.device)] for each in states]
                directions = tuple(functional.normalize(each, dim=-1) for each in behind)
                pairs.append(_Pair(own, places.own.to(states[0].device), directions))
        if not pairs:
            raise ConfigError(
                f"Context regularisation: with all vectors of {self._name} none of the"
                f" {len(self._prompts.lines)} context prompts fits 75 tokens; write shorter ones, or set"
                " Prior loss weight to 0.",
                field="context_prompts",
            )
        return pairs

    def _places(self, own: str, known: str) -> _Places | None:
        """The places behind the embedding and behind the word; None for a prompt to be left out."""
        # Both text encoders of SDXL divide a text in the same way.
        with_name, with_word = self._encoder.tokenized(own)[0], self._encoder.tokenized(known)[0]
        if with_name.num_chunks > 1 or with_word.num_chunks > 1 or self._name in with_word.names:
            return None
        rows = [placed.position for placed in with_name.placements if placed.name == self._name]
        closings = [self._closing(prompt) for prompt in (with_name, with_word)]
        first = max(rows, default=closings[0]) + 1
        places = _Places(
            torch.arange(first, closings[0] + 1),
            torch.arange(first, closings[0] + 1) + closings[1] - closings[0],
        )
        ids = with_name.input_ids[0, places.own], with_word.input_ids[0, places.known]
        if not rows or not torch.equal(*ids):
            raise ConfigError(
                f"Context regularisation can't compare {own!r} with {known!r}: but for {self._name!r} they"
                " must read the same. Put spaces around [name], or choose another Context word.",
                field="context_word",
            )
        return places

    def _closing(self, prompt: TokenizedPrompt) -> int:
        """The place of the closing token of a prompt that fits 75 tokens."""
        return int((prompt.input_ids[0] == self._encoders[0].eos_id).int().argmax())


class RegularisedLoss:
    """A batch's loss, and the regularisation's times its weight."""

    def __init__(self, loss: BatchLoss, regularisation: ContextRegularisation, weight: float) -> None:
        self._loss = loss
        self._regularisation = regularisation
        self._weight = weight

    def __call__(self, pictures: Sequence[int], state: TrainingState) -> tuple[torch.Tensor, str]:
        """Both together `[]`, and the first picture's prompt."""
        loss, prompt = self._loss(pictures, state)
        return loss + self._weight * self._regularisation(state), prompt
