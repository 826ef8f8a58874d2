"""`images/<name>-<step>.png`, then `<name>-<step>-2.png`: what has been learned so far."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Mapping

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from ...configs import GenerationConfig
from ...embeddings.embedding import Embedding
from ...errors import StorageError, TrainTabError
from ..events import PreviewSaved, StepCompleted, TrainingEvent, TrainingNotice
from ..preview_prompts import preview_lines, preview_pictures
from ..record import RunRecord
from ..state import TrainingState

__all__ = ["Previews", "RenderPreview"]

RenderPreview = Callable[[GenerationConfig, Mapping[str, Embedding]], Image.Image | None]
"""Draws a picture with the embeddings given, without touching torch's global randomness.

None when the user has interrupted the training meanwhile.
"""


class Previews:
    """Draws every `preview_every` steps: the list's pictures, or one with the config's prompt or the last.

    Raises ConfigError where the list can't be read.
    """

    def __init__(self, record: RunRecord, render: RenderPreview) -> None:
        self._record = record
        self._render = render
        self._lines = preview_lines(record.config.preview)

    def hear(self, event: TrainingEvent, state: TrainingState) -> Iterable[TrainingEvent]:
        """Draw after the steps that are due."""
        every = self._record.config.preview.preview_every
        if every and isinstance(event, StepCompleted) and event.step % every == 0:
            yield from self.draw(state, event.prompt)

    def draw(self, state: TrainingState, last_prompt: str) -> Iterator[PreviewSaved | TrainingNotice]:
        """Draw the vectors as they are now. A preview that fails is told and changes nothing else.

        When the training is interrupted, those that aren't drawn yet are left out.
        """
        embeddings = {one.name: one for one in self._record.embeddings(state)}
        pictures = preview_pictures(self._record.config, self._lines, last_prompt)
        for number, config in enumerate(pictures, start=1):
            try:
                image = self._render(config, embeddings)
            except StorageError:
                raise
            except TrainTabError as error:
                which = f"Preview {number}" if len(pictures) > 1 else "The preview"
                yield TrainingNotice(
                    message=f"{which} of step {state.step} failed; training goes on. {error}"
                )
                continue
            if image is None:
                return
            path = self._record.folder.preview(state.step, number)
            self._record.folder.write(path, _png(image))
            yield PreviewSaved(step=state.step, path=path, prompt=config.prompt, number=number)


def _png(image: Image.Image) -> bytes:
    """The picture with its generation parameters, when it carries them, in the chunk that web UIs read."""
    chunks = PngInfo()
    parameters = image.info.get("parameters")
    if isinstance(parameters, str):
        chunks.add_itxt("parameters", parameters)
    stream = io.BytesIO()
    image.save(stream, "PNG", pnginfo=chunks)
    return stream.getvalue()
