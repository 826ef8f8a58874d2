"""What the buttons of the tab do to a desk: values in, an `Answer` out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ...datasets.caption_editing import (
    CaptionSet,
    Search,
    Selection,
    Side,
    settle_shared,
    split_tags,
    tag_key,
)
from ...errors import InputError
from ..messages import done, failed
from .desk import Desk
from .filters import CaptionFilter
from .questions import next_question
from .view import CARDS, Asked

__all__ = [
    "ALL_PICTURES",
    "END",
    "FITTING",
    "FRONT",
    "SELECTED",
    "Action",
    "Answer",
    "add_tag",
    "answered",
    "dedupe_tags",
    "first_page",
    "invert_selection",
    "redo",
    "reload",
    "remove_tag",
    "rename_tag",
    "replace",
    "same_page",
    "save",
    "save_over",
    "select_none",
    "select_shown",
    "skip_question",
    "sort_tags",
    "turn",
    "undo",
    "use_suggestions",
]

ALL_PICTURES, FITTING, SELECTED = "all pictures", "pictures that fit the filter", "selected pictures"
FRONT, END = "in front", "at the end"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A message for the tab, and the page to show, the same when it isn't given.

    Without a message (None) the one of the action before stays.
    """

    message: str | None = ""
    page: int | None = None


Action = Callable[..., Answer]
"""Takes the desk, what the browser sent along, and the values of the action's own fields."""


def turn(by: int) -> Action:
    """Go some pages on."""
    return lambda _desk, asked: Answer(page=asked.shown.page + by)


def first_page(_desk: Desk, _asked: Asked, *_fields: Any) -> Answer:
    """Show what a changed filter leaves."""
    return Answer(page=0)


def same_page(_desk: Desk, _asked: Asked, *_fields: Any) -> Answer:
    """Show the page as it is now; nobody pressed anything, so what the last action told stays."""
    return Answer(message=None)


def save(desk: Desk, _asked: Asked) -> Answer:
    """Write what changed."""
    return _saved(desk, overwrite=False)


def save_over(desk: Desk, _asked: Asked) -> Answer:
    """Write also over what other programs wrote meanwhile."""
    return _saved(desk, overwrite=True)


def reload(desk: Desk, _asked: Asked) -> Answer:
    """Read the folder again; edits that aren't saved stay where the file is the same."""
    replaced = desk.reload()
    if not replaced:
        return Answer(message=done("The folder was read again; what isn’t saved is still here."))
    told = f"{_captions(len(replaced))} with edits of yours are as another program wrote them now."
    return Answer(message=done(f"{told} Undo brings your edits back."))


def undo(desk: Desk, asked: Asked) -> Answer:
    """Take the last edit back, and show where it was."""
    label, changed = desk.editor.undo_label, desk.undo()
    return Answer(message=done(f"Taken back: {label}."), page=_page_with(desk, asked, changed))


def redo(desk: Desk, asked: Asked) -> Answer:
    """Do the edit again that was taken back, and show where it is."""
    label, changed = desk.editor.redo_label, desk.redo()
    return Answer(message=done(f"Done again: {label}."), page=_page_with(desk, asked, changed))


def select_shown(desk: Desk, asked: Asked) -> Answer:
    """Select all that the filter shows, on all pages."""
    desk.select_only(asked.filter.names(desk.captions))
    return Answer()


def select_none(desk: Desk, _asked: Asked) -> Answer:
    """Select nothing."""
    desk.select_only(())
    return Answer()


def invert_selection(desk: Desk, asked: Asked) -> Answer:
    """Select what isn't, of all that the filter shows."""
    desk.select_only(set(asked.filter.names(desk.captions)) - desk.selected)
    return Answer()


def replace(desk: Desk, asked: Asked, *fields: Any) -> Answer:
    """Search and replace; `fields` are scope, text, replacement, and whether whole tag, case and regex."""
    scope, text, replacement, whole_tag, match_case, is_regex = fields
    search = Search(text=text or "", is_regex=is_regex, whole_tag=whole_tag, match_case=match_case)
    where = _selection(desk, asked, scope)
    label = f"replacing “{text}” by “{replacement or ''}”"
    return _edited(desk, lambda captions: captions.replace(search, replacement or "", where), label)


def add_tag(desk: Desk, asked: Asked, *fields: Any) -> Answer:
    """Add a tag; `fields` are scope, tag, and `FRONT` or `END`."""
    scope, tag, place = fields
    where = _selection(desk, asked, scope)
    side: Literal["front", "end"] = "front" if place == FRONT else "end"
    before = desk.captions
    changed = desk.edit(
        lambda captions: captions.add_tag(tag or "", where=side, selection=where), f"adding the tag “{tag}”"
    )
    if where is None:
        desk.accidental.update(map(tag_key, split_tags(tag)))
    return Answer(message=_changed_told(changed, f"Adding the tag “{tag}” changed ", before))


