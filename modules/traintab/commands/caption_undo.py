"""`captions undo` and `captions redo`: saves of captions taken back, and done again."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..errors import InputError
from ..files import user_path
from ..prompts.text_files import text_of_bytes
from .caption_writing import add_dry_run, record_result
from .command import Command
from .context import Context

if TYPE_CHECKING:
    from ..datasets.caption_editing import ChangedFile, JournalEntry, WhenChanged

__all__ = ["UNDOING"]


def _configure(parser: ArgumentParser) -> None:
    parser.add_argument("folder", type=user_path, metavar="DIR", help="the folder of pictures")
    group = parser.add_mutually_exclusive_group()
    for when, text in (
        ("keep", "leave captions as they are that were changed otherwise since then"),
        ("overwrite", "also captions that were changed otherwise since then"),
    ):
        group.add_argument(f"--{when}", dest="when_changed", action="store_const", const=when, help=text)
    add_dry_run(parser)


def _step(is_back: bool) -> Callable[[Namespace, Context], int]:
    def run(arguments: Namespace, context: Context) -> int:
        from ..datasets.caption_editing import CaptionJournal

        journal = CaptionJournal(context.paths.caption_journal_dir)
        step = journal.undo if is_back else journal.redo
        when: WhenChanged = arguments.when_changed or "refuse"
        is_dry = arguments.dry_run
        with context.stop.deferred():
            entry, result = step(arguments.folder, when_changed=when, dry_run=is_dry)
        kept = dict(result.refused)
        going = [change for change in entry.changes if change.file not in kept]
        if is_dry:
            _tell_each(going, context, is_back)
        else:
            record_result(result, context, event="captions_undone" if is_back else "captions_redone")
        changed = ", ".join(f"{file.name} ({reason})" for file, reason in kept.items())
        if changed and when == "refuse":
            raise InputError(
                f"Nothing can be {'taken back' if is_back else 'done again'} of {entry.label!r}, because of"
                f" {changed}. Give --keep to leave that as it is, or --overwrite to replace it too."
            )
        context.output.line(_told(entry, len(going), is_back=is_back, is_dry=is_dry))
        if changed:
            context.output.line(f"Left as it is: {changed}.")
        return 0

    return run


def _told(entry: JournalEntry, count: int, *, is_back: bool, is_dry: bool) -> str:
    verb = "Took back" if is_back else "Did again"
    done = f"{count} caption{'' if count == 1 else 's'} saved."
    if is_dry:
        verb = "Would take back" if is_back else "Would do again"
        done = f"{count} caption{'' if count == 1 else 's'} would change; nothing was saved."
    return f"{verb} what was saved at {entry.time.replace('T', ' ')}: {entry.label}. {done}"


def _tell_each(changes: list[ChangedFile], context: Context, is_back: bool) -> None:
    for change in changes:
        before, after = _text(change.before), _text(change.after)
        if is_back:
            before, after = after, before
        context.output.record({"file": str(change.file), "before": before, "after": after})
        context.output.line(f"{change.file.name}: {_shown(before)} → {_shown(after)}")


def _text(data: bytes | None) -> str | None:
    """The text of a caption file, with question marks where it is none; None for no file."""
    if data is None:
        return None
    try:
        return text_of_bytes(data).text
    except ValueError:
        return data.decode("ascii", errors="replace")


def _shown(text: str | None) -> str:
    if text is None:
        return "[no caption]"
    return " | ".join(filter(None, map(str.strip, text.splitlines()))) or "[empty]"


UNDOING = (
    Command(
        name="captions undo",
        help="take the last save of a folder's captions back, the page's too",
        configure=_configure,
        run=_step(is_back=True),
    ),
    Command(
        name="captions redo",
        help="do again what captions undo took back",
        configure=_configure,
        run=_step(is_back=False),
    ),
)
