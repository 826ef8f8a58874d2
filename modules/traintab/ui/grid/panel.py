"""*Compare steps*: one click after (or during) a training, below its previews."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import gradio as gr

from ...grid_scoring import ScoringSnapshot
from ...grids import GridSnapshot
from ...studio import Studio
from ..choices import embedding_names
from ..field_groups import build_rows
from ..gradio_compat import listen, listen_to_form, skip
from ..messages import guarded
from ..page import Page
from ..resume_question import ResumeQuestion
from ..small_files import SmallFiles
from .actions import compare, continue_from, use
from .grid_html import grid_html, recommended_step

__all__ = ["GridPanel", "view"]

Seen = dict[str, str]

_ROWS = (
    ("grid_steps", "grid_rows"),
    ("grid_prompts",),
    ("grid_values", "grid_seeds", "grid_first_seed"),
    ("grid_sampler", "grid_sampling_steps"),
    ("grid_width", "grid_height"),
)
_KEYWORDS: dict[str, dict[str, Any]] = {
    "grid_rows": {"radio": False},
    "grid_prompts": {"lines": 3, "max_lines": 8, "placeholder": "a photo of [name] on the beach"},
    "grid_values": {"placeholder": "0.6, 0.8, 1, 1.2, 1.4"},
    "likeness_model": {"placeholder": "openai/clip-vit-base-patch32"},
}


@dataclass(frozen=True, kw_only=True)
class GridPanel:
    """The components; `parts` are in the order of what `view` gives."""

    start: Any
    stop: Any
    embedding: Any
    message: Any
    grid: Any
    actions: Any
    step: Any
    use: Any
    go_on: Any

    @property
    def parts(self) -> tuple[Any, ...]:
        """What follows the grid."""
        return self.start, self.stop, self.grid, self.actions, self.step

    @classmethod
    def build(cls, page: Page) -> GridPanel:
        """Make the components in the current layout."""
        with gr.Column(elem_id="ti_compare"):
            with gr.Row(elem_classes=["traintab-actions"]):
                start = gr.Button("Compare steps", elem_id="ti_grid_start", min_width=150)
                stop = gr.Button("Stop comparing", elem_id="ti_grid_stop", visible=False, min_width=120)
            with gr.Accordion("What is compared", open=False, elem_id="ti_grid_options"):
                embedding = _build_fields(page)
            message = gr.HTML(elem_id="ti_grid_message", elem_classes=["traintab-slot"])
            grid = gr.HTML(elem_id="ti_grid", elem_classes=["traintab-slot"])
            with gr.Column(visible=False, elem_id="ti_grid_actions") as actions:
                step = gr.Radio(choices=[], label="Step", elem_id="ti_grid_step")
                with gr.Row():
                    use_it = gr.Button("Use this step", elem_id="ti_grid_use", min_width=130)
                    go_on = gr.Button("Continue from this step", elem_id="ti_grid_continue", min_width=170)
        return cls(
            start=start,
            stop=stop,
            embedding=embedding,
            message=message,
            grid=grid,
            actions=actions,
            step=step,
            use=use_it,
            go_on=go_on,
        )

    def wire(self, page: Page, load: Any, question: ResumeQuestion) -> None:
        """Follow the grid and its scores, and let the buttons work; `question` is asked before a run goes on
        with other pictures than it had.
        """
        studio, seen = page.studio, gr.State({})
        page.pulse.follow(lambda: _version(studio), view(studio), [seen], [seen, *self.parts])
        listen(load, _offered(studio), None, [self.embedding], at_once=True)
        fields = [*page.grid.components, *page.likeness.components]
        names = [*page.grid.names, *page.likeness.names]

        def begin(*values: Any) -> tuple[Any, ...]:
            return compare(page, dict(zip(names, values, strict=False)), *values[len(names) :])

        inputs = [*fields, self.embedding, page.train["embedding_name"]]
        begun = listen_to_form(self.start.click, guarded(begin, outputs=1), inputs, [self.message])
        stop = guarded(_stopped(studio), outputs=1)
        stopped = listen(self.stop.click, stop, None, [self.message], at_once=True)
        used = listen(self.use.click, guarded(use(page), outputs=1), [self.step], [self.message])
        asked = [question.pending, question.box, question.text, question.as_it_was, question.by_new_settings]
        go_on = guarded(continue_from(page), outputs=1 + len(asked))
        gone_on = listen(self.go_on.click, go_on, [self.step], [self.message, *asked])
        page.pulse.after(begun, stopped, used, gone_on)


def _build_fields(page: Page) -> Any:
    """The settings, in the current layout; gives the one that belongs to no form: it isn't remembered."""
    embedding = gr.Dropdown(
        choices=[],
        label="Embedding to compare",
        info="Empty: the one that was trained last.",
        allow_custom_value=True,
        elem_id="ti_grid_embedding",
    )
    build_rows(page.grid, _ROWS, _KEYWORDS)
    build_rows(page.likeness, (("likeness_model",),), _KEYWORDS)
    return embedding


def _offered(studio: Studio) -> Callable[[], Any]:
    return lambda: gr.update(choices=embedding_names(studio))


def _stopped(studio: Studio) -> Callable[[], tuple[Any, ...]]:
    """Stop drawing, or else judging: the pictures that are finished stay, and are judged."""

    def handler() -> tuple[Any, ...]:
        if not studio.grids.snapshot().state.is_active:
            studio.grid_scoring.interrupt()
        studio.grids.interrupt()
        return ("",)

    return handler


def _version(studio: Studio) -> object:
    grid, scoring = studio.grids.snapshot(), studio.grid_scoring.snapshot()
    return grid.number, grid.revision, scoring.revision


def view(studio: Studio) -> Callable[[Seen], tuple[Any, ...]]:
    """A function of what a browser has seen: what it sees then, and each part that changed."""
    small = SmallFiles(studio.paths.thumbnails_dir)

    def look(seen: Seen) -> tuple[Any, ...]:
        grid, scoring = studio.grids.snapshot(), studio.grid_scoring.snapshot()
        values = {"grid": grid_html(grid, scoring, small.of), **_buttons(grid, scoring)}
        values = {name: values[name] for name in ("start", "stop", "grid", "actions", "step")}
        now = {name: repr(value) for name, value in values.items()}
        return now, *(value if now[name] != seen.get(name) else skip() for name, value in values.items())

    return look


def _buttons(grid: GridSnapshot, scoring: ScoringSnapshot) -> dict[str, Any]:
    """Each button as its component's value; what makes no sense now is out of reach or sight."""
    is_drawn, is_judged = grid.state.is_active, scoring.grid == grid.number and scoring.is_active
    best = recommended_step(grid, scoring)
    choices = [(_called(column.step, column.step == best), str(column.step)) for column in grid.columns]
    return {
        "start": gr.update(interactive=not is_drawn),
        "stop": gr.update(visible=is_drawn or is_judged),
        "actions": gr.update(visible=bool(choices) and not is_drawn),
        "step": gr.update(choices=choices, value=None if best is None else str(best)),
    }


def _called(step: int, is_recommended: bool) -> str:
    return f"{step:,} (recommended)" if is_recommended else f"{step:,}"
