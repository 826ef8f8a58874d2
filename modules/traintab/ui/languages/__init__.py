"""The page's translations: a JSON file each, English text to translation.

The files are in the format of the web UI's localizations, so that a host can use them as they are; keys with
`{}`, which stands for anything, are of use in our own page alone. javascript/traintab_dictionary.js looks up.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

__all__ = ["ENGLISH", "NAMES", "language_of", "strings"]

ENGLISH = "en"
# What each language calls itself, by the name of its file.
NAMES: Mapping[str, str] = MappingProxyType({ENGLISH: "English", "zh_CN": "简体中文"})
_FOLDER = Path(__file__).parent


def strings(language: str) -> dict[str, str]:
    """English texts and what they are called in a language of `NAMES`; nothing for English."""
    if language == ENGLISH:
        return {}
    text = (_FOLDER / f"{language}.json").read_text(encoding="utf-8")
    return {str(key): str(value) for key, value in json.loads(text).items()}


def language_of(accepted: str) -> str:
    """The first language of `NAMES` that a browser's `Accept-Language` header asks for; English without one.

    Chinese in any script is simplified Chinese here: it is the only one there is, and nearer than English.
    """
    for tag in _by_preference(accepted):
        known = {"zh": "zh_CN", "en": ENGLISH}.get(tag.lower().split("-")[0])
        if known is not None:
            return known
    return ENGLISH


def _by_preference(accepted: str) -> list[str]:
    """The tags of the header, the most wanted first: `zh-CN,zh;q=0.9`. What can't be read is left out."""
    found = []
    for part in accepted.split(","):
        tag, semicolon, details = part.strip().partition(";")
        quality = re.fullmatch(r"\s*q=([01](?:\.\d{0,3})?)\s*", details) if semicolon else None
        share = float(quality[1]) if quality else float(not semicolon)
        found += [(share, tag)] if share > 0 else []
    return [tag for _, tag in sorted(found, key=lambda pair: -pair[0])]