def remove_tag(desk: Desk, asked: Asked, *fields: Any) -> Answer:
    """Remove a tag; `fields` are scope and tag."""
    scope, tag = fields
    where = _selection(desk, asked, scope)
    return _edited(
        desk, lambda captions: captions.remove_tag(tag or "", selection=where), f"removing the tag “{tag}”"
    )


def rename_tag(desk: Desk, asked: Asked, *fields: Any) -> Answer:
    """Give a tag another name; `fields` are scope, tag and new name."""
    scope, tag, new = fields
    where = _selection(desk, asked, scope)
    return _edited(
        desk,
        lambda captions: captions.rename_tag(tag or "", new or "", selection=where),
        f"renaming “{tag}” to “{new}”",
    )


def sort_tags(order: Literal["alphabet", "frequency"]) -> Action:
    """Sort the tags of captions; the field is the scope."""
    label = "sorting tags by alphabet" if order == "alphabet" else "sorting tags by frequency"

    def sort(desk: Desk, asked: Asked, scope: str) -> Answer:
        where = _selection(desk, asked, scope)
        return _edited(desk, lambda captions: captions.sort_tags(order, selection=where), label)

    return sort


def dedupe_tags(desk: Desk, asked: Asked, scope: str) -> Answer:
    """Leave each tag once in a caption."""
    where = _selection(desk, asked, scope)
    return _edited(desk, lambda captions: captions.dedupe_tags(selection=where), "removing double tags")


def use_suggestions(desk: Desk, asked: Asked, scope: str) -> Answer:
    """Write the words of the file name where there is no caption file."""
    where = _selection(desk, asked, scope)
    return _edited(desk, lambda captions: captions.use_suggestions(where), "taking the words of file names")


def answered(side: Side) -> Action:
    """The answer to the question that is shown."""

    def answer(desk: Desk, asked: Asked) -> Answer:
        question = next_question(desk, asked.own_words)
        if question is None:
            return Answer()
        tag, before = question.tag.tag, desk.captions
        is_concept = side == "concept"
        label = f"taking “{tag}” out of every caption" if is_concept else f"adding “{tag}” to every caption"
        changed = desk.edit(lambda captions: settle_shared(captions, {tag: side}), label)
        if not is_concept:
            desk.accidental.add(tag_key(tag))
        told = "Removed from" if is_concept else "Added to"
        return Answer(message=_changed_told(changed, f"“{tag}”: {told} ", before))

    return answer


def skip_question(desk: Desk, asked: Asked) -> Answer:
    """Ask about the next tag; this one stays as it is."""
    question = next_question(desk, asked.own_words)
    if question is not None:
        desk.skipped.add(tag_key(question.tag.tag))
    return Answer()


def _saved(desk: Desk, *, overwrite: bool) -> Answer:
    result = desk.save(overwrite=overwrite)
    if not result.refused:
        return Answer(message=done(result.summary()))
    return Answer(
        message=failed(
            f"{result.summary()} Press Save over them to write yours, or Reload to take what is there now."
        )
    )


def _edited(desk: Desk, change: Callable[[CaptionSet], CaptionSet], label: str) -> Answer:
    return Answer(message=_changed_told(desk.edit(change, label), f"{label[0].upper()}{label[1:]} changed "))


def _changed_told(changed: Sequence[str], beginning: str, before: CaptionSet | None = None) -> str:
    """What an edit did; where it added tags, `before` are the captions without them."""
    if not changed:
        return done("No caption had to be changed.")
    lost = _words_lost(before, changed) if before else ""
    told = f"{beginning}{_captions(len(changed))}."
    return done(f"{told} {lost or 'Save writes the files; Undo takes it back.'}")


def _words_lost(before: CaptionSet, changed: Sequence[str]) -> str:
    """A first tag makes a caption file, and training takes the words of the picture's name no more."""
    lost = [picture for name in changed if (picture := before[name]).is_missing and picture.suggestion]
    if not lost:
        return ""
    is_one = len(lost) == 1
    return (
        f"{'One' if is_one else len(lost)} had no caption file: the tag alone is"
        f" {'its' if is_one else 'their'} caption now, in place of “{lost[0].suggestion}”"
        f" ({lost[0].suggested_by}){'' if is_one else ' and the like'}. To keep such words: Undo,"
        " “File names as captions”, and Add again."
    )


def _captions(count: int) -> str:
    return f"{count} {'caption' if count == 1 else 'captions'}"


def _selection(desk: Desk, asked: Asked, scope: str | None) -> Selection:
    if scope == FITTING and asked.filter != CaptionFilter():
        return asked.filter.names(desk.captions)
    if scope != SELECTED:
        return None
    if not desk.selected:
        raise InputError(
            f"No picture is selected. Tick those you mean, or change the captions of {ALL_PICTURES}."
        )
    return sorted(desk.selected)


def _page_with(desk: Desk, asked: Asked, changed: tuple[str, ...]) -> int | None:
    """The page of the first of these, unless one of them is on the page that is shown."""
    if set(changed) & set(asked.shown.names):
        return None
    names = asked.filter.names(desk.captions)
    return next((names.index(name) // CARDS for name in changed if name in names), None)
