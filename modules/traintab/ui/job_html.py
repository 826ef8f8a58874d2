"""A job and a model in HTML, pure functions of their snapshots."""

from __future__ import annotations

import html

from ..jobs import JobMemory, JobSnapshot, JobStatus
from ..model_slot import ModelState, ModelStatus
from .loss_plot import trend_now
from .wording import memory, number, rate, span

__all__ = ["model_html", "notes_html", "status_html", "title_html"]

_STATUS_WORDS = {
    JobStatus.RUNNING: "Running",
    JobStatus.STOPPING: "Stopping",
    JobStatus.INTERRUPTED: "Interrupted",
    JobStatus.FINISHED: "Finished",
    JobStatus.FAILED: "Failed",
}
_WIDE = ' class="traintab-wide"'
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
        f"{_bar(share, unknown=job.status.is_active and share is None, name=job.title)}"
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
    bar = _bar(None, unknown=True, name="Loading the model") if model.state is ModelState.LOADING else ""
    return f'{dot}<span data-state="{model.state.value}">{html.escape(text)}</span>{bar}'


def _fraction(job: JobSnapshot) -> float | None:
    """How much is done, from 0 to 1; None when nothing can be told. What stopped by itself is done."""
    if job.status is JobStatus.FINISHED:
        return 1.0
    if job.fraction is not None:
        return min(max(job.fraction, 0.0), 1.0)
    return min(job.step / job.total_steps, 1.0) if job.total_steps else None


def _bar(share: float | None, *, unknown: bool, name: str) -> str:
    """For a reader of the screen one that moves without a known end has no value."""
    percent = 100 * (share or 0.0)
    kind = "traintab-bar traintab-bar-unknown" if unknown else "traintab-bar"
    fill = f'<div class="traintab-bar-fill" style="width:{percent:.1f}%"></div>'
    value = "" if unknown else f' aria-valuenow="{percent:.0f}" aria-valuemin="0" aria-valuemax="100"'
    label = html.escape(name, quote=True)
    return f'<div class="{kind}" role="progressbar" aria-label="{label}"{value}>{fill}</div>'


def _numbers(job: JobSnapshot) -> str:
    """Labelled figures; those that aren't known yet are a dash."""
    total = f" of {job.total_steps:,}" if job.total_steps else ""
    if job.kind == "preprocess":
        figures = {"Files": f"{job.step:,}{total}", "Per second": _per_second(job.seconds_per_step)}
        figures |= {what[:1].upper() + what[1:]: f"{count:,}" for what, count in job.counts if count}
    else:
        epochs = f" of {job.total_epochs:,}" if job.total_epochs else ""
        figures = {"Step": f"{job.step:,}{total}", "Epoch": f"{job.epoch:,}{epochs}" if job.epoch else "–"}
        figures |= {"Loss": number(job.loss), "Smoothed loss": number(trend_now(job.losses))}
        figures |= {"Learning rate": rate(job.learning_rate), "Per step": span(job.seconds_per_step)}
    if job.kind != "preprocess" or job.status.is_active:
        figures["Time left"] = span(job.eta_seconds)
    if job.memory is not None:
        figures["Memory"] = _memory(job.memory)
    return "".join(
        f"<div{_WIDE if label == 'Memory' else ''}><dt>{label}</dt><dd>{value}</dd></div>"
        for label, value in figures.items()
    )


def _memory(use: JobMemory) -> str:
    peak = f", at most {memory(use.peak)}" if use.peak is not None else ""
    return f"{memory(use.used)}{peak} of {memory(use.total)}"


def _per_second(seconds: float | None) -> str:
    """How many files a second at so many seconds each: `12`, `0.25`; a dash for nothing."""
    if seconds is None:
        return "–"
    each = 1 / max(seconds, 1e-6)
    return f"{each:,.0f}" if each >= 10 else f"{each:.2g}"
