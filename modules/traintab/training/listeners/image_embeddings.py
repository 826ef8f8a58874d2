"""`image_embeddings/<name>-<step>.png`: previews that are embeddings themselves."""

from __future__ import annotations

from collections.abc import Iterable

from PIL import Image

from ...embeddings.picture_card import make_card
from ..events import PreviewSaved, TrainingEvent
from ..record import RunRecord
from ..state import TrainingState

__all__ = ["ImageEmbeddings"]


class ImageEmbeddings:
    """Makes a card of each step's first preview, with the vectors that drew it."""

    def __init__(self, record: RunRecord) -> None:
        self._record = record

    def hear(self, event: TrainingEvent, state: TrainingState) -> Iterable[TrainingEvent]:
        """Write after each preview."""
        if isinstance(event, PreviewSaved) and event.number == 1:
            with Image.open(event.path) as image:
                card = make_card(image.convert("RGB"), self._record.embedding(state))
            self._record.folder.write(self._record.folder.card(event.step), card)
        return ()
