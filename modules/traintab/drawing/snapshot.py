"""What can be said of a drawing at one moment: immutable, so that any thread may read it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from ..configs import GenerationConfig

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["DrawingSnapshot", "DrawingState", "DrawnPicture"]


class DrawingState(str, Enum):
    """The states of a drawing; *waiting* is for the model, a step of training, or another drawing."""

    IDLE = "idle"
    WAITING = "waiting"
    DRAWING = "drawing"
    STOPPING = "stopping"
    INTERRUPTED = "interrupted"
    FINISHED = "finished"
    FAILED = "failed"

    @property
    def is_active(self) -> bool:
        """Whether pictures are still to come."""
        return self in (DrawingState.WAITING, DrawingState.DRAWING, DrawingState.STOPPING)


@dataclass(frozen=True, kw_only=True)
class DrawnPicture:
    """A finished picture in its file, and the text that tells how to draw it again."""

    path: Path
    seed: int
    infotext: str


@dataclass(frozen=True, kw_only=True)
class DrawingSnapshot:
    """A drawing at one moment; the last one stays to be seen until the next begins.

    `number` counts the drawings since the program started, 0 before the first. `kind` is `txt2img` or
    `img2img`, `config` what was asked for. `step` counts over all pictures. `preview` is a small picture of
    what the latents show, replaced (and `preview_step` with it) every few steps, None when there is none.
    `message` is the last thing that happened, `notes` are sentences worth keeping in sight, `error` is the
    sentence shown when `state` is failed. `revision` grows with every change, from one drawing to the next
    too.
    """

    number: int = 0
    kind: str = ""
    state: DrawingState = DrawingState.IDLE
    config: GenerationConfig | None = None
    step: int = 0
    total_steps: int = 0
    eta_seconds: float | None = None
    preview: Image.Image | None = field(default=None, repr=False, compare=False)
    preview_step: int = 0
    pictures: tuple[DrawnPicture, ...] = ()
    message: str = ""
    notes: tuple[str, ...] = ()
    error: str = ""
    revision: int = 0

    @property
    def fraction(self) -> float | None:
        """How far it is, 0 to 1; None before the first step."""
        return self.step / self.total_steps if self.step and self.total_steps else None
