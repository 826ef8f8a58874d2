"""`captions`: the captions of a folder of pictures listed, counted and edited."""

from __future__ import annotations

import difflib
import functools
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

from ..errors import InputError
from .caption_selection import add_folder, add_search_flags, add_selection, opened, selected
from .caption_shared import SHARED
from .caption_undo import UNDOING
from .caption_writing import add_dry_run, save_edit
from .command import Command
from .context import Context

if TYPE_CHECKING:
    from ..datasets.caption_editing import CaptionSet, PictureCaption

__all__ = ["COMMANDS"]

_Change = Callable[["CaptionSet", Namespace, tuple[str, ...]], "CaptionSet"]


def _configure_looking(parser: ArgumentParser) -> None:
    add_folder(parser)
    add_selection(parser)


def _list(arguments: Namespace, context: Context) -> int:
    captions = opened(arguments, context).captions
    for name in selected(arguments, captions):
        picture = captions[name]
        context.output.record(_mapping(picture))
        context.output.line(f"{name}: {_told(picture)}")
    return 0


def _mapping(picture: PictureCaption) -> dict[str, Any]:
    status = "unreadable" if picture.problem else "missing" if picture.is_missing else "ok"
    return {
        "picture": picture.name,
        "status": status,
        "caption": None if status != "ok" else picture.text,
        "tags": list(picture.tags),
        "file": str(picture.file),
        "reason": picture.problem,
        "suggestion": picture.suggestion,
    }


def _told(picture: PictureCaption) -> str:
    if picture.problem:
        return f"[unreadable: {picture.problem}]"
    if picture.is_missing:
        return f"[no caption; training takes its {picture.suggested_by}: {picture.suggestion}]"
    return picture.text.replace("\n", " | ") or "[empty caption]"


def _tags(arguments: Namespace, context: Context) -> int:
    captions = opened(arguments, context).captions
    names = selected(arguments, captions)
    for row in captions.word_counts(names) if arguments.words else captions.tag_counts(names):
        context.output.record({"tag": row.tag, "count": row.count, "share": round(row.share, 4)})
        context.output.line(f"{row.count:5}  {row.share:4.0%}  {row.tag}")
    return 0


def _configure_counting(parser: ArgumentParser) -> None:
    _configure_looking(parser)
    parser.add_argument("--words", action="store_true", help="single words, for captions that are sentences")


def _edit(change: _Change, label: str, arguments: Namespace, context: Context) -> int:
    editor = opened(arguments, context)
    names = selected(arguments, editor.captions)
    told = label.format(**vars(arguments))
    editor.edit(lambda captions: change(captions, arguments, names), told)
    if not editor.unsaved:
        hint = _missing(arguments.tag, editor.captions) if change in (_removed, _renamed) else ""
        context.output.log(f"No caption changes.{hint}")
    return save_edit(editor, told, arguments, context)


def _missing(tags: str, captions: CaptionSet) -> str:
    """Which of these tags no caption has, each with the one that may have been meant."""
    from ..datasets.caption_editing import split_tags

    known = {row.tag.casefold(): row.tag for row in captions.tag_counts()}
    said = ""
    for tag in split_tags(tags):
        if not captions.having([tag]):
            near = difflib.get_close_matches(tag.casefold(), known, n=1)
            said += f" There is no tag {tag!r}{f'; did you mean {known[near[0]]!r}?' if near else '.'}"
    return said


def _with_arguments(*names: tuple[str, str]) -> Callable[[ArgumentParser], None]:
    """Configures an edit that takes these positional arguments, given with their help."""

    def configure(parser: ArgumentParser) -> None:
        add_folder(parser)
        for name, text in names:
            parser.add_argument(name, metavar=name.upper(), help=text)
        add_dry_run(parser)
        add_selection(parser)

    return configure


def _configure_replace(parser: ArgumentParser) -> None:
    _with_arguments(("text", "what is looked for"), ("replacement", "what comes in its place"))(parser)
    add_search_flags(parser)


def _configure_add(parser: ArgumentParser) -> None:
    _with_arguments(("tag", "the tag; several with commas between"))(parser)
    parser.add_argument("--front", action="store_true", help="in front of the others (default: at the end)")


