"""The keys that work in the page, as *Keyboard* and `?` list them; the script is `traintab_keys.js`."""

from __future__ import annotations

import html

__all__ = ["keys_html"]

_KEYS = (
    ("Ctrl+Enter", "In the Train tab: create, preprocess or train, whichever panel you are in"),
    ("Ctrl+Enter", "In txt2img and img2img: generate"),
    ("Alt+Enter", "In txt2img and img2img: skip the picture that is being drawn"),
    ("← →", "In the previews: the step before, the next step"),
    ("Home End", "In the previews: the first step, the newest step"),
    ("↑ ↓", "In an enlarged picture: the other rows, such as another prompt"),
    ("Esc", "Close what is enlarged"),
    ("Ctrl+S", "In the caption editor: save"),
    ("Ctrl+Z Ctrl+Y", "In the caption editor: undo, do again"),
    ("Tab", "In the caption editor: the next caption"),
    ("?", "This list"),
)


def keys_html() -> str:
    """The dialog, closed; the page has one."""
    listed = "".join(
        f"<div><dt>{_as_keys(keys)}</dt><dd>{html.escape(what)}</dd></div>" for keys, what in _KEYS
    )
    return (
        '<dialog id="traintab_keys" class="traintab-keys" aria-labelledby="traintab_keys_title">'
        '<div class="traintab-keys-head"><h2 id="traintab_keys_title">Keys</h2>'
        '<button type="button" class="traintab-keys-close" aria-label="Close" title="Close (Esc)">×</button>'
        f"</div><dl>{listed}</dl></dialog>"
    )


def _as_keys(keys: str) -> str:
    """`Ctrl+Z Ctrl+Y` as keys to press."""
    return " ".join(f"<kbd>{html.escape(key)}</kbd>" for key in keys.split())
