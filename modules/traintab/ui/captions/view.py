"""What the tab shows of a desk: a value for each part that a browser doesn't show yet."""

from __future__ import annotations

import html
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import gradio as gr

from ...datasets.caption_editing import PictureCaption
from ..token_counter import Counters
from .card_html import note_html, picture_html, placeholder_of
from .desk import Desk
from .filters import CaptionFilter, tag_choices
from .questions import question_updates
from .shown import Shown
from .thumbnails import Thumbnails

__all__ = ["CARDS", "CARD_PARTS", "Asked", "CaptionView", "tag_rows"]

CARDS = 12
CARD_PARTS = ("box", "picture", "chosen", "caption", "note")
_MOST_TAGS = 500
_THREADS = 4


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a browser sends along: what it shows, its fields' texts, the filter and the kind of concept.

    `own_words` are those that stand for the embedding itself.
    """

    shown: Shown
    texts: tuple[str, ...] = ()
    filter: CaptionFilter = field(default_factory=CaptionFilter)
    kind: str | None = None
    own_words: tuple[str, ...] = ()


class CaptionView:
    """Makes the values of the tab's parts; `counters` count the tokens of captions."""

    def __init__(self, counters: Counters) -> None:
        self._counters = counters
        self._thumbnails = Thumbnails()

    def of(self, desk: Desk, asked: Asked, *, page: int | None = None, fresh: bool = False) -> dict[str, Any]:
        """The parts by name; those that stay as they are may be missing.

        `page` is the one to show, the same when it isn't given. `fresh`: the browser shows nothing yet.
        """
        with desk.lock:
            captions = desk.captions
            names = asked.filter.names(captions)
            last = max(0, -(-len(names) // CARDS) - 1)
            page = min(max(asked.shown.page if page is None else page, 0), last)
            on_page = names[page * CARDS : (page + 1) * CARDS]
            pictures = [captions[name] for name in on_page]
            shown = Shown(
                folder=str(desk.editor.folder),
                page=page,
                version=desk.version,
                names=on_page,
                texts=tuple(picture.text for picture in pictures),
            )
            return {
                "shown": str(shown),
                "desk": gr.update(visible=True),
                **self.bar(desk, len(names)),
                **_pager(page, last, len(names), len(captions.pictures)),
                "table": gr.update(value=tag_rows(desk)),
                "filter_tags": gr.update(choices=tag_choices(captions, desk.counted().tags[:_MOST_TAGS])),
                **question_updates(desk, asked.kind, asked.own_words),
                **self._cards(desk, pictures, asked, fresh=fresh),
            }

    def bar(self, desk: Desk, num_shown: int | None = None) -> dict[str, Any]:
        """The line with the counts and the buttons beside it, which follow every keystroke."""
        unsaved = len(desk.editor.unsaved)
        save = f"Save {unsaved} {'caption' if unsaved == 1 else 'captions'}" if unsaved else "Saved"
        undo, redo = desk.editor.undo_label, desk.editor.redo_label
        return {
            "state": _state_html(desk, unsaved),
            "save": gr.update(value=save, interactive=bool(unsaved)),
            "undo": gr.update(interactive=bool(undo)),
            "redo": gr.update(interactive=bool(redo)),
            "overwrite": gr.update(visible=bool(desk.refused)),
        }

    def note(self, desk: Desk, name: str) -> str:
        """The line below one caption."""
        return self._notes(desk, [desk.captions[name]])[0]

    def _cards(
        self, desk: Desk, pictures: Sequence[PictureCaption], asked: Asked, *, fresh: bool
    ) -> dict[str, Any]:
        before = () if fresh else asked.shown.names
        images = self._images([picture.path for picture in pictures])
        notes = self._notes(desk, pictures)
        parts: dict[str, Any] = {}
        for index, picture in enumerate(pictures):
            is_same = index < len(before) and before[index] == picture.name
            is_typed = is_same and index < len(asked.texts) and asked.texts[index] == picture.text
            card = {
                "box": gr.update(visible=True),
                "chosen": gr.update(label=picture.name, value=picture.name in desk.selected),
                "note": notes[index],
            }
            if not is_same:
                card["picture"] = picture_html(picture, images[index])
            if not is_typed:
                card["caption"] = _field(picture)
            parts |= {f"{part}_{index}": value for part, value in card.items()}
        empty = range(len(pictures), CARDS)
        return parts | {f"box_{index}": gr.update(visible=False) for index in empty}

    def _images(self, paths: Sequence[Path]) -> list[str]:
        with ThreadPoolExecutor(_THREADS) as threads:
            return list(threads.map(self._thumbnails.of, paths))

    def _notes(self, desk: Desk, pictures: Sequence[PictureCaption]) -> list[str]:
        unsaved = set(desk.editor.unsaved)
        texts = [picture.text or picture.suggestion for picture in pictures]
        counts = self._counters.count_all([(text, False) for text in texts])
        return [
            note_html(picture, count, is_changed=picture.name in unsaved)
            for picture, count in zip(pictures, counts, strict=True)
        ]


def tag_rows(desk: Desk) -> list[list[Any]]:
    """Tag, number of pictures and share, the most frequent tags first."""
    return [[row.tag, row.count, f"{row.share:.0%}"] for row in desk.counted().tags[:_MOST_TAGS]]


def _field(picture: PictureCaption) -> Any:
    return gr.update(value=picture.text, placeholder=placeholder_of(picture), interactive=not picture.problem)


def _state_html(desk: Desk, unsaved: int) -> str:
    pictures = desk.captions.pictures
    without = sum(not picture.text and not picture.problem for picture in pictures)
    selected = len(desk.selected)
    told = [
        f"{len(pictures)} {'picture' if len(pictures) == 1 else 'pictures'}",
        f"{without} without a caption" if without else "",
        f"{selected} selected" if selected else "",
    ]
    changed = f' · <b class="traintab-caption-changed">{unsaved} not saved</b>' if unsaved else ""
    undo = desk.editor.undo_label
    hint = f' title="Undo takes back: {html.escape(undo)}"' if undo else ""
    return (
        f'<div class="traintab-caption-state" data-unsaved="{unsaved}"{hint}>'
        f"{' · '.join(filter(None, told))}{changed}</div>"
    )


def _pager(page: int, last: int, found: int, total: int) -> dict[str, Any]:
    first = page * CARDS
    of = f"{found}" if found == total else f"{found} that fit, of {total}"
    told = (
        f"{first + 1} to {min(first + CARDS, found)} of {of}" if found else "No picture has such a caption."
    )
    text = f'<div class="traintab-caption-pages" data-page="{page + 1}">{told}</div>'
    buttons = {"previous": gr.update(interactive=page > 0), "next": gr.update(interactive=page < last)}
    below = {f"{name}_below": value for name, value in buttons.items()}
    return {"pages": text, "pages_below": text, **buttons, **below}
