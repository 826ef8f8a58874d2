"""The selected model's tokenizer: its own when it is loaded, else the tokenizer's files alone."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from ..errors import TrainTabError
from ..model_slot import ModelState
from ..studio import Studio

if TYPE_CHECKING:
    from ..models.text_encoder import TextEncoder

__all__ = ["TokenizerAtHand"]


class TokenizerAtHand:
    """Gives the first text encoder; it may have a tokenizer and no weights. Any thread may ask."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._lock = threading.Lock()
        self._spec = ""
        self._read: TextEncoder | None = None

    def get(self) -> TextEncoder | None:
        """None where the model's files aren't on this machine, or can't be read."""
        status = self._studio.model_status
        if status.state is ModelState.READY:
            return self._studio.model.text_encoders[0]
        with self._lock:
            if status.spec != self._spec:
                self._spec, self._read = status.spec, self._from_files(status.spec)
            return self._read

    def _from_files(self, spec: str) -> TextEncoder | None:
        from ..models.discovery import resolve
        from ..models.tokenizers import load_tokenizers

        try:
            checkpoint = resolve(spec, self._studio.paths)
            return None if checkpoint.path is None else load_tokenizers(checkpoint)[0]
        except TrainTabError:
            return None  # choosing the model tells why
