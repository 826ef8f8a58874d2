"""What the buttons of *Compare steps* do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import gradio as gr

from ...configs import GridConfig, LikenessConfig, from_mapping
from ...errors import NothingToDoError
from ...training.best import UsedBest
from ...training.run_folder import RunFolder
from ..gradio_compat import skip
from ..messages import done
from ..page import Page
from ..resume_question import question_html

__all__ = ["chosen_step", "compare", "continue_from", "use"]


def compare(page: Page, values: Mapping[str, Any], *names: str | None) -> tuple[Any, ...]:
    """Begin to draw and judge the grid; a message.

    `values` are the fields of both forms, `names` the embedding that is asked for and the one that is
    selected in the Train panel: unless one is asked for, the one that was trained last is compared.
    """
    studio = page.studio
    grid_values = {name: values[name] for name in page.grid.names}
    likeness_values = {name: values[name] for name in page.likeness.names}
    page.remembered.remember(page.grid.section, grid_values)
    page.remembered.remember(page.likeness.section, likeness_values)
    config = from_mapping(GridConfig, {**grid_values, "embedding_name": _name(page, *names)})
    likeness = from_mapping(LikenessConfig, likeness_values)
    studio.grid_scoring.check(likeness)
    studio.grids.start(config)
    studio.grid_scoring.follow(likeness)
    return ("",)


def _name(page: Page, asked: str | None, selected: str | None) -> str:
    last = page.studio.snapshot()
    trained = page.studio.resuming.named() if last.kind == "train" else ""
    name = (asked or "").strip() or trained or (selected or "").strip()
    if not name:
        raise NothingToDoError(
            "There are no steps to compare yet: train an embedding, or choose one under What is compared."
        )
    return name


def chosen_step(choice: str | None) -> int:
    """The step that was chosen; raises NothingToDoError when none was."""
    if not (choice or "").isdecimal():
        raise NothingToDoError("Choose one of the steps that were compared.")
    return int(choice or "")


def use(page: Page) -> Callable[[str | None], tuple[Any, ...]]:
    """The handler of *Use this step*: the embedding becomes the chosen step; a message."""

    def handler(choice: str | None) -> tuple[Any, ...]:
        used = page.studio.grids.use_step(chosen_step(choice))
        return (done(" ".join(_told(one) for one in (used, *used.others))),)

    return handler


def _told(used: UsedBest) -> str:
    if used.kept is None:
        return f"{used.name} is step {used.step} of its training now."
    return f"{used.name} is step {used.step} of its training now. What it held before is kept as {used.kept}."


def continue_from(page: Page) -> Callable[[str | None], tuple[Any, ...]]:
    """The handler of *Continue from this step*: a message, and the parts of the question before a run goes on
    with other pictures than it had (pending, box, text, two buttons).
    """

    def handler(choice: str | None) -> tuple[Any, ...]:
        studio, step = page.studio, chosen_step(choice)
        about: dict[str, Any] = {"name": _trained_in_grid(page, step), "from_step": step}
        different = studio.resuming.differences(**about)
        if not different:
            studio.resuming.go_on(**about)
            return (
                done(f"Training goes on from step {step}."),
                {},
                gr.update(visible=False),
                "",
                skip(),
                skip(),
            )
        return (
            "",
            {**about, "changes": {}},
            gr.update(visible=True),
            question_html(different),
            gr.update(value="Go on"),
            gr.update(visible=False),
        )

    return handler


def _trained_in_grid(page: Page, step: int) -> str:
    """The embedding by which the grid's run is known, which may have trained the one in the grid with it.

    Raises NothingToDoError when a newer run has a state of this step: it would be gone on with instead.
    """
    grid, resuming = page.studio.grids.snapshot(), page.studio.resuming
    if grid.run is None:
        return grid.embedding_name
    name = RunFolder(path=grid.run, embedding_name="").trained_name or grid.embedding_name
    shown = "/".join(grid.run.parts[-2:])
    newest = resuming.kept_steps(name).get(step, shown)
    if newest != shown:
        raise NothingToDoError(
            f"Training was not continued: it would go on from step {step} of the newer run {newest}, and"
            f" these pictures are of {shown}. Press Use this step and Train Embedding to start a new run"
            " from it, or Compare steps to see those of the newer run."
        )
    return name
