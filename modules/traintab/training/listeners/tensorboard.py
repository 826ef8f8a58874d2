"""`tensorboard/`: curves and previews for TensorBoard, by its own writer."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from ...errors import ConfigError, StorageError
from ..events import Evaluated, PreviewSaved, StepCompleted, TrainingEvent, TrainingStarted
from ..record import RunRecord
from ..state import TrainingState

if TYPE_CHECKING:
    from torch.utils.tensorboard import SummaryWriter

__all__ = ["TensorBoard", "check_tensorboard"]

_FLUSH_SECONDS = 10
_SMOOTHING = 0.98


def check_tensorboard() -> None:
    """Raise ConfigError where the package isn't there."""
    try:
        import torch.utils.tensorboard  # noqa: F401
    except ImportError as error:
        raise ConfigError(
            "Enable TensorBoard logging is on, but the package tensorboard is not installed. Install it with"
            f" `{sys.executable} -m pip install tensorboard`, or switch it off.",
            field="tensorboard",
        ) from error


class TensorBoard:
    """Writes each loss that is read back, and a mean of about the last 50, which begins anew with each start.

    Norms are the mean length of the vectors, for each text encoder.
    """

    def __init__(self, record: RunRecord) -> None:
        self._record = record
        self._writer: SummaryWriter | None = None
        self._smoothed = _Smoothed()

    def hear(self, event: TrainingEvent, state: TrainingState) -> Iterable[TrainingEvent]:
        """Open at the start, then add; raises StorageError."""
        try:
            if isinstance(event, TrainingStarted):
                self._open(event.step)
            elif self._writer is not None:
                self._add(self._writer, event, state)
        except OSError as error:
            raise StorageError(
                f"Writing TensorBoard's curves in {self._record.folder.path} failed:"
                f" {error.strerror or error}. Free some disk space, or bring the run's folder back."
            ) from error
        return ()

    def close(self) -> None:
        """Write what is left, and end the writer's thread."""
        if self._writer is not None:
            with contextlib.suppress(OSError):  # told when a curve was added; the training itself is saved
                self._writer.close()

    def _open(self, step: int) -> None:
        from torch.utils.tensorboard import SummaryWriter

        self._record.folder.check()
        # What a killed run wrote beyond the step it is resumed from comes again.
        self._writer = SummaryWriter(
            str(self._record.folder.path / "tensorboard"),
            purge_step=step + 1,
            flush_secs=_FLUSH_SECONDS,
        )

    def _add(self, writer: SummaryWriter, event: TrainingEvent, state: TrainingState) -> None:
        if isinstance(event, StepCompleted) and event.loss is not None:
            writer.add_scalar("loss", event.loss, event.step)
            writer.add_scalar("loss_smoothed", self._smoothed.add(event.loss), event.step)
            writer.add_scalar("learning_rate", event.learning_rate, event.step)
            for encoder, vectors in state.copied_vectors().items():
                writer.add_scalar(f"norm/{encoder}", float(vectors.norm(dim=1).mean()), event.step)
        elif isinstance(event, Evaluated):
            writer.add_scalar("evaluation/loss", event.loss, event.step)
        elif isinstance(event, PreviewSaved):
            with Image.open(event.path) as picture:
                pixels = np.asarray(picture.convert("RGB"))
            writer.add_image(f"preview/{event.number}", pixels, event.step, dataformats="HWC")


class _Smoothed:
    """An exponential mean that isn't drawn to its start (Kingma & Ba 2014, section 3: bias correction)."""

    def __init__(self) -> None:
        self._mean = 0.0
        self._weight = 0.0

    def add(self, value: float) -> float:
        self._mean = _SMOOTHING * self._mean + (1 - _SMOOTHING) * value
        self._weight = _SMOOTHING * self._weight + 1 - _SMOOTHING
        return self._mean / self._weight
