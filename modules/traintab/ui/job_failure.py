"""What to do when a job failed: advice by the kind of failure, and where the details are."""

from __future__ import annotations

import html
from collections.abc import Mapping
from types import MappingProxyType

from ..jobs import Failure, JobSnapshot, JobStatus

__all__ = ["failure_html"]

_SMALLER = "Lower Batch size or Width and Height, and press Train Embedding."
_OTHERS = "Close other programs that use the graphics card or much memory, and press Resume."
_TRAINING: Mapping[Failure, tuple[str, ...]] = MappingProxyType(
    {
        Failure.MEMORY: (
            _SMALLER,
            "Or switch on Gradient checkpointing among the Memory settings: slower, and much less memory.",
            _OTHERS,
        ),
        Failure.NOT_FINITE: (
            "Lower Embedding Learning rate, to a tenth of what it is for example, and press Resume: it asks"
            " whether to go on with the new settings.",
            "Or choose Precision fp32 among the Memory settings when the model runs in half precision.",
            "The embedding's file is as it was saved before the loss broke down.",
        ),
        Failure.DISK_FULL: (
            "Free some disk space: old runs in the log directory and the cache folder are good candidates.",
            "Then press Resume.",
        ),
        Failure.FOLDER_LOST: (
            "Bring the run's folder back, mount its disk again for example, and press Resume.",
            "If it is gone for good, press Train Embedding: a new run begins from the embedding's file.",
        ),
        Failure.STORAGE: (
            "Make sure that the folder can be written to and that its disk is connected, then press Resume.",
        ),
        Failure.MODEL: (
            "Choose a model that can be loaded above, then press Train Embedding.",
            "A file that was not downloaded whole has to be downloaded again.",
        ),
        Failure.PICTURES: ("Mend the folder of pictures as the sentence says, then press Train Embedding.",),
        Failure.INPUT: ("Change what the sentence names, then press Train Embedding.",),
        Failure.PROCESS: ("Start all processes of the training again; they resume together.",),
        Failure.UNFORESEEN: (
            "Press Resume to try again.",
            "If it happens again, please report it with the file below.",
        ),
    }
)
_OTHER_JOBS: Mapping[Failure, tuple[str, ...]] = MappingProxyType(
    {
        Failure.MEMORY: ("Choose another captioner, or close other programs, and press Preprocess again.",),
        Failure.DISK_FULL: ("Free some disk space and press Preprocess again: it goes on where it ended.",),
        Failure.UNFORESEEN: ("Press Preprocess again: it goes on where it ended.",),
    }
)
_ANYWAY = ("Change what the sentence names, and press Preprocess again: it goes on where it ended.",)


def failure_html(job: JobSnapshot) -> str:
    """A list of what can be done, and where the details are; nothing for a job that didn't fail."""
    if job.status is not JobStatus.FAILED:
        return ""
    if job.kind == "train":
        steps = _TRAINING.get(job.failure, _TRAINING[Failure.UNFORESEEN])
    else:
        steps = _OTHER_JOBS.get(job.failure, _ANYWAY)
    if not job.resumable:
        steps = tuple(step.replace("ress Resume", "ress Train Embedding") for step in steps)
    kept = ""
    if job.kind == "train" and job.resumable and job.step:
        kept = f"<p>What was learned until the last good state is kept; step {job.step:,} was reached.</p>"
    items = "".join(f"<li>{html.escape(step)}</li>" for step in steps)
    return f'<div class="traintab-help"><h4>What you can do</h4><ul>{items}</ul>{kept}{_places(job)}</div>'


def _places(job: JobSnapshot) -> str:
    """Where the traceback and the run's files are."""
    rows = {"Details of the error": job.error_file, "Folder of the run": job.folder}
    told = "".join(
        f'<dt>{label}</dt><dd translate="no">{html.escape(path)}</dd>' for label, path in rows.items() if path
    )
    return f"<dl>{told}</dl>" if told else ""
