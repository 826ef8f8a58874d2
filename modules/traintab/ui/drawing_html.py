"""A drawing in HTML, pure functions of its snapshot."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..drawing import DrawingSnapshot, DrawingState, DrawnPicture
from .data_urls import jpeg_data_url
from .wording import span

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["drawing_html", "elsewhere_html", "infotext_html", "preview_html"]

_STATE_WORDS = {
    DrawingState.WAITING: "Waiting",
    DrawingState.DRAWING: "Drawing",
    DrawingState.STOPPING: "Stopping",
    DrawingState.INTERRUPTED: "Interrupted",
    DrawingState.FINISHED: "Finished",
    DrawingState.FAILED: "Failed",
}
_PREVIEW_QUALITY = 85


def drawing_html(drawing: DrawingSnapshot) -> str:
    """What happens, a progress bar while it does, and sentences worth keeping in sight."""
    state = drawing.state
    if state is DrawingState.IDLE:
        return _framed("", state.value, 0)
    said = html.escape(_progress(drawing) if drawing.step and state.is_active else drawing.message)
    chip = f'<span class="traintab-chip traintab-{_colour(state)}">{_STATE_WORDS[state]}</span>'
    head = f'<div class="traintab-job-head"><span class="traintab-drawing-said">{said}</span>{chip}</div>'
    bar = _bar(drawing.fraction) if state.is_active else ""
    notes = "".join(f"<li>{html.escape(note)}</li>" for note in drawing.notes)
    listed = f'<ul class="traintab-notes">{notes}</ul>' if notes else ""
    return _framed(f"{head}{bar}{listed}", state.value, drawing.step)


def elsewhere_html(drawing: DrawingSnapshot) -> str:
    """The same in a tab whose pictures these are not."""
    if not drawing.state.is_active:
        return _framed("", DrawingState.IDLE.value, 0)
    said = f'<span class="traintab-drawing-said">{html.escape(drawing.kind)} is drawing.</span>'
    return _framed(f"{said}{_bar(drawing.fraction)}", "elsewhere", drawing.step)


def preview_html(preview: Image.Image | None, *, alone: bool) -> str:
    """The picture as far as it can be seen, inside the page, so that no file is left behind.

    `alone` gives it the gallery's place, as long as that is empty.
    """
    if preview is None:
        return ""
    source = jpeg_data_url(preview, max(preview.size), quality=_PREVIEW_QUALITY)
    kind = "traintab-live traintab-live-alone" if alone else "traintab-live"
    return f'<div class="{kind}"><img src="{source}" alt="The picture so far"></div>'


def infotext_html(pictures: Sequence[DrawnPicture], chosen: int) -> str:
    """How the chosen picture was drawn."""
    if not 0 <= chosen < len(pictures):
        return ""
    return f"<p>{html.escape(pictures[chosen].infotext)}</p>"


def _progress(drawing: DrawingSnapshot) -> str:
    """`12 of 40 steps · 3 s left`, and why it is about to stop."""
    left = f" · {span(drawing.eta_seconds)} left" if drawing.eta_seconds is not None else ""
    why = f" · {drawing.message}" if drawing.state is DrawingState.STOPPING else ""
    return f"{drawing.step} of {drawing.total_steps} steps{left}{why}"


def _colour(state: DrawingState) -> str:
    """The job view's colours."""
    return "running" if state is DrawingState.DRAWING else state.value


def _bar(share: float | None) -> str:
    percent = 100 * (share or 0.0)
    kind = "traintab-bar traintab-bar-unknown" if share is None else "traintab-bar"
    fill = f'<div class="traintab-bar-fill" style="width:{percent:.1f}%"></div>'
    return f'<div class="{kind}" role="progressbar" aria-valuenow="{percent:.0f}">{fill}</div>'


def _framed(inside: str, state: str, step: int) -> str:
    return f'<div class="traintab-drawing" data-state="{state}" data-step="{step}">{inside}</div>'
