"""What one browser shows of a folder's captions; it sends this along with whatever is typed or pressed.

It travels with the texts themselves, in a hidden field: so a text belongs to the picture it was typed under,
however late it arrives and whatever other browsers do with the same folder.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

__all__ = ["Shown", "TypedText", "typed_texts"]


@dataclass(frozen=True, kw_only=True)
class Shown:
    """The pictures on the page by `names` and their captions as they were sent, in `texts`.

    `page` counts from 0. `version` is that of the desk (see `desk`) when this was sent.
    """

    folder: str = ""
    page: int = 0
    version: int = 0
    names: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()

    @classmethod
    def read(cls, text: str | None) -> Shown:
        """What a browser sends back; nothing shown for what is not of ours."""
        try:
            found = json.loads(text or "{}")
            return cls(
                folder=str(found["folder"]),
                page=int(found["page"]),
                version=int(found["version"]),
                names=tuple(map(str, found["names"])),
                texts=tuple(map(str, found["texts"])),
            )
        except (KeyError, TypeError, ValueError):
            return cls()

    def __str__(self) -> str:
        return json.dumps(asdict(self))


@dataclass(frozen=True, kw_only=True)
class TypedText:
    """A caption as it stands in a field of the page."""

    name: str
    text: str


def typed_texts(shown: Shown, texts: Sequence[str | None]) -> Iterator[TypedText]:
    """Those of the fields' `texts` that are not as they were sent."""
    for name, sent, text in zip(shown.names, shown.texts, texts, strict=False):
        if (text or "") != sent:
            yield TypedText(name=name, text=text or "")
