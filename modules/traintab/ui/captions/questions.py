"""The question about a tag that nearly all captions have: part of the concept, or accidental?"""

from __future__ import annotations

import html
from collections.abc import Iterable
from typing import Any, NamedTuple

import gradio as gr

from ...datasets.caption_editing import SharedTag, preselected_side, tag_key
from .desk import Desk

__all__ = ["KINDS", "Question", "next_question", "question_html", "question_updates"]

KINDS = ("Character", "Style", "Object")


class Question(NamedTuple):
    """The tag that is asked about, and how many more there are after it."""

    tag: SharedTag
    more: int


def next_question(desk: Desk, own_words: Iterable[str] = ()) -> Question | None:
    """The most frequent shared tag that was neither answered nor skipped.

    `own_words` stand for the embedding itself, and aren't asked about.
    """
    left_out = desk.skipped | set(map(tag_key, own_words))
    open_tags = [
        tag
        for tag in desk.counted().shared
        if (key := tag_key(tag.tag)) not in left_out and (tag.lacking or key not in desk.accidental)
    ]
    return Question(open_tags[0], len(open_tags) - 1) if open_tags else None


def question_html(question: Question, kind: str | None) -> str:
    """The question in words, with what either answer does, and what the kind of concept makes likely."""
    tag, more = question
    total = tag.count + len(tag.lacking)
    likely = preselected_side(kind or "")
    hint = f"<p>{_LIKELY[likely[0]]} for {_WITH_ARTICLE[str(kind)]}: {likely[1]}</p>" if likely else ""
    rest = f" <span>{more} more after this one.</span>" if more else ""
    return (
        f'<div class="traintab-question" data-tag="{html.escape(tag.tag)}">'
        f"<p><b>{html.escape(tag.tag)}</b> is in {_told(tag.count, total)} captions"
        f" ({tag.share:.0%}). Does it belong to what the embedding should learn?{rest}</p>"
        "<p>Words in a caption are subtracted from what the embedding learns.</p><ul>"
        "<li><b>Part of the concept:</b> taken out of every caption, so that the embedding learns it.</li>"
        f"<li><b>Accidental</b>, such as the same black T-shirt in every photo: {_added(tag)}, so that the"
        f" embedding needn’t learn it.</li></ul>{hint}</div>"
    )


def question_updates(desk: Desk, kind: str | None, own_words: Iterable[str] = ()) -> dict[str, Any]:
    """The card's parts: hidden where there is nothing to ask."""
    question = next_question(desk, own_words)
    if question is None:
        return {"question": gr.update(visible=False)}
    likely = preselected_side(kind or "")
    variants = {
        side: "primary" if likely and likely[0] == side else "secondary" for side in ("concept", "accidental")
    }
    return {
        "question": gr.update(visible=True),
        "question_text": question_html(question, kind),
        **{side: gr.update(variant=variant) for side, variant in variants.items()},
    }


_WITH_ARTICLE = {"Character": "a character", "Style": "a style", "Object": "an object"}
_LIKELY = {"concept": "Mostly part of the concept", "accidental": "Mostly accidental"}


def _told(count: int, total: int) -> str:
    return f"all {total}" if count == total else f"{count} of {total}"


def _added(tag: SharedTag) -> str:
    missing = len(tag.lacking)
    if missing == 0:
        return "it stays in every caption"
    return f"added to the {missing} {'caption' if missing == 1 else 'captions'} without it"
