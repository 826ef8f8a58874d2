"""A job and a model in HTML, pure functions of their snapshots."""

from __future__ import annotations

import html

from ..jobs import JobSnapshot, JobStatus
from ..model_slot import ModelState, ModelStatus
from .wording import number, rate, span

__all__ = ["model_html", "notes_html", "status_html", "title_html"]

_STATUS_WORDS = {
    JobStatus.RUNNING: "Running",
    JobStatus.STOPPING: "Stopping",
    JobStatus.INTERRUPTED: "Interrupted",
    JobStatus.FINISHED: "Finished",
    JobStatus.FAILED: "Failed",
}
_WELCOME = (
    '<div class="traintab-plot-empty">Nothing has run yet. Create an embedding, preprocess your pictures,'
    " train: progress, the loss curve and previews appear here.</div>"
)


def status_html(job: JobSnapshot) -> str:
    """The job's name and state, a progress bar and the figures."""
    if job.status is JobStatus.IDLE:
        return f'<div class="traintab-job" data-status="idle" data-step="0">{_WELCOME}</div>'
    share, title = _fraction(job), html.escape(job.title)
    chip = f'<span class="traintab-chip traintab-{job.status.value}">{_STATUS_WORDS[job.status]}</span>'
    return (
        f'<div class="traintab-job" data-status="{job.status.value}" data-step="{job.step}">'
        f'<div class="traintab-job-head"><span class="traintab-job-title">{title}</span>{chip}</div>'
        f"{_bar(share, unknown=job.status.is_active and share is None)}"
        f'<dl class="traintab-numbers">{_numbers(job)}</dl></div>'
    )


def notes_html(job: JobSnapshot) -> str:
    """Advice and what was left out, the newest first; nothing when there is none."""
    lines = "".join(f"<li>{html.escape(note)}</li>" for note in reversed(job.notes))
    return f'<ul class="traintab-notes">{lines}</ul>' if lines else ""


def title_html(job: JobSnapshot) -> str:
    """What the script puts into the browser tab's title: `37% · name — Train Tab` while a job runs."""
    share = _fraction(job)
    percent = f"{100 * share:.0f}% · " if share is not None else ""
    name = job.title.split(" of ", 1)[-1]
    text = f"{percent}{name} — Train Tab" if job.status.is_active else "Train Tab"
    return f'<span id="traintab_title" data-title="{html.escape(text, quote=True)}"></span>'


def model_html(model: ModelStatus) -> str:
    """A coloured dot and a sentence; while the model loads, a bar that moves below it."""
    text = model.message or f"{model.spec} loads when it is needed."
    dot = f'<span class="traintab-dot traintab-model-{model.state.value}"></span>'
    bar = _bar(None, unknown=True) if model.state is ModelState.LOADING else ""
    return f'{dot}<span data-state="{model.state.value}">{html.escape(text)}</span>{bar}'


def _fraction(job: JobSnapshot) -> float | None:
    """How much is done, from 0 to 1; None when nothing can be told. What stopped by itself is done."""
    if job.status is JobStatus.FINISHED:
        return 1.0
    if job.fraction is not None:
        return min(max(job.fraction, 0.0), 1.0)
    return min(job.step / job.total_steps, 1.0) if job.total_steps else None


def _bar(share: float | None, *, unknown: bool) -> str:
    percent = 100 * (share or 0.0)
    kind = "traintab-bar traintab-bar-unknown" if unknown else "traintab-bar"
    fill = f'<div class="traintab-bar-fill" style="width:{percent:.1f}%"></div>'
    return f'<div class="{kind}" role="progressbar" aria-valuenow="{percent:.0f}">{fill}</div>'


def _numbers(job: JobSnapshot) -> str:
    """Labelled figures; those that aren't known yet are a dash."""
    total = f" of {job.total_steps:,}" if job.total_steps else ""
    if job.kind == "preprocess":
        figures = {"Files": f"{job.step:,}{total}", "Per second": _per_second(job.seconds_per_step)}
        figures |= {what[:1].upper() + what[1:]: f"{count:,}" for what, count in job.counts if count}
    else:
        figures = {"Step": f"{job.step:,}{total}", "Loss": number(job.loss)}
        figures |= {"Learning rate": rate(job.learning_rate), "Per step": span(job.seconds_per_step)}
    if job.kind != "preprocess" or job.status.is_active:
        figures["Time left"] = span(job.eta_seconds)
    return "".join(f"<div><dt>{label}</dt><dd>{value}</dd></div>" for label, value in figures.items())


def _per_second(seconds: float | None) -> str:
    """How many files a second at so many seconds each: `12`, `0.25`; a dash for nothing."""
    if seconds is None:
        return "–"
    each = 1 / max(seconds, 1e-6)
    return f"{each:,.0f}" if each >= 10 else f"{each:.2g}"
