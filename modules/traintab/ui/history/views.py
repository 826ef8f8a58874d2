"""What the part *Past runs* shows: the list, one run, two of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gradio as gr

from ...configs import TrainingConfig
from ...errors import ConfigError
from ...run_history import LoadedSettings, RunHistory, RunSummary
from ...studio import Studio
from ..loss_plot import loss_plot
from ..preview_files import Preview
from ..preview_timeline import PreviewTimeline
from ..small_files import SmallFiles
from ..timeline_html import timeline_html
from .comparison_html import ComparedRun, comparison_html
from .details_html import NO_RUN_CHOSEN, RunDetails, RunFile, details_html
from .list_html import run_choices, runs_html, when

__all__ = ["A_PAGE", "RunViews"]

A_PAGE = 30
"""So many runs are listed at first, and added by *Show older runs*."""

_LARGEST_TEXT = 2**18


class RunViews:
    """Remembers small pictures, so that the page has one; the rest is looked up when asked."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._small = SmallFiles(studio.paths.thumbnails_dir)
        self._timeline = PreviewTimeline(studio.paths)

    @property
    def _history(self) -> RunHistory:
        return self._studio.runs

    def listed(self, search: str | None, count: int) -> tuple[Any, ...]:
        """The list, what the two dropdowns offer, and *Show older runs* where there are more than `count`.

        These are the runs that have all words of `search` in name, day, model or status.
        """
        runs = self._history.runs()
        words = (search or "").casefold().split()
        found = [run for run in runs if all(word in _searched(run) for word in words)]
        choices = gr.update(choices=run_choices(found[:count]))
        older = gr.update(visible=len(found) > count)
        return runs_html(found[:count], len(found), len(runs), self._small.of), choices, choices, older

    def shown(self, place: str | None, other: str | None) -> str:
        """The chosen run, or beside it `other`; raises InputError for one that is gone."""
        if not place:
            return NO_RUN_CHOSEN
        run = self._history.find(place)
        if not other or other == place:
            return self._details(run)
        return self._comparison(run, self._history.find(other))

    def _details(self, run: RunSummary) -> str:
        curves = self._history.curves(run)
        plot = ""
        if len(curves.losses) > 1:
            told = (curves.evaluations, curves.best_step, curves.rates, curves.marks)
            plot = loss_plot(curves.losses, run.step, *told)
        settings, untold = self._read(run)
        values = [] if settings is None else _differing(TrainingConfig(), settings.config)
        details = RunDetails(
            run=run,
            plot=plot,
            previews=self._previews(run),
            settings=[(label, value) for label, _, value in values],
            untold=untold,
            files=self._files(run),
        )
        return details_html(details)

    def _previews(self, run: RunSummary) -> str:
        """Each previewed step; a run of the web UI has pictures whose files tell less."""
        if not run.is_web_ui:
            return self._timeline.of_run(run.path, best=run.best_step, key="history")
        previews = [
            Preview(path=path, step=step, number=which) for step, which, path in self._history.previews(run)
        ]
        return timeline_html(previews, self._small.of, key="history", label="Previews by step")

    def _files(self, run: RunSummary) -> list[RunFile]:
        """The copies, the newest first, then tables and settings."""
        copies = [RunFile(path.name) for path in self._history.copies(run).values()]
        others = (
            path for pattern in ("*.yaml", "*.json", "*.csv", "*.txt") for path in run.path.glob(pattern)
        )
        found = sorted(path for path in others if path.is_file() and not path.is_symlink())
        return [*copies, *(RunFile(path.name, _text_of(path)) for path in found)]

    def _comparison(self, run: RunSummary, other: RunSummary) -> str:
        both = [
            ComparedRun(
                run=each,
                curves=self._history.curves(each),
                previews={(step, which): path for step, which, path in self._history.previews(each)},
            )
            for each in (run, other)
        ]
        (one, one_untold), (two, two_untold) = self._read(run), self._read(other)
        settings = _differing(one.config, two.config) if one and two else []
        return comparison_html(both[0], both[1], settings, one_untold or two_untold, self._small.of)

    def _read(self, run: RunSummary) -> tuple[LoadedSettings | None, str]:
        try:
            return self._history.settings(run), ""
        except ConfigError as error:
            return None, f"The settings of {run.name}, {when(run)}, can't be read: {error}"


def _text_of(path: Path) -> str | None:
    """What a small text file holds; None for one that a page had better not carry."""
    try:
        return None if path.stat().st_size > _LARGEST_TEXT else path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError):
        return None  # it stays in the list, and in its folder


def _searched(run: RunSummary) -> str:
    return f"{run.name} {when(run)} {run.place} {run.model} {run.status.value}".casefold()


def _differing(then: TrainingConfig, now: TrainingConfig) -> Sequence[tuple[str, str, str]]:
    from ...training.differences import changed_settings

    return [(one.label, one.then, one.now) for one in changed_settings(then, now)]
