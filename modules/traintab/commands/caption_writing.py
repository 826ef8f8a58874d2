"""What `captions` commands say of an edit, and how they save it."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from ..errors import InputError, StorageError
from .context import Context
from .stop import STOPPED

if TYPE_CHECKING:
    from ..datasets.caption_editing import CaptionEditor, PictureCaption, SaveResult

__all__ = ["add_dry_run", "record_result", "save_edit"]


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
    _tell_lost_names(editor, context)
    if arguments.dry_run:
        count = len(editor.unsaved)
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


def _tell_lost_names(editor: CaptionEditor, context: Context) -> None:
    """Say that a caption file takes the place of the words that training took until now."""
    lost = [
        name
        for name in editor.unsaved
        if editor.saved[name].is_missing and editor.saved[name].suggestion not in editor.captions[name].text
    ]
    if lost:
        what = "this picture" if len(lost) == 1 else f"these {len(lost)} pictures"
        context.output.log(
            f"Note that {what} had no caption file, so that training took words of the file name, which the"
            f" new file replaces: {', '.join(lost)}. To keep them run captions from-names first."
        )


def _shown(picture: PictureCaption) -> str:
    if picture.is_missing:
        return "[no caption]"
    return picture.text.replace("\n", " | ") or "[empty]"
