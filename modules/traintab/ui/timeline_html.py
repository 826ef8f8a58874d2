"""Previews side by side by step, in HTML: a pure function of what is shown."""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from .file_urls import file_url
from .preview_files import Preview
from .viewer import attributes

__all__ = ["timeline_html"]


def timeline_html(
    previews: Sequence[Preview],
    small: Callable[[Path], Path],
    *,
    key: str,
    label: str,
    best: int | None = None,
) -> str:
    """One row for each prompt, one column for each step; nothing where there are no previews.

    `small` gives the file to show in the row; a click opens the picture itself (`viewer.py`). `key` is one
    for each run and place on the page, `best` a step to mark.
    """
    if not previews:
        return ""
    steps = sorted({preview.step for preview in previews})
    numbers = sorted({preview.number for preview in previews})
    place = {(preview.number, preview.step): preview for preview in previews}
    rows = "".join(
        _row([place.get((number, step)) for step in steps], steps, small, number=number, best=best)
        for number in numbers
    )
    said = html.escape(label, quote=True)
    return (
        f'<div class="traintab-timeline"{attributes(viewer=key, run=key)}>'
        f'<p class="traintab-timeline-head">{said}</p>'
        f'<div class="traintab-strip" role="group" aria-label="{said}">{rows}</div></div>'
    )


def _row(
    previews: Sequence[Preview | None],
    steps: Sequence[int],
    small: Callable[[Path], Path],
    *,
    number: int,
    best: int | None,
) -> str:
    """A row says once what most of its pictures share: the prompt, and how they were drawn."""
    text = _commonest([preview.prompt for preview in previews if preview])
    note = _commonest([preview.facts for preview in previews if preview])
    shots = []
    for step, preview in zip(steps, previews, strict=True):
        if preview is None:
            shots.append(f'<span class="traintab-shot"{attributes(column=step)}></span>')
            continue
        own = attributes(
            text=None if preview.prompt == text else preview.prompt,
            note=None if preview.facts == note else preview.facts,
        )
        shots.append(_shot(preview, small(preview.path), own, is_best=step == best))
    shared = attributes(line=number, text=text, note=note)
    return f'<div class="traintab-strip-row"{shared}>{"".join(shots)}</div>'


def _shot(preview: Preview, small: Path, own: str, *, is_best: bool) -> str:
    title = f"Step {preview.step:,}"
    place = attributes(full="", row=preview.number, column=preview.step, title=title)
    star = '<i title="Best evaluation">★</i>' if is_best else ""
    return (
        f'<a class="traintab-shot" href="{file_url(preview.path)}" target="_blank"{place}{own}>'
        f'<img loading="lazy" decoding="async" src="{file_url(small)}" alt="{title}">'
        f"<b>{preview.step:,}{star}</b></a>"
    )


def _commonest(texts: Sequence[str]) -> str:
    """Of several that are as common the first: a row must say the same whenever it is made."""
    return Counter(texts).most_common(1)[0][0]
