"""What changes from row to row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ..configs import GridConfig, TrainingConfig
from ..errors import ModelError
from ..models.discovery import Checkpoint, find_checkpoints, resolve
from ..models.facts import widths_of
from ..paths import Paths
from .prompts import grid_prompts, named, weighted
from .snapshot import GridRow

__all__ = ["Subject", "check_fits", "grid_rows"]

_WEIGHTS = (0.6, 0.8, 1.0, 1.2, 1.4)
_SCALES = (3.0, 5.0, 7.0, 9.0, 12.0)


@dataclass(frozen=True, kw_only=True)
class Subject:
    """Of whom rows are made: the embedding's name, its widths by text encoder, and the run's settings."""

    name: str
    widths: Mapping[str, int]
    run: TrainingConfig


def grid_rows(config: GridConfig, subject: Subject, paths: Paths, selected: str) -> tuple[GridRow, ...]:
    """The rows, `selected` being the model that draws unless rows are models.

    Raises ModelError for a model that isn't there or is of another family.
    """
    prompts = grid_prompts(config, subject.run)
    if config.grid_rows == "prompts":
        texts = (named(prompt, subject.name) for prompt in prompts)
        return tuple(GridRow(title=text, prompt=text) for text in texts)
    if config.grid_rows == "models":
        prompt = named(prompts[0], subject.name)
        specs = config.models or _same_family(subject, paths, selected)
        for spec in specs:
            check_fits(resolve(spec, paths), subject)
        return tuple(GridRow(title=spec, prompt=prompt, model=spec) for spec in specs)
    return _NUMBERED[config.grid_rows](config, subject, prompts[0])


def check_fits(checkpoint: Checkpoint, subject: Subject) -> None:
    """Raise ModelError when the embedding doesn't fit the model; its configuration is all that is read."""
    widths = widths_of(checkpoint)
    if widths != dict(subject.widths):
        raise ModelError(
            f"The grid of {subject.name} can't be drawn with {checkpoint.name}: its vectors have the widths"
            f" {dict(subject.widths)}, and that model needs {widths}. Choose a model of the family it was"
            " trained on."
        )


def _of_weights(config: GridConfig, subject: Subject, prompt: str) -> tuple[GridRow, ...]:
    return tuple(
        GridRow(title=f"weight {weight:g}", prompt=weighted(prompt, subject.name, weight))
        for weight in config.numbers or _WEIGHTS
    )


def _of_scales(config: GridConfig, subject: Subject, prompt: str) -> tuple[GridRow, ...]:
    return tuple(
        GridRow(title=f"CFG {scale:g}", prompt=named(prompt, subject.name), guidance_scale=scale)
        for scale in config.numbers or _SCALES
    )


_NUMBERED: Mapping[str, Callable[[GridConfig, Subject, str], tuple[GridRow, ...]]] = MappingProxyType(
    {"weights": _of_weights, "CFG": _of_scales}
)


def _same_family(subject: Subject, paths: Paths, selected: str) -> tuple[str, ...]:
    """The selected model, and the others here that the embedding fits."""
    chosen = resolve(selected, paths)
    others = [one for one in find_checkpoints(paths) if one.path != chosen.path and _fits(one, subject)]
    return (selected, *(one.name for one in others))


def _fits(checkpoint: Checkpoint, subject: Subject) -> bool:
    """A file that can't be read fits nobody."""
    try:
        return widths_of(checkpoint) == dict(subject.widths)
    except ModelError:
        return False
