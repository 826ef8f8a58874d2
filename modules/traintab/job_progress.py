"""What training and preprocessing tell, in the words of a job's snapshot."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from functools import singledispatch
from typing import Any, TypeVar

from .jobs import JobContext, JobSnapshot, JobStatus
from .jobs.series import few_with_lowest
from .preprocessing.events import (
    PictureDone,
    PictureSkipped,
    PictureUnchanged,
    PreprocessFinished,
    PreprocessInterrupted,
    PreprocessStarted,
)
from .training.events import (
    BestStep,
    CheckpointSaved,
    Evaluated,
    PreviewSaved,
    StepCompleted,
    TrainingFinished,
    TrainingInterrupted,
    TrainingNotice,
    TrainingStarted,
)
from .training.run_curve import read_run_curve

__all__ = ["changes", "follow"]

_IMAGES_KEPT = 60
_NOTES_KEPT = 100
_SKIPPED_KEPT = 1000
_POINTS_KEPT = 400
_WRITTEN, _UNCHANGED, _SKIPPED = "pictures written", "files unchanged", "files skipped"

Changes = dict[str, Any]
_Pair = TypeVar("_Pair")


def follow(events: Iterable[object], context: JobContext) -> Iterator[object]:
    """Pass the events through and bring the job's snapshot up to date with each."""
    for event in events:
        context.update(**changes(event, context.snapshot()))
        if isinstance(event, (TrainingInterrupted, PreprocessInterrupted)):
            context.conclude(JobStatus.INTERRUPTED)
        elif isinstance(event, (TrainingFinished, PreprocessFinished)):
            context.conclude(JobStatus.FINISHED)
        yield event


@singledispatch
def changes(event: object, before: JobSnapshot) -> Changes:
    """The fields of the snapshot `before` that `event` changes; none for events nobody shows."""
    del event, before
    return {}


@changes.register
def _(event: TrainingStarted, before: JobSnapshot) -> Changes:
    """A resumed run keeps its curves up to the step it goes on from: as remembered, else as its files say."""
    remembered = before.folder == str(event.run_dir)
    known = before if remembered else read_run_curve(event.run_dir, until=event.step)
    return {
        "step": event.step,
        "total_steps": event.total_steps,
        "total_epochs": math.ceil(event.total_steps / max(event.steps_per_epoch, 1)),
        "fraction": None,
        "folder": str(event.run_dir),
        "resumable": True,
        "losses": tuple(point for point in known.losses if point[0] <= event.step),
        "rates": tuple(point for point in known.rates if point[0] <= event.step),
        "marks": tuple(mark for mark in known.marks if mark[0] <= event.step),
        "evaluations": few_with_lowest(event.evaluations),
        "best_step": min(event.evaluations, key=lambda point: point[1])[0] if event.evaluations else None,
        "message": event.message or f"Training on {event.num_images} pictures.",
    }


@changes.register
def _(event: TrainingNotice, before: JobSnapshot) -> Changes:
    """Progress has a fraction and passes by; advice has none and is kept in sight."""
    if event.fraction is not None:
        return {"message": event.message, "fraction": event.fraction}
    return {"message": event.message, "notes": _with_notes(before, event.message)}


@changes.register
def _(event: StepCompleted, before: JobSnapshot) -> Changes:
    found: Changes = {"step": event.step, "epoch": event.epoch, "learning_rate": event.learning_rate}
    if not before.rates or before.rates[-1][1] != event.learning_rate:
        found["rates"] = _thinned((*before.rates, (event.step, event.learning_rate)))
    return found if event.loss is None else {**found, "loss": event.loss}


@changes.register
def _(event: Evaluated, before: JobSnapshot) -> Changes:
    return {"evaluations": few_with_lowest((*before.evaluations, (event.step, event.loss)))}


@changes.register
def _(event: BestStep, before: JobSnapshot) -> Changes:
    del before
    return {"best_step": event.step}


@changes.register
def _(event: CheckpointSaved, before: JobSnapshot) -> Changes:
    message = f"Saved step {event.step} as {event.path.name}."
    return {"message": message, "marks": _marked(before, event.step, "saved")}


@changes.register
def _(event: PreviewSaved, before: JobSnapshot) -> Changes:
    which = "" if event.number == 1 else f" · {event.number}"
    picture = (str(event.path), f"step {event.step}{which}")
    return {
        "images": _with_pictures(before, picture),
        "marks": _marked(before, event.step, "preview"),
        "message": f"Drew a preview at step {event.step}.",
    }


@changes.register
def _(event: TrainingInterrupted, before: JobSnapshot) -> Changes:
    del before
    message = event.message or f"Interrupted and saved at step {event.step}; Resume goes on from there."
    return {"step": event.step, "resumable": True, "message": message}


@changes.register
def _(event: TrainingFinished, before: JobSnapshot) -> Changes:
    del before
    message = event.message or f"Finished at step {event.step}: {event.path.name} is ready to use."
    return {"step": event.step, "resumable": False, "message": message}


