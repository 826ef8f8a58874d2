"""How the steps of a run are judged by their pictures: what a judge takes and gives, and what follows."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["Progress", "Recommendation", "ScoredPicture", "Scorer", "StepScores", "recommended"]

Progress = Callable[[int, int], None]

# Below this share of the most varied (or most obedient) of the steps that have learned, a step has lost it:
# it is learned by heart.
_LOST = 0.5
# Of steps whose likeness is within this share of the whole range, the earliest is the least overfitted.
_NEARLY = 0.05


@dataclass(frozen=True, kw_only=True, eq=False)
class ScoredPicture:
    """One drawn picture: `image` in RGB, the `prompt` it was drawn from with the embedding's name in it, the
    index of its `row` in the grid, and its `seed`.

    Pictures of one row differ by the seed alone; those of one seed by the row alone.
    """

    image: Image
    prompt: str
    row: int
    seed: int


@dataclass(frozen=True, kw_only=True)
class StepScores:
    """What was measured of one step; None for what can't be, never a stand-in.

    `likeness` to the training pictures: higher is more alike, the scorer says in what. `diversity` is how
    much pictures of one prompt differ by the seed: low means the same face and clothes in every seed.
    `obedience` is how well what else stands in the prompt is drawn: higher is better. `evaluation_loss` is
    the loss on the run's evaluation set: lower is better.
    """

    likeness: float | None = None
    diversity: float | None = None
    obedience: float | None = None
    evaluation_loss: float | None = None


class Scorer(Protocol):
    """A judge of pictures; `name` says in what it measures, as the page shows it."""

    name: str

    def score(
        self,
        pictures: Mapping[int, Sequence[ScoredPicture]],
        training: Sequence[Image],
        progress: Progress,
    ) -> Mapping[int, StepScores]:
        """Scores by step, of the same steps as `pictures`; `training` are the run's own, in RGB.

        Tells `progress` the pictures that are looked at and their number. Raises TrainTabError.
        """


@dataclass(frozen=True, kw_only=True)
class Recommendation:
    """The step to use, and why, in a sentence."""

    step: int
    reason: str


def recommended(scores: Mapping[int, StepScores]) -> Recommendation | None:
    """The step whose pictures are most like the training's while prompts and seeds still change them.

    Of steps that are as good the earliest. Without likeness the evaluation loss decides, and without either
    nothing is recommended, nor is a single step, or step 0, which is untrained.
    """
    trained = {step: scores[step] for step in sorted(scores) if step > 0}
    if len(trained) < 2:
        return None
    all_liked = _known({step: one.likeness for step, one in trained.items()})
    learned = {step: trained[step] for step in _upper_half(all_liked)} or trained
    lively = {step: one for step, one in learned.items() if not _has_lost(one, learned)} or learned
    if len(all_liked) > 1:
        return _most_alike({step: all_liked[step] for step in lively}, all_liked)
    losses = _known({step: one.evaluation_loss for step, one in lively.items()})
    if len(losses) > 1:
        step = min(losses, key=lambda each: (losses[each], each))
        return Recommendation(step=step, reason=f"Its evaluation loss, {losses[step]:.4f}, is the lowest.")
    return None


def _upper_half(liked: Mapping[int, float]) -> list[int]:
    """The steps that have learned something by their likeness, where two or more can be compared.

    What isn't learned yet is drawn in many ways, which is no measure for the others.
    """
    if len(liked) < 2:
        return []
    middle = (min(liked.values()) + max(liked.values())) / 2
    return [step for step, value in liked.items() if value >= middle]


def _most_alike(liked: Mapping[int, float], all_liked: Mapping[int, float]) -> Recommendation:
    most = max(liked.values())
    margin = _NEARLY * (max(all_liked.values()) - min(all_liked.values()))
    step = min(step for step, value in liked.items() if value >= most - margin)
    others_are_more = any(value > most for each, value in all_liked.items() if each not in liked)
    if others_are_more and liked[step] < most:
        reason = (
            f"Its likeness, {liked[step]:.3f}, is as good as the highest, {most:.3f}, of the steps whose"
            " pictures still follow prompt and seed, and it is the earliest; those that are more alike are"
            " overfitted."
        )
    elif others_are_more:
        reason = (
            f"Its likeness, {liked[step]:.3f}, is the highest of the steps whose pictures still follow prompt"
            " and seed; those that are more alike are overfitted."
        )
    elif liked[step] < most:
        reason = (
            f"Its likeness, {liked[step]:.3f}, is as good as the highest, {most:.3f}, and it is earlier, so"
            " it follows prompts more freely."
        )
    else:
        reason = f"Its likeness to the training pictures, {liked[step]:.3f}, is the highest."
    return Recommendation(step=step, reason=reason)


def _has_lost(one: StepScores, learned: Mapping[int, StepScores]) -> bool:
    """Whether the seed, or the prompt, changes its pictures far less than those of the best step in that."""
    return _far_below(one.diversity, [other.diversity for other in learned.values()]) or _far_below(
        one.obedience, [other.obedience for other in learned.values()]
    )


def _far_below(value: float | None, all_values: Sequence[float | None]) -> bool:
    known = [each for each in all_values if each is not None and math.isfinite(each)]
    return value is not None and bool(known) and max(known) > 0 and value < _LOST * max(known)


def _known(values: Mapping[int, float | None]) -> dict[int, float]:
    return {step: value for step, value in values.items() if value is not None and math.isfinite(value)}
