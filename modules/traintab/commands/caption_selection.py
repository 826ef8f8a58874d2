"""Which captions a `captions` command is about: the folder, and the pictures chosen in it."""

from __future__ import annotations

import fnmatch
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from ..errors import InputError
from ..files import user_path
from ..prompts.captions import CaptionRules, suffix_of_captions
from .context import Context

if TYPE_CHECKING:
    from ..datasets.caption_editing import CaptionEditor, CaptionSet

__all__ = ["add_folder", "add_search_flags", "add_selection", "opened", "rules_of", "selected"]


def add_folder(parser: ArgumentParser) -> None:
    """The folder, and how captions are found in it."""
    parser.add_argument("folder", type=user_path, metavar="DIR", help="the folder of pictures")
    parser.add_argument("--subfolders", action="store_true", help="the pictures below it too")
    parser.add_argument(
        "--caption-extension", default=".txt", metavar="TEXT", help="caption files' ending (default .txt)"
    )
    parser.add_argument(
        "--wildcards",
        action="store_true",
        help="the lines of a caption are variants, as in training with wildcards: each is edited by itself",
    )


def add_selection(parser: ArgumentParser) -> None:
    """Flags that choose pictures; those that all given flags choose."""
    group = parser.add_argument_group("which pictures (default: all)")
    group.add_argument("--having", action="append", metavar="TAG", help="with this tag; several times: all")
    group.add_argument("--having-any", action="append", metavar="TAG", help="with one of these tags")
    group.add_argument("--lacking", action="append", metavar="TAG", help="with none of these tags")
    group.add_argument("--containing", metavar="TEXT", help="with this text anywhere in the caption")
    group.add_argument(
        "--picture", action="append", metavar="NAME", help="by name, * and ? stand for any letters"
    )


def add_search_flags(parser: ArgumentParser) -> None:
    """How a text is looked for."""
    parser.add_argument(
        "--regex", action="store_true", help="a regular expression; \\1 is what its first bracket matched"
    )
    parser.add_argument("--whole-tag", action="store_true", help="all that stands between two commas")
    parser.add_argument("--match-case", action="store_true", help="capitals count")


def opened(arguments: Namespace, context: Context) -> CaptionEditor:
    """The folder's captions; what can't be read is told. Raises InputError."""
    from ..datasets.caption_editing import CaptionEditor, CaptionJournal

    editor = CaptionEditor(
        arguments.folder,
        rules=rules_of(arguments),
        subfolders=arguments.subfolders,
        journal=CaptionJournal(context.paths.caption_journal_dir),
    )
    for picture in editor.captions.pictures:
        if picture.problem:
            context.output.complain(f"{picture.file} can't be read and stays as it is: {picture.problem}.")
    return editor


def rules_of(arguments: Namespace) -> CaptionRules:
    """Where captions are; raises ConfigError for an ending that no file has."""
    return CaptionRules(
        extension=suffix_of_captions(arguments.caption_extension), one_line=arguments.wildcards
    )


def selected(arguments: Namespace, captions: CaptionSet) -> tuple[str, ...]:
    """The names of the pictures that the flags choose; raises InputError for a name that none has."""
    from ..datasets.caption_editing import Search

    chosen = set(captions.names)
    if arguments.having:
        chosen &= set(captions.having(arguments.having))
    if arguments.having_any:
        chosen &= set(captions.having(arguments.having_any, "any"))
    if arguments.lacking:
        chosen &= set(captions.having(arguments.lacking, "none"))
    if arguments.containing:
        chosen &= set(captions.matching(Search(text=arguments.containing)))
    if arguments.picture:
        chosen &= {name for pattern in arguments.picture for name in _named(pattern, captions)}
    return tuple(name for name in captions.names if name in chosen)


def _named(pattern: str, captions: CaptionSet) -> list[str]:
    """The picture of just this name, else those that the pattern fits: names may hold brackets."""
    if pattern in captions.names:
        return [pattern]
    found = [name for name in captions.names if fnmatch.fnmatch(name, pattern)]
    if not found:
        raise InputError(
            f"There is no picture {pattern!r} in {captions.folder}; captions list names those there."
        )
    return found
