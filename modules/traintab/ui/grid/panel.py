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
from ..gradio_dropdown import dropdown
from ..messages import guarded
from ..page import Page
from ..resume_question import ResumeQuestion
from ..small_files import SmallFiles
from .actions import compare, continue_from, use
from .grid_html import grid_html, recommended_step

__all__ = ["GridPanel", "view"]

Seen = dict[str, str]

_FOLLOWING = ("start", "stop", "grid", "actions", "step", "message")
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
    "grid_first_seed": {"placeholder": "as previews"},
    "grid_sampling_steps": {"placeholder": "as previews"},
    "grid_width": {"placeholder": "as previews"},
    "grid_height": {"placeholder": "as previews"},
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
        return self.start, self.stop, self.grid, self.actions, self.step, self.message

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
        outputs = [seen, *self.parts]
        page.pulse.follow(lambda: _version(studio), view(studio), [seen, self.step], outputs)
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
    embedding = dropdown(
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
    return grid.number, grid.revision, scoring.revision, _job(studio)


def _job(studio: Studio) -> object:
    job = studio.snapshot()
    return job.id, job.status.is_active


def view(studio: Studio) -> Callable[[Seen, str | None], tuple[Any, ...]]:
    """A function of what a browser has seen and the step chosen there: what it sees then, and each part that
    changed.
    """
    small = SmallFiles(studio.paths.thumbnails_dir)

    def look(seen: Seen, chosen: str | None) -> tuple[Any, ...]:
        grid, scoring = studio.grids.snapshot(), studio.grid_scoring.snapshot()
        best = recommended_step(grid, scoring)
        values = {"grid": grid_html(grid, scoring, small.of), **_buttons(grid, scoring)}
        values |= {"step": _offered_steps(grid, best), "message": ""}
        known = {"number": str(grid.number), "suggested": "" if best is None else str(best)}
        now = {name: repr(values[name]) for name in _FOLLOWING} | known
        now["step"] += repr(known)
        now["message"] += repr(_job(studio))  # what was said before a training began or ended is over
        if not _is_chosen(grid, seen, chosen):
            values["step"]["value"] = known["suggested"] or None
        return now, *(values[name] if now[name] != seen.get(name) else skip() for name in _FOLLOWING)

    return look


def _is_chosen(grid: GridSnapshot, seen: Seen, chosen: str | None) -> bool:
    """Whether the user chose a step of this grid, which is another than was suggested."""
    is_same = seen.get("number") == str(grid.number)
    steps = {str(column.step) for column in grid.columns}
    return is_same and chosen in steps and chosen != seen.get("suggested")


def _buttons(grid: GridSnapshot, scoring: ScoringSnapshot) -> dict[str, Any]:
    """Each button as its component's value; what makes no sense now is out of reach or sight."""
    is_drawn, is_judged = grid.state.is_active, scoring.grid == grid.number and scoring.is_active
    return {
        "start": gr.update(interactive=not is_drawn),
        "stop": gr.update(visible=is_drawn or is_judged),
        "actions": gr.update(visible=bool(grid.columns) and not is_drawn),
    }


def _offered_steps(grid: GridSnapshot, best: int | None) -> dict[str, Any]:
    choices = [(_called(column.step, column.step == best), str(column.step)) for column in grid.columns]
    return dict(gr.update(choices=choices))


def _called(step: int, is_recommended: bool) -> str:
    return f"{step:,} (recommended)" if is_recommended else f"{step:,}"
