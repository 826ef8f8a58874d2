"""What the checkpoint grid shows: which steps of a run, in which pictures."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from ..errors import ConfigError
from .option import option
from .samplers import OLD_SAMPLER_NAMES, SAMPLER_NAMES

__all__ = ["AS_PREVIEWS", "GRID_ROWS", "GridConfig"]

_AUTOMATIC, _ALL = "auto", "all"
GRID_ROWS = ("prompts", "weights", "CFG", "models")
AS_PREVIEWS = "as previews"


@dataclass(frozen=True, kw_only=True)
class GridConfig:
    """The kept steps of a run across, and `rows` down; each picture for the same seeds.

    `grid_values` are the rows' own: weights, CFG scales or models. What is empty is as in the run's previews.
    """

    embedding_name: str = option(
        "",
        "Embedding",
        "Whose kept steps are compared.",
        required=True,
        elem_id="ti_grid_embedding",
        flag="NAME",
    )
    run: str = option(
        "",
        "Run",
        "The run's folder in the log directory, such as 2026-01-31/sks. Empty: the newest run.",
        elem_id="ti_grid_run",
    )
    grid_steps: str = option(
        _AUTOMATIC,
        "Steps to compare",
        "auto: up to 8 of the kept steps, the best and the last among them; all; or some, such as 100, 500.",
        elem_id="ti_grid_steps",
        flag="--steps",
    )
    grid_rows: str = option(
        "prompts",
        "Rows",
        "What changes from row to row: the prompt, the embedding's weight (0.6 to 1.4), the CFG scale, or the"
        " model (others of the same family; each has to be loaded).",
        choices=GRID_ROWS,
        elem_id="ti_grid_rows",
        flag="--rows",
    )
    grid_prompts: str = option(
        "",
        "Prompts of the grid",
        "One a line; [name] is the embedding. Empty: some that suit what was trained. With other rows the"
        " first is drawn.",
        elem_id="ti_grid_prompts",
        flag="--prompts",
    )
    grid_values: str = option(
        "",
        "Values of the rows",
        "Weights, CFG scales or models, with commas between them. Empty: 0.6, 0.8, 1, 1.2, 1.4 for weights,"
        " 3, 5, 7, 9, 12 for CFG, every model of the same family for models.",
        elem_id="ti_grid_values",
        flag="--values",
    )
    grid_seeds: int = option(
        2,
        "Seeds",
        "How many pictures each cell has; two or more show whether every seed looks the same. Each takes its"
        " time.",
        minimum=1,
        maximum=16,
        step=1,
        elem_id="ti_grid_seeds",
        flag="--seeds",
    )
    grid_first_seed: int | None = option(
        None,
        "First seed",
        "The others follow it. Empty: the previews' seed.",
        minimum=0,
        maximum=2**32 - 17,
        step=1,
        elem_id="ti_grid_first_seed",
        flag="--seed",
    )
    grid_sampler: str = option(
        AS_PREVIEWS,
        "Sampling method of the grid",
        "How noise becomes a picture.",
        choices=(AS_PREVIEWS, *SAMPLER_NAMES, *OLD_SAMPLER_NAMES),
        elem_id="ti_grid_sampler",
        flag="--sampler",
    )
    grid_sampling_steps: int | None = option(
        None,
        "Sampling steps of the grid",
        "Fewer are faster. Empty: as in previews.",
        minimum=1,
        maximum=150,
        step=1,
        elem_id="ti_grid_sampling_steps",
        flag="--sampling-steps",
    )
    grid_width: int | None = option(
        None,
        "Width of the grid's pictures",
        "Smaller is faster. Empty: as in previews.",
        unit="pixels",
        minimum=64,
        maximum=2048,
        step=8,
        elem_id="ti_grid_width",
        flag="--width",
    )
    grid_height: int | None = option(
        None,
        "Height of the grid's pictures",
        "Smaller is faster. Empty: as in previews.",
        unit="pixels",
        minimum=64,
        maximum=2048,
        step=8,
        elem_id="ti_grid_height",
        flag="--height",
    )

    @property
    def wanted_steps(self) -> tuple[int, ...] | None:
        """The steps that are written out, in rising order; None for auto and all. Raises ConfigError."""
        text = self.grid_steps.strip().lower()
        if text in ("", _AUTOMATIC, _ALL):
            return None
        try:
            steps = tuple(sorted({_step(word) for word in _words(text)}))
            if not steps:
                raise ValueError("nothing but commas")
            return steps
        except ValueError as error:
            raise ConfigError(
                f"Steps to compare is {self.grid_steps!r}; write auto, all, or steps such as 100, 500.",
                field="grid_steps",
            ) from error

    @property
    def wants_all(self) -> bool:
        """Whether every kept step is wanted."""
        return self.grid_steps.strip().lower() == _ALL

    @property
    def numbers(self) -> tuple[float, ...]:
        """Values of the rows as numbers; none when they are empty. Raises ConfigError."""
        low, high = (0.0, 4.0) if self.grid_rows == "weights" else (1.0, 30.0)
        try:
            numbers = tuple(float(word) for word in _words(self.grid_values))
        except ValueError:
            numbers = (math.nan,)
        if not all(low <= number <= high for number in numbers):
            raise ConfigError(
                f"Values of the rows is {self.grid_values!r}; for {self.grid_rows} write numbers from {low:g}"
                f" to {high:g} with commas between them, or leave it empty.",
                field="grid_values",
            )
        return tuple(dict.fromkeys(numbers))

    @property
    def models(self) -> tuple[str, ...]:
        """Values of the rows as names of models; none when they are empty."""
        return tuple(dict.fromkeys(one.strip() for one in self.grid_values.split(",") if one.strip()))

    def contradictions(self) -> Iterator[ConfigError]:
        """What can't be read, and values where the rows take none."""
        try:
            _ = self.wanted_steps
        except ConfigError as error:
            yield error
        if self.grid_rows in ("weights", "CFG"):
            try:
                _ = self.numbers
            except ConfigError as error:
                yield error
        if self.grid_rows == "prompts" and self.grid_values.strip():
            yield ConfigError(
                f"Values of the rows is {self.grid_values!r}, which means nothing while Rows is prompts;"
                " empty it, or choose other rows.",
                field="grid_values",
            )


def _words(text: str) -> list[str]:
    return text.replace(",", " ").split()


def _step(word: str) -> int:
    step = int(word)
    if step < 0:
        raise ValueError(word)
    return step
