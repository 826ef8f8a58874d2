"""The captions of a folder's pictures, and edits of them that change no file."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ...errors import InputError
from ...prompts.text_files import MAX_TEXT_BYTES
from .counts import TagCount, counted, words_in
from .picture_caption import PictureCaption, caption_of, caption_text
from .search import Search
from .tags import join_tags, split_tags, tag_key, without_doubles

__all__ = ["CaptionSet", "Selection"]

Selection = Collection[str] | None
"""Names of pictures; None is all of them."""

_Edit = Callable[[str], str]
_MOST_BYTES_A_LETTER = 4


@dataclass(frozen=True, kw_only=True)
class CaptionSet:
    """Immutable: each edit gives a new one, and nothing is written before `CaptionEditor.save`.

    `lines_are_variants`: the lines of a caption are variants of which training shows one (its *one_line*);
    tags are edited in each. Otherwise a caption has one line. Pictures whose names differ in the suffix alone
    have one file, so what changes the caption of one changes the other's.
    """

    folder: Path
    pictures: tuple[PictureCaption, ...]
    lines_are_variants: bool = False

    def __getitem__(self, name: str) -> PictureCaption:
        """The picture of this name; raises InputError when there is none."""
        found = self._by_name.get(name)
        if found is None:
            raise InputError(f"There is no picture {name!r} in {self.folder}; read the folder again.")
        return found

    @functools.cached_property
    def _by_name(self) -> Mapping[str, PictureCaption]:
        return {picture.name: picture for picture in self.pictures}

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all pictures, in order."""
        return tuple(self._by_name)

    # Looking

    def tag_counts(self, selection: Selection = None) -> list[TagCount]:
        """Each tag in its most frequent writing, the most frequent tag first, then by alphabet."""
        return counted(self._editable(selection), lambda picture: picture.tags)

    def word_counts(self, selection: Selection = None) -> list[TagCount]:
        """The same of single words, for captions that are sentences."""
        return counted(self._editable(selection), lambda picture: words_in(picture.text))

    def having(self, tags: Iterable[str], mode: Literal["all", "any", "none"] = "all") -> tuple[str, ...]:
        """The names of the pictures whose captions have all, any or none of these tags."""
        wanted = frozenset(map(tag_key, tags))
        fits: Callable[[frozenset[str]], bool] = {
            "all": wanted.issubset,
            "any": lambda keys: not wanted.isdisjoint(keys),
            "none": wanted.isdisjoint,
        }[mode]
        return tuple(picture.name for picture in self.pictures if not picture.problem and fits(picture.keys))

    def matching(self, search: Search) -> tuple[str, ...]:
        """The names of the pictures whose captions hold what is looked for; no caption holds nothing."""
        return tuple(
            picture.name
            for picture in self.pictures
            if not picture.problem
            and not picture.is_missing
            and any(search.is_in(line) for line in picture.text.split("\n"))
        )

    def changed_since(self, before: CaptionSet) -> tuple[str, ...]:
        """The names of the pictures whose captions are not as they were, of those that both sets have."""
        old = before._by_name
        return tuple(
            picture.name
            for picture in self.pictures
            if picture.name in old and caption_of(picture) != caption_of(old[picture.name])
        )

    # Editing

    def set_caption(self, name: str, text: str) -> CaptionSet:
        """One picture's caption as typed; raises InputError when it can't be edited.

        An empty text empties a caption file, and makes none where there is none. Line breaks become spaces
        where lines are no variants, and what no text file can hold is left out.
        """
        picture = self[name]
        if picture.problem:
            raise InputError(
                f"The caption of {name} can't be edited: {picture.file.name}: {picture.problem}. Save that"
                " file as UTF-8 text, or delete it."
            )
        is_wanted = bool(caption_text(text, self.lines_are_variants)) or not picture.is_missing
        return self.with_captions({name: _checked(name, text) if is_wanted else None})

    def use_suggestions(self, selection: Selection = None) -> CaptionSet:
        """What training takes for pictures without a caption file, written into one."""
        return self.with_captions(
            {
                picture.name: picture.suggestion
                for picture in self._selected(selection)
                if picture.is_missing and picture.suggestion
            }
        )

    def replace(self, search: Search, replacement: str, selection: Selection = None) -> CaptionSet:
        """Every match replaced, in the captions there are; raises InputError as `Search.replaced` does."""
        there = [picture.name for picture in self._selected(selection) if not picture.is_missing]
        return self._edited(lambda line: search.replaced(line, replacement), there)

    def add_tag(
        self, tag: str, *, where: Literal["front", "end"] = "end", selection: Selection = None
    ) -> CaptionSet:
        """A tag, or several with commas between, in captions that lack it; raises InputError for none."""
        added = _given(tag)

        def with_added(line: str) -> str:
            tags = split_tags(line)
            there = set(map(tag_key, tags))
            lacking = [new for new in without_doubles(added) if tag_key(new) not in there]
            if not lacking:
                return line
            return join_tags([*lacking, *tags] if where == "front" else [*tags, *lacking])

        return self._edited(with_added, selection)

    def remove_tag(self, tag: str, *, selection: Selection = None) -> CaptionSet:
        """Without a tag, or several with commas between; raises InputError for none."""
        gone = frozenset(map(tag_key, _given(tag)))
        return self._edit_tags(lambda tags: (kept for kept in tags if tag_key(kept) not in gone), selection)

    def rename_tag(self, old: str, new: str, *, selection: Selection = None) -> CaptionSet:
        """One tag under another name at its place; where that stands already, once. Raises InputError."""
        (wanted, *more), named = _given(old), _given(new)
        if more:
            raise InputError(f"Renaming the tag {old!r}: give one tag; with a comma it is several.")
        key = tag_key(wanted)

        def renamed(tags: tuple[str, ...]) -> Iterable[str]:
            if key not in map(tag_key, tags):
                return tags
            return without_doubles(
                part for tag in tags for part in (named if tag_key(tag) == key else (tag,))
            )

        return self._edit_tags(renamed, selection)

    def sort_tags(
        self,
        order: Literal["alphabet", "frequency"] = "alphabet",
        *,
        keep: int = 0,
        selection: Selection = None,
    ) -> CaptionSet:
        """Tags by alphabet, or those first that most pictures have; the first `keep` stay in front."""
        ranks = {tag_key(row.tag): -row.count for row in self.tag_counts()} if order == "frequency" else {}

        def place(tag: str) -> tuple[int, str]:
            return ranks.get(tag_key(tag), 0), tag_key(tag)

        return self._edit_tags(lambda tags: (*tags[:keep], *sorted(tags[keep:], key=place)), selection)

    def dedupe_tags(self, *, selection: Selection = None) -> CaptionSet:
        """Each tag once in a caption, at its first place."""
        return self._edit_tags(without_doubles, selection)

    def with_captions(self, captions: Mapping[str, str | None]) -> CaptionSet:
        """These captions by name, None for *no caption file*; names that aren't there are passed over."""
        by_file = {
            self._by_name[name].file: None if text is None else caption_text(text, self.lines_are_variants)
            for name, text in captions.items()
            if name in self._by_name and not self._by_name[name].problem
        }
        pictures = tuple(
            _with_caption(picture, by_file[picture.file]) if picture.file in by_file else picture
            for picture in self.pictures
        )
        return dataclasses.replace(self, pictures=pictures)

    def _selected(self, selection: Selection) -> list[PictureCaption]:
        """The pictures of these names, each of which must be there."""
        if selection is None:
            return list(self.pictures)
        wanted = {self[name].name for name in selection}
        return [picture for picture in self.pictures if picture.name in wanted]

    def _editable(self, selection: Selection) -> list[PictureCaption]:
        return [picture for picture in self._selected(selection) if not picture.problem]

    def _edited(self, edit: _Edit, selection: Selection) -> CaptionSet:
        """`edit` done to each line of the selected captions; what it leaves alone isn't touched."""
        changed = {}
        for picture in self._selected(selection):
            text = caption_text("\n".join(map(edit, picture.text.split("\n"))), self.lines_are_variants)
            if text != picture.text:
                changed[picture.name] = _checked(picture.name, text)
        return self.with_captions(changed)

    def _edit_tags(
        self, edit: Callable[[tuple[str, ...]], Iterable[str]], selection: Selection
    ) -> CaptionSet:
        """As `_edited`, of tags; a caption whose tags stay keeps its spacing too."""

        def of_line(line: str) -> str:
            tags = split_tags(line)
            edited = tuple(edit(tags))
            return line if edited == tags else join_tags(edited)

        return self._edited(of_line, selection)


def _checked(name: str, text: str) -> str:
    """A new caption; raises InputError for one that couldn't be read again."""
    if len(text) > MAX_TEXT_BYTES // _MOST_BYTES_A_LETTER:
        raise InputError(f"The caption of {name} would have {len(text)} letters; no prompt is that long.")
    return text


def _with_caption(picture: PictureCaption, text: str | None) -> PictureCaption:
    is_joined = picture.is_joined and text == picture.text
    return dataclasses.replace(picture, text=text or "", is_missing=text is None, is_joined=is_joined)


def _given(text: str) -> tuple[str, ...]:
    """The tags that a user typed; raises InputError for none."""
    tags = split_tags(text)
    if not tags:
        raise InputError(f"A tag is needed, such as red hat; {text!r} is none.")
    return tags
