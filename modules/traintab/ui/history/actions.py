"""What the buttons of *Past runs* do, as plain functions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from ...errors import InputError
from ...run_history import LoadedSettings
from ..messages import done
from ..page import Page
from .list_html import when
from .open_folder import is_asked_from_here, open_folder
from .views import RunViews

__all__ = ["chosen", "clicked", "delete", "load_file", "load_settings", "show_folder", "undo_delete"]

_TOLD_AT_MOST = 5


def clicked(what: str, first: str | None) -> tuple[Any, ...]:
    """What a click in the list (`open <count> <place>`, or `compare …`) means for the two dropdowns.

    To open another run ends a comparison; `first` is what is chosen now, and where that is nothing
    *Compare* chooses it.
    """
    action, _, place = (what or "").split(" ", 2) if (what or "").count(" ") > 1 else ("", "", "")
    if not place:
        return gr.update(), gr.update()
    if action == "compare" and first:
        return gr.update(), gr.update(value=place)
    return gr.update(value=place), gr.update(value=None)


def chosen(page: Page, views: RunViews, place: str | None, other: str | None) -> tuple[Any, ...]:
    """The chosen run, or both; which buttons make sense, and the steps that can be downloaded."""
    shown = views.shown(place, other)
    copies = list(page.studio.runs.copies(page.studio.runs.find(place))) if place else []
    steps = gr.update(choices=[str(step) for step in copies], value=str(copies[0]) if copies else None)
    reachable = gr.update(interactive=bool(place))
    return shown, reachable, reachable, reachable, gr.update(visible=bool(copies)), steps


def load_settings(page: Page, place: str | None) -> tuple[Any, ...]:
    """Fill the Train panel with a run's settings; a message for each of two places, the tab, the fields."""
    run = page.studio.runs.find(place)
    loaded = page.studio.runs.settings(run)
    return _filled(page, loaded, f"The settings of {run.name}, {when(run)}, are in the Train panel.")


def load_file(page: Page, file: Any) -> tuple[Any, ...]:
    """As `load_settings`, from a `run.yaml` or `settings-….json` that was uploaded."""
    path = Path(str(getattr(file, "name", file) or ""))
    if not path.name:
        raise InputError("Choose a file first: the run.yaml of a run, or a web UI's settings-….json.")
    loaded = page.studio.runs.settings_in(path)
    return _filled(page, loaded, f"The settings of {path.name} are in the Train panel.")


def delete(page: Page, place: str | None) -> tuple[Any, ...]:
    """Move a run to the trash; a message, nothing chosen any more, and *Undo* within reach."""
    deleted = page.studio.runs.delete(place)
    text = f"The run {deleted.place} is in the trash, {deleted.path.parent}. Undo delete brings it back."
    return done(text), gr.update(value=None), gr.update(value=None), gr.update(visible=True)


def undo_delete(page: Page) -> tuple[Any, ...]:
    """Bring back what was deleted last; a message, that run chosen, and *Undo* while there is more."""
    old = next((deleted.place for deleted in page.studio.runs.deleted()), "")
    back = page.studio.runs.undo_delete()
    more = bool(page.studio.runs.deleted())
    text = f"The run {back.place} is back."
    if back.place != old:
        text = f"The run is back as {back.place}, because {old} is another run by now."
    return done(text), gr.update(value=back.place), gr.update(value=None), gr.update(visible=more)


def show_folder(page: Page, place: str | None, request: Any) -> tuple[Any, ...]:
    """Open a run's folder for who sits at this computer; a message, which tells others where it is."""
    run = page.studio.runs.find(place)
    if not is_asked_from_here(request):
        raise InputError(
            f"The folder can be opened only on the computer the program runs on. It is {run.path}"
        )
    open_folder(run.path)
    return (done(f"The folder {run.path} opens in the file manager."),)


def _filled(page: Page, loaded: LoadedSettings, text: str) -> tuple[Any, ...]:
    form = page.train
    values = {name: value for name, value in loaded.values.items() if name in form.names}
    page.remembered.remember(form.section, values)
    told = done(" ".join([text, *_model_told(page, loaded), *_left_out(loaded)]))
    return told, told, gr.update(selected="train"), *form.updates(values)


def _model_told(page: Page, loaded: LoadedSettings) -> list[str]:
    """That another model is selected than the run was on; a web UI's file names no folder and no suffix."""
    selected = page.studio.model_status.spec
    if not loaded.model or Path(loaded.model).stem == Path(selected).stem:
        return []
    return [f"It was trained on {loaded.model}; {selected} is selected now."]


def _left_out(loaded: LoadedSettings) -> list[str]:
    rest = len(loaded.left_out) - _TOLD_AT_MOST
    told = [f"Left out: {sentence}" for sentence in loaded.left_out[:_TOLD_AT_MOST]]
    return [*told, f"And {rest} more were left out."] if rest > 0 else told
