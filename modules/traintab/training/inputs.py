"""What a run is trained on beside its settings, remembered so that it can be told what has changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..datasets.report import DatasetImage

__all__ = ["TrainingInputs"]


@dataclass(frozen=True, kw_only=True)
class TrainingInputs:
    """Pictures, captions, template lines, model and seed.

    `pictures` maps file names, in their order, to the sha256 of the content, with that of a mask file behind
    it; `captions` maps them to the caption, and `repeats` to how often their folder shows them in an epoch
    where that isn't once. What an older state didn't note is empty, and passes for unchanged.
    """

    pictures: Mapping[str, str] = field(default_factory=dict)
    captions: Mapping[str, str] = field(default_factory=dict)
    repeats: Mapping[str, int] = field(default_factory=dict)
    template_lines: tuple[str, ...] = ()
    model_hash: str = ""
    seed: int | None = None

    @classmethod
    def of(
        cls,
        images: Sequence[DatasetImage],
        lines: Sequence[str],
        *,
        model_hash: str = "",
        seed: int | None = None,
    ) -> TrainingInputs:
        """What is there now, as far as it is known."""
        return cls(
            pictures={image.name: image.content_hash + image.mask_hash for image in images},
            captions={image.name: image.caption for image in images},
            repeats={image.name: image.repeats for image in images if image.repeats != 1},
            template_lines=tuple(lines),
            model_hash=model_hash,
            seed=seed,
        )

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> TrainingInputs:
        """What a training state noted; one of an earlier version knew the pictures only."""
        if "inputs" not in state:
            pairs = (text.rsplit(" ", 1) for text in state.get("pictures", ()))
            return cls(pictures=dict(pairs))
        noted = dict(state["inputs"])
        return cls(**{**noted, "template_lines": tuple(noted["template_lines"])})

    def to_state(self) -> dict[str, Any]:
        """Texts, numbers, lists and dicts, which load again without pickled code.

        The mappings are its own, which never change: copied after every step, thousands of pictures would
        cost more than a small model's step.
        """
        return {**vars(self), "template_lines": list(self.template_lines)}

    def same_pictures(self, other: TrainingInputs) -> bool:
        """Whether the same pictures come in the same order."""
        return list(self.pictures.items()) == list(other.pictures.items())

    def same_prompts(self, other: TrainingInputs) -> bool:
        """Whether the pictures are shown with the same prompts."""
        return (
            self.same_pictures(other)
            and _equal_if_known(self.captions, other.captions)
            and _equal_if_known(self.template_lines, other.template_lines)
            and self.same_seed(other)
        )

    def same_seed(self, other: TrainingInputs) -> bool:
        """Whether all that is drawn at random comes of the same seed."""
        return None in (self.seed, other.seed) or self.seed == other.seed


def _equal_if_known(one: object, other: object) -> bool:
    return not one or not other or one == other
