"""`captions undo` and `captions redo`: saves of captions taken back, and done again."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..files import user_path
from .caption_writing import tell_result
from .command import Command
from .context import Context

if TYPE_CHECKING:
    from ..datasets.caption_editing import CaptionJournal

__all__ = ["UNDOING"]


def _configure(parser: ArgumentParser) -> None:
    parser.add_argument("folder", type=user_path, metavar="DIR", help="the folder of pictures")
    parser.add_argument(
        "--overwrite", action="store_true", help="also captions that were changed otherwise since then"
    )


def _step(is_back: bool) -> Callable[[Namespace, Context], int]:
    def run(arguments: Namespace, context: Context) -> int:
        journal = _journal(context)
        step = journal.undo if is_back else journal.redo
        with context.stop.deferred():
            entry, result = step(arguments.folder, overwrite=arguments.overwrite)
        verb = "Took back" if is_back else "Did again"
        context.output.line(f"{verb} what was saved at {entry.time.replace('T', ' ')}: {entry.label}.")
        return tell_result(result, context, event="captions_undone" if is_back else "captions_redone")

    return run


def _journal(context: Context) -> CaptionJournal:
    from ..datasets.caption_editing import CaptionJournal

    return CaptionJournal(context.paths.caption_journal_dir)


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