@changes.register
def _(event: PreprocessStarted, before: JobSnapshot) -> Changes:
    size = f"{event.width}×{event.height}"
    what = f"Preprocessing {event.total:,} files to {size} pixels."
    if event.total == 1:
        what = f"Preprocessing 1 file to {size} pixels."
    return {
        "total_steps": event.total,
        "message": what,
        "notes": _with_notes(before, *event.notes),
        "counts": ((_WRITTEN, 0), (_UNCHANGED, 0), (_SKIPPED, 0)),
        "result_folder": str(event.destination),
        "result_size": (event.width, event.height),
    }


@changes.register
def _(event: PictureDone, before: JobSnapshot) -> Changes:
    pictures = tuple((str(path), path.name) for path in event.outputs)
    return {
        "step": before.step + 1,
        "images": _with_pictures(before, *pictures),
        "notes": _with_notes(before, *(f"{event.source.name}: {note}" for note in event.notes)),
        "counts": _counted(before, _WRITTEN, len(event.outputs)),
    }


@changes.register
def _(event: PictureUnchanged, before: JobSnapshot) -> Changes:
    pictures = tuple((str(path), path.name) for path in event.outputs)
    return {
        "step": before.step + 1,
        "images": _with_pictures(before, *pictures),
        "notes": _with_notes(before, *(f"{event.source.name}: {note}" for note in event.notes)),
        "counts": _counted(before, _UNCHANGED, 1),
    }


@changes.register
def _(event: PictureSkipped, before: JobSnapshot) -> Changes:
    skipped = (*before.skipped, (event.source.name, event.reason))[:_SKIPPED_KEPT]
    return {"step": before.step + 1, "skipped": skipped, "counts": _counted(before, _SKIPPED, 1)}


@changes.register
def _(event: PreprocessInterrupted, before: JobSnapshot) -> Changes:
    told = [_counted_words(event.written, "1 picture is written.", "{} pictures are written.")]
    if event.remaining:
        told.append(
            _counted_words(event.remaining, "1 file was not looked at.", "{} files were not looked at.")
        )
    message = " ".join(["Interrupted.", *told, "Preprocess goes on from there."])
    return {"message": message, "counts": _end_counts(event) if before.counts else ()}


@changes.register
def _(event: PreprocessFinished, before: JobSnapshot) -> Changes:
    message = _told_of_pictures(event)
    return {"message": message, "notes": _with_notes(before, *event.notes), "counts": _end_counts(event)}


def _counted(before: JobSnapshot, what: str, more: int) -> tuple[tuple[str, int], ...]:
    return tuple((name, count + more * (name == what)) for name, count in before.counts)


def _end_counts(event: PreprocessInterrupted | PreprocessFinished) -> tuple[tuple[str, int], ...]:
    return ((_WRITTEN, event.written), (_UNCHANGED, event.unchanged), (_SKIPPED, event.skipped))


def _told_of_pictures(event: PreprocessFinished) -> str:
    told = [_counted_words(event.written, "Wrote 1 training picture.", "Wrote {} training pictures.")]
    if event.unchanged:
        told.append(_counted_words(event.unchanged, "1 file was unchanged.", "{} files were unchanged."))
    if event.skipped:
        told.append(_counted_words(event.skipped, "1 file gave none.", "{} files gave none."))
    if event.skipped and not event.written and not event.unchanged:
        told.append(
            "There is nothing to train on: put pictures into the source directory, or choose another."
        )
    return " ".join(told)


def _counted_words(count: int, one: str, more: str) -> str:
    return one if count == 1 else more.format(f"{count:,}")


def _marked(before: JobSnapshot, step: int, what: str) -> tuple[tuple[int, str], ...]:
    """The marks with this one; of very many the older ones of their kind are thinned."""
    mark = (step, what)
    if mark in before.marks[-4:]:
        return before.marks
    others = tuple(known for known in before.marks if known[1] != what)
    own = _thinned(tuple(known for known in before.marks if known[1] == what) + (mark,))
    return tuple(sorted((*others, *own)))


def _thinned(points: tuple[_Pair, ...]) -> tuple[_Pair, ...]:
    """Every second one, once there are hundreds; the first and the last stay."""
    return points if len(points) < _POINTS_KEPT else (*points[:-1:2], points[-1])


def _with_pictures(before: JobSnapshot, *pictures: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    """The pictures with these last, each file once, and no more of them than a gallery can show."""
    paths = {path for path, _ in pictures}
    others = [pair for pair in before.images if pair[0] not in paths]
    return (*others, *pictures)[-_IMAGES_KEPT:]


def _with_notes(before: JobSnapshot, *notes: str) -> tuple[str, ...]:
    """The notes with these last, each once."""
    others = [note for note in before.notes if note not in notes]
    return (*others, *notes)[-_NOTES_KEPT:]
