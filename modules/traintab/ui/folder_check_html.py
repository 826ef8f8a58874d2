"""What *Check folder* found, as the page shows it."""

from __future__ import annotations

import html
from pathlib import Path

from ..folder_checking import FolderCheckSnapshot, as_jpeg
from ..preprocessing.before_after import After, BeforeAfter
from ..preprocessing.folder_check import Finding, FolderCheck, Named
from .data_urls import data_url

__all__ = ["folder_check_html", "shapes_svg"]

_SHOWN = 12
_WIDTH, _HEIGHT, _FOOT = 440, 96, 18


def folder_check_html(snapshot: FolderCheckSnapshot) -> str:
    """Progress, an error, or the result; nothing before the first check."""
    if snapshot.error:
        return (
            f'<div class="traintab-message traintab-failed" role="alert">{html.escape(snapshot.error)}</div>'
        )
    if snapshot.is_active:
        return _progress(snapshot)
    if snapshot.check is None:
        return ""
    check = snapshot.check
    parts = [_head(check), shapes_svg(check.shapes) if check.count else "", _said(check)]
    parts += [_finding(one, snapshot.thumbnails) for one in check.findings]
    if not check.findings:
        seen = "those that were looked at" if check.not_looked_at else "these pictures"
        parts.append(f'<p class="traintab-check-fine">Nothing is wrong with {seen}.</p>')
    parts.append(_samples(snapshot))
    return f'<div class="traintab-check">{"".join(parts)}</div>'


def _progress(snapshot: FolderCheckSnapshot) -> str:
    share = 100 * snapshot.done / snapshot.total if snapshot.total else 0
    if snapshot.done and snapshot.done == snapshot.total:
        said = snapshot.message
    else:
        said = f"Checking: {snapshot.done} of {snapshot.total} files." if snapshot.total else snapshot.message
    return (
        f'<div class="traintab-check" role="status"><p>{html.escape(said)}</p><div class="traintab-bar">'
        f'<div class="traintab-bar-fill" style="width: {share:.0f}%"></div></div></div>'
    )


def _head(check: FolderCheck) -> str:
    facts = {"Pictures": str(check.count), "With a caption": f"{check.captions} of {check.count}"}
    if check.count:
        small, large = check.smallest_and_largest
        facts["Smallest"], facts["Largest"] = (f"{width} × {height}" for width, height in (small, large))
        facts["Usually"] = f"{check.megapixels[1]:.2g} megapixels"
    facts["Training size"] = f"{check.size[0]} × {check.size[1]}"
    listed = "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in facts.items())
    left = f"<p>Stopped: {check.not_looked_at} files were not looked at.</p>" if check.not_looked_at else ""
    folder = f'<p class="traintab-check-folder" translate="no">{html.escape(str(check.folder))}</p>'
    return f'{folder}{left}<dl class="traintab-numbers">{listed}</dl>'


def shapes_svg(shapes: dict[str, int]) -> str:
    """A histogram of the pictures' shapes, from the tallest to the widest."""
    top, step = max(1, *shapes.values()), _WIDTH / len(shapes)
    bars = []
    for place, (name, count) in enumerate(shapes.items()):
        height = (_HEIGHT - _FOOT - 14) * count / top
        left, upper = place * step, _HEIGHT - _FOOT - height
        middle = left + step / 2
        bars.append(
            f'<rect x="{left + 4:.1f}" y="{upper:.1f}" width="{step - 8:.1f}" height="{height:.1f}" rx="2"/>'
            f'<text class="traintab-tick" x="{middle:.1f}" y="{_HEIGHT - 5}" text-anchor="middle">'
            f"{name}</text>"
        )
        if count:
            bars.append(
                f'<text class="traintab-tick" x="{middle:.1f}" y="{upper - 3:.1f}" text-anchor="middle">'
                f"{count}</text>"
            )
    told = ", ".join(f"{count} near {name}" for name, count in shapes.items() if count)
    return (
        '<p class="traintab-hint">Pictures of each shape, width to height</p>'
        f'<svg class="traintab-plot traintab-shapes" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img"'
        f' aria-label="Shapes, width to height: {told}">{"".join(bars)}</svg>'
    )


def _said(check: FolderCheck) -> str:
    items = "".join(f"<li>{html.escape(one)}</li>" for one in (*check.notes, *check.advice))
    return f'<ul class="traintab-check-advice">{items}</ul>' if items else ""


def _finding(finding: Finding, thumbnails: dict[Path, bytes]) -> str:
    shown = "".join(_named(one, thumbnails) for one in finding.pictures[:_SHOWN])
    more = len(finding.pictures) - _SHOWN
    rest = f"<p>{more} more; the report of a dry run names all.</p>" if more > 0 else ""
    kind = "problem" if finding.is_problem else "hint"
    return (
        f'<details class="traintab-check-{kind}" data-kind="{finding.kind}"><summary><b>'
        f"{html.escape(finding.title)}.</b> {html.escape(finding.remedy)}</summary>"
        f"<ul>{shown}</ul>{rest}</details>"
    )


def _named(named: Named, thumbnails: dict[Path, bytes]) -> str:
    pictures = _image(thumbnails.get(named.path))
    detail = html.escape(named.detail)
    if named.other is not None:
        pictures += _image(thumbnails.get(named.other))
        detail += f" as {html.escape(named.other.name)}"
    name = html.escape(named.path.name)
    return f'<li>{pictures}<div><b translate="no">{name}</b><span>{detail}</span></div></li>'


def _image(data: bytes | None) -> str:
    if data is None:
        return ""
    return f'<img alt="" src="{data_url(data)}">'


def _samples(snapshot: FolderCheckSnapshot) -> str:
    rows = "".join(_sample(one, snapshot.thumbnails) for one in snapshot.samples)
    if not rows:
        return ""
    return (
        '<h4>Before and after, by the settings above</h4><p class="traintab-hint">Some of the pictures;'
        f' nothing is written yet.</p><ul class="traintab-samples">{rows}</ul>'
    )


def _sample(sample: BeforeAfter, thumbnails: dict[Path, bytes]) -> str:
    name = f'<figcaption translate="no">{html.escape(sample.source.name)}</figcaption>'
    before = f"<figure>{_image(thumbnails.get(sample.source))}{name}</figure>"
    afters = "".join(map(_after, sample.afters))
    if sample.reason:
        afters = f'<p class="traintab-check-skipped">Skipped: {html.escape(sample.reason)}</p>'
    more = f"<p>and {sample.more} more</p>" if sample.more else ""
    notes = "".join(f"<li>{html.escape(note)}</li>" for note in sample.notes)
    return f'<li>{before}<i aria-hidden="true">→</i><div>{afters}{more}</div><ul>{notes}</ul></li>'


def _after(after: After) -> str:
    caption = "written by the model" if after.caption is None else after.caption or "no caption"
    kind = ' translate="no"' if after.caption else ' class="traintab-check-none"'
    return (
        f"<figure>{_image(as_jpeg(after.image))}<figcaption>"
        f'<span translate="no">{html.escape(after.name)}</span><br>'
        f"{after.width} × {after.height}<br><em{kind}>{html.escape(caption)}</em></figcaption></figure>"
    )
