"""What stands above and below a caption: its picture, and how long the caption is and whether it is saved."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from ...datasets.caption_editing import PictureCaption

if TYPE_CHECKING:
    from ...conditioning.counting import TokenCount

__all__ = ["note_html", "picture_html", "placeholder_of"]

_ONE_CHUNK = 75
_TOO_LONG = "Longer than one piece of 75 tokens: what comes last counts less."


def picture_html(picture: PictureCaption, address: str) -> str:
    """The picture; `address` is empty where it can't be read."""
    name = html.escape(picture.name)
    if not address:
        return f'<div class="traintab-caption-picture traintab-caption-broken">{name} can’t be shown.</div>'
    return f'<div class="traintab-caption-picture"><img alt="{name}" title="{name}" src="{address}"></div>'


def note_html(picture: PictureCaption, count: TokenCount | None, *, is_changed: bool) -> str:
    """The line below a caption: tokens, *not saved*, and what is wrong with the file.

    `count` is None while no model is loaded.
    """
    if picture.problem:
        told = f"{picture.file.name} can’t be read: {picture.problem}. It is left as it is."
        return f'<div class="traintab-caption-note"><b>{html.escape(told)}</b></div>'
    changed = '<b class="traintab-caption-changed">not saved</b>' if is_changed else ""
    missing = "<span>no caption file</span>" if picture.is_missing else ""
    joined = "<span>several lines, saved as one</span>" if picture.is_joined else ""
    return f'<div class="traintab-caption-note">{_tokens(count)}{missing}{joined}{changed}</div>'


def placeholder_of(picture: PictureCaption) -> str:
    """What an empty field says: the words that training takes instead."""
    if picture.suggestion and picture.is_missing:
        return f"{picture.suggestion} ({picture.suggested_by})"
    return "" if picture.problem else "no caption"


def _tokens(count: TokenCount | None) -> str:
    if count is None:
        return '<span class="traintab-count" title="Counted when the model is loaded.">–/75</span>'
    if count.tokens <= _ONE_CHUNK:
        return f'<span class="traintab-count">{count.tokens}/{_ONE_CHUNK}</span>'
    told = f"{count.tokens}/{_ONE_CHUNK}"
    return f'<b class="traintab-count traintab-caption-long" title="{_TOO_LONG}">{told}</b>'
