"""What keeps the words around a trained embedding meaning what they mean."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..errors import ConfigError
from .option import option

__all__ = ["RegularisationConfig"]


@dataclass(frozen=True, kw_only=True)
class RegularisationConfig:
    """Context regularisation: beside the embedding, other words shall be understood as beside a known word.

    It does what class pictures do elsewhere; in textual inversion those have no gradient to give.
    """

    prior_loss_weight: float = option(
        0.0,
        "Prior loss weight",
        "Keeps the words around the embedding meaning what they mean, so that prompts are followed: 0.0002 to"
        " 0.001 for Stable Diffusion, 0.1 for the demo model, 0 is off. Too much costs likeness.",
        minimum=0.0,
        maximum=100.0,
        elem_id="train_prior_loss_weight",
    )
    context_word: str = option(
        "",
        "Context word",
        "The kind of thing that is trained, as dog, woman or painting: prompts with the embedding shall be"
        " understood as those with this word.",
        elem_id="train_context_word",
    )
    context_prompts: str = option(
        "subject",
        "Context prompts",
        "subject, style, or the path of a text file with a prompt in each line, [name] once in each. No"
        " pictures are needed for them.",
        elem_id="train_context_prompts",
        required=True,
    )
    context_prompts_per_step: int = option(
        4,
        "Context prompts per step",
        "How many of them each batch is compared on; more is steadier and a little slower.",
        minimum=1,
        maximum=64,
        step=1,
        elem_id="train_context_prompts_per_step",
    )

    def contradictions(self) -> Iterator[ConfigError]:
        """Regularisation without a word to compare with."""
        if self.prior_loss_weight and not self.context_word.strip():
            yield ConfigError(
                f"Prior loss weight is {self.prior_loss_weight:g}, but Context word is empty; write the kind"
                " of thing that is trained, as dog, woman or painting.",
                field="context_word",
            )
