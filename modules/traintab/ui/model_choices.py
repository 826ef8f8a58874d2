"""The models that the picker offers, each with its family."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from ..errors import TrainTabError
from ..model_slot import ModelState
from ..studio import Studio
from .choices import model_names

if TYPE_CHECKING:
    from ..models.discovery import Checkpoint

__all__ = ["ModelChoices"]

_WORDS: Mapping[str, str] = MappingProxyType({"sd1": "SD1", "sd2": "SD2", "sdxl": "SDXL"})
_NO_MODEL = "can't be used"
# An old one has to be read whole before anything can be told of it.
_UNTOLD_SUFFIX = ".ckpt"


class ModelChoices:
    """Pairs of a label such as `dream.safetensors · SDXL` and the model's name.

    A family is read once, from a file's header or a folder's configs, and again when the file has changed.
    """

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._words: dict[tuple[Path, int], str] = {}

    def at_once(self) -> list[tuple[str, str]]:
        """The names as their labels: no file is opened, nothing heavy is imported."""
        return [(name, name) for name in model_names(self._studio)]

    def labelled(self) -> list[tuple[str, str]]:
        """The names with their families; files that hold no model are marked."""
        from ..models.discovery import find_checkpoints

        checkpoints = {checkpoint.name: checkpoint for checkpoint in find_checkpoints(self._studio.paths)}
        return [(self._label(name, checkpoints.get(name)), name) for name in model_names(self._studio)]

    def _label(self, name: str, checkpoint: Checkpoint | None) -> str:
        word = "" if checkpoint is None else self._word(checkpoint)
        word = word or self._word_of_loaded(name)
        return f"{name} · {word}" if word else name

    def _word_of_loaded(self, name: str) -> str:
        """The family of the model in memory, which its file may not tell at a glance."""
        status = self._studio.model_status
        if status.state is not ModelState.READY or status.spec != name:
            return ""
        return _WORDS.get(self._studio.model.family, "")

    def _word(self, checkpoint: Checkpoint) -> str:
        from ..models.facts import family_of

        path = checkpoint.path
        if checkpoint.kind == "demo":
            return "built in"
        if path is None or path.suffix.lower() == _UNTOLD_SUFFIX:
            return ""
        try:
            key = path, path.stat().st_mtime_ns
            if key not in self._words:
                self._words[key] = _WORDS[family_of(checkpoint)]
        except OSError:
            return ""
        except TrainTabError:
            self._words[key] = _NO_MODEL
        return self._words[key]