def _configure_sort(parser: ArgumentParser) -> None:
    _with_arguments()(parser)
    parser.add_argument("--by-frequency", action="store_true", help="those first that most pictures have")
    parser.add_argument("--keep", type=_number, default=0, metavar="N", help="so many tags stay in front")


def _replaced(captions: CaptionSet, arguments: Namespace, names: tuple[str, ...]) -> CaptionSet:
    from ..datasets.caption_editing import Search

    search = Search(
        text=arguments.text,
        is_regex=arguments.regex,
        whole_tag=arguments.whole_tag,
        match_case=arguments.match_case,
    )
    return captions.replace(search, arguments.replacement, names)


def _added(captions: CaptionSet, arguments: Namespace, names: tuple[str, ...]) -> CaptionSet:
    return captions.add_tag(arguments.tag, where="front" if arguments.front else "end", selection=names)


def _removed(captions: CaptionSet, arguments: Namespace, names: tuple[str, ...]) -> CaptionSet:
    return captions.remove_tag(arguments.tag, selection=names)


def _renamed(captions: CaptionSet, arguments: Namespace, names: tuple[str, ...]) -> CaptionSet:
    return captions.rename_tag(arguments.tag, arguments.new, selection=names)


def _sorted(captions: CaptionSet, arguments: Namespace, names: tuple[str, ...]) -> CaptionSet:
    order: Literal["alphabet", "frequency"] = "frequency" if arguments.by_frequency else "alphabet"
    return captions.sort_tags(order, keep=arguments.keep, selection=names)


def _number(text: str) -> int:
    if not text.isdecimal():
        raise InputError(f"--keep is {text!r}; expected how many tags stay in front, such as 1.")
    return int(text)


def _deduped(captions: CaptionSet, arguments: Namespace, names: tuple[str, ...]) -> CaptionSet:
    del arguments
    return captions.dedupe_tags(selection=names)


def _from_names(captions: CaptionSet, arguments: Namespace, names: tuple[str, ...]) -> CaptionSet:
    del arguments
    return captions.use_suggestions(names)


def _set(captions: CaptionSet, arguments: Namespace, names: tuple[str, ...]) -> CaptionSet:
    if not arguments.picture:
        raise InputError("captions set writes one text into captions: say whose with --picture NAME.")
    for name in names:
        captions = captions.set_caption(name, arguments.text)
    return captions


def _command(
    name: str,
    text: str,
    run: Callable[[Namespace, Context], int],
    configure: Callable[[ArgumentParser], None],
) -> Command:
    return Command(name=f"captions {name}", help=text, configure=configure, run=run)


def _editing(
    name: str, text: str, change: _Change, label: str, configure: Callable[[ArgumentParser], None]
) -> Command:
    """A command that edits; `label` tells in the journal what it did, its arguments in braces."""
    return _command(name, text, functools.partial(_edit, change, label), configure)


_TAG = ("tag", "the tag; several with commas between")
COMMANDS = (
    _command("list", "each picture with its caption", _list, _configure_looking),
    _command("tags", "the tags, and how many pictures have each", _tags, _configure_counting),
    _editing(
        "replace",
        "replace text in captions",
        _replaced,
        "replace {text} by {replacement}",
        _configure_replace,
    ),
    _editing("add", "add a tag to captions that lack it", _added, "add {tag}", _configure_add),
    _editing("remove", "take a tag out of captions", _removed, "remove {tag}", _with_arguments(_TAG)),
    _editing(
        "rename",
        "give a tag another name",
        _renamed,
        "rename {tag} to {new}",
        _with_arguments(("tag", "the tag"), ("new", "its new name")),
    ),
    _editing("sort", "put tags in order", _sorted, "sort tags", _configure_sort),
    _editing("dedupe", "leave each tag once in a caption", _deduped, "dedupe tags", _with_arguments()),
    _editing(
        "set", "write a caption", _set, "write a caption", _with_arguments(("text", "the whole caption"))
    ),
    _editing(
        "from-names",
        "write caption files for pictures that have none, with the words that training takes",
        _from_names,
        "captions from file names",
        _with_arguments(),
    ),
    SHARED,
    *UNDOING,
)
