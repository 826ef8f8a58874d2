"""What `captions` commands say of an edit, and how they save it."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from ..errors import InputError, StorageError
from ..prompts.captions import FROM_FILE_NAME
from .context import Context
from .stop import STOPPED

if TYPE_CHECKING:
    from ..datasets.caption_editing import CaptionEditor, PictureCaption, SaveResult

__all__ = ["add_dry_run", "record_result", "save_edit"]

_NAMES_TOLD = 5


def add_dry_run(parser: ArgumentParser) -> None:
    """The flag that shows an edit without saving it."""
    parser.add_argument("--dry-run", action="store_true", help="show what would change, and save nothing")


def save_edit(editor: CaptionEditor, label: str, arguments: Namespace, context: Context) -> int:
    """Tell each caption that changed, and save them unless it is a dry run; gives the exit status."""
    before = editor.saved
    for name in editor.unsaved:
        old, new = before[name], editor.captions[name]
        context.output.record(
            {
                "picture": name,
                "before": None if old.is_missing else old.text,
                "after": None if new.is_missing else new.text,
            }
        )
        context.output.line(f"{name}: {_shown(old)} → {_shown(new)}")
    for note in (_given_up(editor), _joined(editor)):
        if note:
            context.output.log(note)
    if arguments.dry_run:
        count = len({editor.captions[name].file for name in editor.unsaved})
        context.output.line(f"{count} caption{'' if count == 1 else 's'} would change; nothing was saved.")
        return 0
    with context.stop.deferred():
        result = editor.save(label=label, interrupted=context.stop)
    record_result(result, context, event="captions_saved")
    if result.refused:
        told = f"{result.summary()} To edit what is there now, run the command again."
        raise StorageError(told) if result.written else InputError(told)
    if result.written or result.remaining:
        context.output.line(result.summary())
    return STOPPED if result.remaining else 0


def record_result(result: SaveResult, context: Context, *, event: str) -> None:
    """What was written, for programs."""
    context.output.record(
        {
            "event": event,
            "written": [str(file) for file in result.written],
            "refused": [{"file": str(file), "reason": reason} for file, reason in result.refused],
            "remaining": result.remaining,
        }
    )


def _given_up(editor: CaptionEditor) -> str:
    """That caption files take the place of the words that training took until now; empty where none do."""
    saved = editor.saved
    lost = [
        name
        for name in editor.unsaved
        if saved[name].is_missing and saved[name].suggestion not in editor.captions[name].text
    ]
    if not lost:
        return ""
    sources = dict.fromkeys(saved[name].suggested_by for name in lost)
    told = " or ".join("the file name" if source == FROM_FILE_NAME else source for source in sources)
    return (
        f"Training took the caption of {_named(lost)} from {told} until now; the new caption file takes its"
        " place. To keep those words run captions from-names first."
    )


def _joined(editor: CaptionEditor) -> str:
    """That the lines of caption files become one; empty where none do."""
    joined = [name for name in editor.unsaved if editor.saved[name].is_joined]
    if not joined:
        return ""
    return (
        f"The caption of {_named(joined)} had several lines, which become one. If lines are variants of a"
        " caption to you, add --wildcards: then each is edited by itself."
    )


def _named(names: list[str]) -> str:
    more = len(names) - _NAMES_TOLD
    return ", ".join(names[:_NAMES_TOLD]) + (f" and {more} more" if more > 0 else "")


def _shown(picture: PictureCaption) -> str:
    if picture.is_missing:
        return "[no caption]"
    return picture.text.replace("\n", " | ") or "[empty]"
