"""Links that hold what they download: no file is written for them, and no other page can ask for it."""

from __future__ import annotations

import html
from urllib.parse import quote

__all__ = ["download_link"]


def download_link(label: str, file_name: str, text: str) -> str:
    """An `<a>` that saves `text` (UTF-8) under a name."""
    return (
        f'<a class="traintab-download" download="{html.escape(file_name)}"'
        f' href="data:text/plain;charset=utf-8,{quote(text, safe="")}">{html.escape(label)}</a>'
    )
