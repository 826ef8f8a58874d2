"""`captions undo` and `captions redo`: saves of captions taken back, and done again."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable

from ..errors import InputError
from ..files import user_path
from .caption_writing import record_result
from .command import Command
from .context import Context

__all__ = ["UNDOING"]


def _configure(parser: ArgumentParser) -> None:
    parser.add_argument("folder", type=user_path, metavar="DIR", help="the folder of pictures")
    group = parser.add_mutually_exclusive_group()
    for when, text in (
        ("keep", "leave captions as they are that were changed otherwise since then"),
        ("overwrite", "also captions that were changed otherwise since then"),
    ):
        group.add_argument(f"--{when}", dest="when_changed", action="store_const", const=when, help=text)


def _step(is_back: bool) -> Callable[[Namespace, Context], int]:
    def run(arguments: Namespace, context: Context) -> int:
        from ..datasets.caption_editing import CaptionJournal

        journal = CaptionJournal(context.paths.caption_journal_dir)
        step = journal.undo if is_back else journal.redo
        with context.stop.deferred():
            entry, result = step(arguments.folder, when_changed=arguments.when_changed or "refuse")
        record_result(result, context, event="captions_undone" if is_back else "captions_redone")
        changed = ", ".join(f"{file.name} ({reason})" for file, reason in result.refused)
        if changed and not arguments.when_changed:
            raise InputError(
                f"Nothing was {'taken back' if is_back else 'done again'} of {entry.label!r}, because of"
                f" {changed}. Give --keep to leave that as it is, or --overwrite to replace it too."
            )
        count = len(result.written)
        context.output.line(
            f"{'Took back' if is_back else 'Did again'} what was saved at {entry.time.replace('T', ' ')}:"
            f" {entry.label}. {count} caption{'' if count == 1 else 's'} saved."
        )
        if changed:
            context.output.line(f"Left as it is: {changed}.")
        return 0

    return run


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
