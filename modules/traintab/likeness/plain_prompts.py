"""What a prompt asks for beside the embedding."""

from __future__ import annotations

import re

from ..prompts.attention import parse_attention

__all__ = ["plain_prompt"]

_LEFT_OVER = re.compile(r"(\s*,\s*)+")


def plain_prompt(prompt: str, name: str) -> str:
    """The prompt without weights and without the embedding's `name`, which no encoder of others knows.

    Prompts that differ in weights alone become equal.
    """
    text = " ".join(" ".join(entry.text for entry in parse_attention(prompt) if not entry.is_break).split())
    if name:
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", "", text, flags=re.IGNORECASE)
    return " ".join(_LEFT_OVER.sub(", ", text).split()).strip(", ")
