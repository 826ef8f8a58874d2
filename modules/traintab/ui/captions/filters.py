"""Which pictures of a folder are on the page: those whose captions have some tags or words."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from ...datasets.caption_editing import CaptionSet, Search, TagCount

__all__ = ["ALL", "ANY", "MODES", "NONE", "NO_CAPTION", "CaptionFilter", "tag_choices"]

ALL, ANY, NONE = "all of them", "any of them", "none of them"
MODES = (ALL, ANY, NONE)
NO_CAPTION = "(no caption)"


@dataclass(frozen=True, kw_only=True)
class CaptionFilter:
    """Captions with all, any or none of `tags` (`NO_CAPTION` is one) that hold `words`; empty for all."""

    tags: tuple[str, ...] = ()
    mode: str = ALL
    words: str = ""

    @classmethod
    def of_fields(
        cls, tags: Sequence[str] | str | None, mode: str | None, words: str | None
    ) -> CaptionFilter:
        """What the fields of the page mean; gradio gives None for what was never touched."""
        chosen = (tags,) if isinstance(tags, str) else tuple(tags or ())
        return cls(tags=tuple(filter(None, chosen)), mode=mode or ALL, words=(words or "").strip())

    def names(self, captions: CaptionSet) -> tuple[str, ...]:
        """The names of the pictures that are shown, in the folder's order."""
        shown = self._tagged(captions)
        if self.words:
            shown &= set(captions.matching(Search(text=self.words)))
        return tuple(name for name in captions.names if name in shown)

    def _tagged(self, captions: CaptionSet) -> set[str]:
        everything = set(captions.names)
        if not self.tags:
            return everything
        having = [_having(captions, tag) for tag in self.tags]
        if self.mode == ALL:
            return everything.intersection(*having)
        found = set[str]().union(*having)
        return found if self.mode == ANY else everything - found


def tag_choices(captions: CaptionSet, tags: Sequence[TagCount]) -> list[str]:
    """What can be filtered by: these tags, and that there is no caption where some have none."""
    empty = [NO_CAPTION] if _having(captions, NO_CAPTION) else []
    return [*empty, *(row.tag for row in tags)]


def _having(captions: CaptionSet, tag: str) -> Collection[str]:
    if tag == NO_CAPTION:
        return {picture.name for picture in captions.pictures if not picture.text and not picture.problem}
    return captions.having((tag,))
