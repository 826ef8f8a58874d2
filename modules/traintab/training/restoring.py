"""From the state of a run that was left to the state of the run that goes on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .differences import changed_inputs, differences_told
from .events import TrainingNotice
from .inputs import TrainingInputs
from .plan import Resumed
from .state import TrainingState

__all__ = ["restore"]


def restore(state: TrainingState, resumed: Resumed) -> Iterator[TrainingNotice]:
    """Let `state`, which is as a new run's and knows today's inputs, go on where `resumed` was left.

    What is no longer as it was begins with an order, prompts or randomness of its own, and that is told.
    """
    kept, then, now = resumed.state, TrainingInputs.from_state(resumed.state), state.inputs
    new: dict[str, Any] = {"inputs": now.to_state()}
    anew = []
    fits = state.order.fits(kept["order"])
    if not (then.same_pictures(now) and then.same_seed(now) and fits):
        new["order"] = state.order.state_dict()
        anew.append("the order of the pictures")
    # With other resolutions the same pictures are there another number of times.
    if not then.same_prompts(now) or (not fits and len(kept["lines"]) != len(state.lines)):
        new["lines"] = list(state.lines)
        anew.append("their prompts")
    if not then.same_seed(now):
        new["generator"] = state.generator.get_state()
        anew.append("the randomness")
    state.load_state_dict({**kept, **new})
    model = [one for one in changed_inputs(then, now) if one.field == "model"]
    if model:  # the rest has been told before the model was loaded
        yield TrainingNotice(message=differences_told(model))
    if not state.goes_on_with(kept):
        yield TrainingNotice(
            message="The optimizer begins anew: what the one before remembered is of no use to it. A lower"
            " rate for the first steps, such as by Warmup, keeps it from jumping."
        )
    if anew:
        yield TrainingNotice(
            message=f"The vectors and the optimizer go on from step {state.step};"
            f" {_listed(anew)} begin{'s' if len(anew) == 1 and anew[0] != 'their prompts' else ''} anew."
        )


def _listed(things: list[str]) -> str:
    *first, last = things
    return f"{', '.join(first)} and {last}" if first else last
