"""One past run in HTML: facts, curve, previews, settings and files."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from ...run_history import RunSummary
from ..data_links import download_link
from ..wording import number
from .list_html import chip, when

__all__ = ["NO_RUN_CHOSEN", "RunDetails", "RunFile", "details_html", "folder_html"]

NO_RUN_CHOSEN = (
    '<div class="traintab-plot-empty" data-run="">Click a run to see its settings, curve, previews and files.'
    " Compare puts a second one beside it.</div>"
)


class RunFile(NamedTuple):
    """A file of a run; `text` is what it holds where the page can give it."""

    name: str
    text: str | None = None


@dataclass(frozen=True, kw_only=True)
class RunDetails:
    """What is shown of a run.

    `plot` and `previews` are HTML. `settings` are (label, value) pairs of those that differ from the
    defaults, `untold` says why there are none when they can't be read.
    """

    run: RunSummary
    plot: str = ""
    previews: str = ""
    settings: Sequence[tuple[str, str]] = ()
    untold: str = ""
    files: Sequence[RunFile] = ()


def details_html(details: RunDetails) -> str:
    """All of it; what may be long is folded."""
    run = details.run
    failed = (
        f'<div class="traintab-message traintab-failed" role="note">{html.escape(run.error)}</div>'
        if run.error
        else ""
    )
    return (
        f'<div class="traintab-run-details" data-run="{html.escape(run.place, quote=True)}">'
        f'<div class="traintab-job-head"><h3>{html.escape(run.name)}</h3>{chip(run.status)}</div>'
        f"{failed}{_facts(run)}{details.plot}{details.previews}{_settings(details)}{_files(details.files)}"
        f"{folder_html(run.path)}</div>"
    )


def folder_html(path: Path) -> str:
    """Where it lies, to be copied."""
    text = html.escape(str(path), quote=True)
    return (
        f'<p class="traintab-run-folder"><code>{text}</code>'
        f'<button type="button" data-run-copy="{text}">Copy path</button></p>'
    )


def _facts(run: RunSummary) -> str:
    figures = {"Started": when(run), "Step": f"{run.step:,}"}
    if run.total_steps:
        figures["Step"] = f"{run.step:,} of {run.total_steps:,}"
    if run.loss is not None:
        figures["Loss at the end"] = number(run.loss)
    if run.best_loss is not None:
        figures["Best evaluation"] = number(run.best_loss)
        figures["Best step"] = f"{run.best_step:,}"
    figures["Model"] = Path(run.model).name or "–"
    cells = "".join(
        f"<div><dt>{name}</dt><dd>{html.escape(value)}</dd></div>" for name, value in figures.items()
    )
    return f'<dl class="traintab-numbers">{cells}</dl>'


def _settings(details: RunDetails) -> str:
    if details.untold:
        return f'<p class="traintab-hint">{html.escape(details.untold)}</p>'
    rows = "".join(
        f"<dt>{html.escape(label)}</dt><dd>{html.escape(value)}</dd>" for label, value in details.settings
    )
    count = len(details.settings)
    told = (
        "1 setting differs from the defaults" if count == 1 else f"{count} settings differ from the defaults"
    )
    return _fold(told, f'<dl class="traintab-run-settings">{rows}</dl>' if rows else "")


def _files(files: Sequence[RunFile]) -> str:
    """The server gives out nothing but pictures of this folder, so a link holds the file that it saves."""
    rows = "".join(f'<li translate="no">{_file(file)}</li>' for file in files)
    count = "1 file" if len(files) == 1 else f"{len(files)} files"
    return _fold(count, f'<ul class="traintab-run-files">{rows}</ul>') if files else ""


def _file(file: RunFile) -> str:
    return html.escape(file.name) if file.text is None else download_link(file.name, file.name, file.text)


def _fold(summary: str, content: str) -> str:
    return f'<details class="traintab-run-fold"><summary>{summary}</summary>{content}</details>'
