"""`preprocess`: a folder of pictures to a folder of training pictures."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..configs import PreprocessConfig
from ..errors import DatasetError, TrainTabError
from ..files import user_path, write_text_atomically
from .arguments import add_options, config_from
from .command import Command
from .context import Context
from .output import event_mapping
from .stop import STOPPED

if TYPE_CHECKING:
    from ..preprocessing import PreprocessEvent, PreprocessReport

__all__ = ["COMMAND", "lines_of", "preprocessed"]


def _configure(parser: ArgumentParser) -> None:
    add_options(parser, PreprocessConfig, positional=["source", "destination"])
    parser.add_argument("--model", metavar="M", default="demo", help="whose size is taken (default demo)")
    parser.add_argument("--dry-run", action="store_true", help="say what would be written, and write nothing")
    parser.add_argument(
        "--report", type=user_path, metavar="FILE", help="write what became of each file as JSON"
    )


def _run(arguments: Namespace, context: Context) -> int:
    from ..preprocessing import PreprocessReport

    config = config_from(PreprocessConfig, arguments)
    report = PreprocessReport(dry_run=arguments.dry_run)
    try:
        preprocessed(config, arguments.model, context, report=report)
    except TrainTabError as error:
        report.fail(str(error))
        raise
    finally:
        if arguments.report is not None and report.has_begun:
            text = json.dumps(report.to_mapping(), indent=2)
            write_text_atomically(arguments.report, text + "\n")
    if context.stop():
        return STOPPED
    if not report.outputs and not report.unchanged:
        raise DatasetError(f"None of the files in {config.source} became a picture: {report.first_reason}")
    return 0


def preprocessed(
    config: PreprocessConfig,
    model: str,
    context: Context,
    *,
    report: PreprocessReport | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> PreprocessReport:
    """Preprocess and tell each event; `model` is whose size is meant where it is left open.

    `report` takes the events, and says whether it is a dry run. `should_stop` is asked in place of the
    signals alone.
    """
    from ..models.facts import size_of_model
    from ..preprocessing import PreprocessReport, preprocess
    from ..preprocessing.models_at_hand import default_means, needs_models

    report, stop = report or PreprocessReport(), should_stop or context.stop
    size = None if config.width and config.height else size_of_model(model, context.paths)
    means = None
    if needs_models(config) and not report.dry_run:
        means = default_means(context.paths.models_dir, report=context.output.log, interrupted=stop)
    if report.dry_run:
        _check_folder(config, size, context, report, stop)
    events = preprocess(config, default_size=size, dry_run=report.dry_run, interrupted=stop, means=means)
    with context.stop.deferred():
        for event in events:
            report.add(event)
            context.output.record(event_mapping(event))
            for line in lines_of(event, dry_run=report.dry_run):
                context.output.line(line)
    for line in _lines_of_skipped(report):
        context.output.line(line)
    return report


def _check_folder(
    config: PreprocessConfig,
    size: int | None,
    context: Context,
    report: PreprocessReport,
    stop: Callable[[], bool],
) -> None:
    """Tell what is wrong with the source before what would become of it; `size` is the model's own."""
    from ..preprocessing.folder_check import check_folder

    wanted = (config.width or size or 0, config.height or size or 0)
    with context.stop.deferred():
        check = check_folder(config, wanted, interrupted=stop)
    report.add_check(check.to_mapping())
    context.output.record({"event": "folder_checked", **check.to_mapping()})
    for line in check.lines():
        context.output.line(line)


def _lines_of_skipped(report: PreprocessReport) -> list[str]:
    """All that was skipped once more, where nobody has to look for it."""
    if not report.skipped:
        return []
    return ["Skipped:", *(f"  {name}: {reason}" for name, reason in report.skipped)]


def lines_of(event: PreprocessEvent, *, dry_run: bool) -> list[str]:
    """What a person reads of an event."""
    from ..preprocessing import (
        PictureDone,
        PictureSkipped,
        PictureUnchanged,
        PreprocessFinished,
        PreprocessInterrupted,
    )

    if isinstance(event, PictureDone):
        verb = "would become" if dry_run else "became"
        names = ", ".join(path.name for path in event.outputs)
        return [f"{event.source.name} {verb} {names}", *(f"  note: {note}" for note in event.notes)]
    if isinstance(event, PictureUnchanged):
        return [f"{event.source.name} is unchanged.", *(f"  note: {note}" for note in event.notes)]
    if isinstance(event, PictureSkipped):
        return [f"{event.source.name} was skipped: {event.reason}"]
    if isinstance(event, PreprocessInterrupted):
        return [f"Stopped: {event.written} pictures written, {event.remaining} files not looked at."]
    if isinstance(event, PreprocessFinished):
        verb = "would be written; nothing was" if dry_run else "written"
        unchanged = f" {event.unchanged} unchanged," if event.unchanged else ""
        pace = f" {event.pictures_per_second:.1f} files a second." if event.written and not dry_run else ""
        return [
            *event.notes,
            f"{event.written} pictures {verb},{unchanged} {event.skipped} files skipped.{pace}",
        ]
    return [f"{event.total} files, {event.width}x{event.height} pixels.", *event.notes]


COMMAND = Command(
    name="preprocess", help="turn a folder of pictures into training pictures", configure=_configure, run=_run
)
