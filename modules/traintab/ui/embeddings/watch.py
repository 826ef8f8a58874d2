"""What of the tab follows the folder: looked at every few seconds, sent only when something changed."""

from __future__ import annotations

from typing import Any

import gradio as gr

from ..gradio_compat import skip
from ..messages import guarded
from ..page import Page
from .chosen_panel import described
from .listing import READY, Listing, listing
from .mixer import MOST_PARTS
from .refused_panel import refused_updates
from .table import count_line, rows

__all__ = ["OUTPUTS", "Seen", "look"]

Seen = tuple[int, str]
OUTPUTS = 12 + MOST_PARTS
"""What a browser has seen, count, table, chooser, three parts of `RefusedPanel`, chips, Train's dropdown, the
sentence of a folder that can't be read, the chosen one's facts and preview, and the mixer's dropdowns."""
_TROUBLE = 9


def look(page: Page, seen: Seen | None, search: str | None, chosen: str | None) -> tuple[Any, ...]:
    """What changed since `seen`, in the order of `OUTPUTS`.

    `chosen` stays chosen while its file is there. Names that prompts can use go to the chips of txt2img and
    to the Train panel.
    """
    return guarded(_look, outputs=OUTPUTS, message=_TROUBLE)(page, seen, search or "", chosen)


def _look(page: Page, seen: Seen | None, search: str, chosen: str | None) -> tuple[Any, ...]:
    found = listing(page.studio)
    now, before = (found.fingerprint, search), tuple(seen or (None, None))
    if now == before:
        return tuple([skip()] * OUTPUTS)
    kept = found.embeddings.get(chosen or "")
    chooser = gr.update(choices=list(found.embeddings), **({} if kept else {"value": None}))
    chosen_one = (skip(), skip()) if now[0] == before[0] else described(page, kept)
    return (now, *_shown(found, search, chooser), *chosen_one, *[_part(found)] * MOST_PARTS)


def _part(found: Listing) -> Any:
    """What a dropdown of the mixer offers; what is chosen there stays."""
    return gr.update(choices=list(found.embeddings))


def _shown(found: Listing, search: str, chooser: Any) -> tuple[Any, ...]:
    table = rows(found, search)
    names = [item.embedding.name for item in found.embeddings.values() if item.use == READY]
    return (
        count_line(found, len(table)),
        gr.update(value=table),
        chooser,
        *refused_updates(found),
        gr.update(samples=[[name] for name in names], visible=bool(names)),
        gr.update(choices=names),
        "",
    )
