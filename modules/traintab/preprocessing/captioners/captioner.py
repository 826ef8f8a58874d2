"""What a captioner is, and what the program gives one to work with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from PIL import Image

__all__ = ["Captioner", "CaptionerMeans"]


class Captioner(Protocol):
    """Pictures to captions, some at a time; holds its model until it is closed."""

    name: str

    def captions(self, images: Sequence[Image.Image]) -> list[str]:
        """One caption for each RGB picture of any size, in order; "" where it has nothing to say.

        Raises MemoryShortageError when not even one picture fits.
        """

    def close(self) -> None:
        """Give the model's memory back; afterwards it captions no more. Closing twice does no harm."""


@dataclass(frozen=True, kw_only=True)
class CaptionerMeans:
    """What the program gives a captioner.

    Fetched models are kept in `models_dir`, a folder each; `device` is a torch name such as `cpu` or
    `cuda`. `report` takes a sentence of progress ("Fetching model.onnx of …: 120 of 379 MB."), and
    `interrupted` tells whether the user asked to stop: then fetching raises FetchInterrupted, and a later
    run goes on where it was.
    """

    models_dir: Path
    device: str
    report: Callable[[str], None]
    interrupted: Callable[[], bool]
