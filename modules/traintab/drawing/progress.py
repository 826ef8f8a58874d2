"""One drawing under way: told by the thread that draws, read and stopped from any other."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..errors import TrainTabError
from ..jobs.pace import Pace
from .snapshot import DrawingSnapshot, DrawingState, DrawnPicture

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["DrawingProgress", "OnStep"]

OnStep = Callable[[int, int], None]

_LOGGER = logging.getLogger(__name__)
_DRAWING = "Drawing."


class DrawingProgress:
    """Keeps the snapshot up to date; `on_step` gets the steps done and their number as well.

    `is_seen` says whether anybody looks at the snapshot, so that previews are worth their time.
    """

    def __init__(
        self, first: DrawingSnapshot, on_step: OnStep | None = None, *, is_seen: bool = True
    ) -> None:
        self.snapshot = first
        self.is_seen = is_seen
        self._on_step = on_step
        self._changed = threading.Lock()
        self._interrupt = threading.Event()
        self._skip = threading.Event()
        self._pace = Pace()
        self._last_step_at = 0.0

    def interrupt(self) -> None:
        """Let the drawing end before its next step, with the pictures that are finished."""
        self._interrupt.set()
        self._update_active(state=DrawingState.STOPPING, message="Interrupting after this step.")

    def skip(self) -> None:
        """Let the picture that is drawn now (or the batch) be given up, and the next one begin."""
        if self.snapshot.state is DrawingState.DRAWING:
            # Said before it can be heard, or the answer to it would be overwritten.
            self._say_while_drawing("Skipping this picture.")
            self._skip.set()

    def interrupted(self) -> bool:
        """Asked before each step."""
        return self._interrupt.is_set()

    def skipped(self) -> bool:
        """Asked before each step; true once for each time that `skip` was called."""
        was_asked = self._skip.is_set()
        self._skip.clear()
        if was_asked:
            self._say_while_drawing(_DRAWING)
        return was_asked

    def wait_for_model(self) -> None:
        """It is the drawing's turn; the model may have to be loaded."""
        self._update_active(message="Waiting for the model.")

    def begin(self, notes: Sequence[str] = ()) -> None:
        """The first step follows."""
        self._last_step_at = time.perf_counter()
        state = DrawingState.STOPPING if self.interrupted() else DrawingState.DRAWING
        self._update_active(state=state, message=_DRAWING, notes=tuple(notes))

    def note(self, sentence: str) -> None:
        """Something that the user should know of the pictures; where nobody looks it goes to the log."""
        self._update_active(notes=(*self.snapshot.notes, sentence))
        if not self.is_seen:
            _LOGGER.warning("%s", sentence)

    def step(self, done: int, total: int) -> None:
        """`done` of `total` steps are taken, over all pictures."""
        now = time.perf_counter()
        self._pace.add(1, now - self._last_step_at)
        self._last_step_at = now
        self._update_active(step=done, total_steps=total, eta_seconds=self._pace.eta_seconds(total - done))
        if self._on_step is not None:
            self._on_step(done, total)

    def show(self, preview: Image.Image) -> None:
        """What the latents show by now."""
        self._update_active(preview=preview, preview_step=self.snapshot.step)

    def add(self, *pictures: DrawnPicture) -> None:
        """Pictures that are finished and in their files."""
        self._update(pictures=(*self.snapshot.pictures, *pictures), preview=None)

    def finish(self, wanted: int) -> None:
        """The last picture of `wanted` is there, or the drawing was interrupted or skipped before."""
        drawn = len(self.snapshot.pictures)
        stopped = self.interrupted() and drawn < wanted
        state = DrawingState.INTERRUPTED if stopped else DrawingState.FINISHED
        self._end(state=state, message=_told(drawn, wanted, stopped))

    def fail(self, error: BaseException) -> None:
        """The drawing ended with an error; of one that nobody foresaw the log keeps the traceback."""
        sentence = str(error)
        if not isinstance(error, TrainTabError):
            _LOGGER.error("A drawing failed.", exc_info=error)
            sentence = (
                f"Drawing stopped by an unexpected error ({type(error).__name__}: {error})."
                " Details are in the program's output."
            )
        self._end(state=DrawingState.FAILED, message="", error=sentence)

    def _end(self, **changes: Any) -> None:
        self._update(eta_seconds=None, preview=None, **changes)

    def _say_while_drawing(self, message: str) -> None:
        """What is said of an interrupt stays."""
        with self._changed:
            if self.snapshot.state is DrawingState.DRAWING:
                self._replace({"message": message})

    def _update_active(self, **changes: Any) -> None:
        """A change that comes too late for an ended drawing is left out."""
        with self._changed:
            if self.snapshot.state.is_active:
                self._replace(changes)

    def _update(self, **changes: Any) -> None:
        with self._changed:
            self._replace(changes)

    def _replace(self, changes: dict[str, Any]) -> None:
        revision = self.snapshot.revision + 1
        self.snapshot = replace(self.snapshot, **changes, revision=revision)


def _told(drawn: int, wanted: int, stopped: bool) -> str:
    if stopped:
        return f"Interrupted: {drawn} of {wanted} pictures are finished."
    what = "1 picture" if drawn == 1 else f"{drawn} pictures"
    skipped = wanted - drawn
    return f"Drew {what}." if not skipped else f"Drew {what}; {skipped} skipped."
