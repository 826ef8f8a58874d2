"""`images/<name>-<step>.png`: what has been learned so far."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from ...configs import GenerationConfig
from ...embeddings.embedding import Embedding
from ...errors import StorageError, TrainTabError
from ..events import PreviewSaved, StepCompleted, TrainingEvent, TrainingNotice
from ..record import RunRecord
from ..state import TrainingState

__all__ = ["Previews", "RenderPreview"]

RenderPreview = Callable[[GenerationConfig, Mapping[str, Embedding]], Image.Image]
"""Draws a picture with the embeddings given, without touching torch's global randomness."""


class Previews:
    """Draws a picture every `preview_every` steps, with the config's prompt or the one just trained on."""

    def __init__(self, record: RunRecord, render: RenderPreview) -> None:
        self._record = record
        self._render = render

    def hear(self, event: TrainingEvent, state: TrainingState) -> Iterable[TrainingEvent]:
        """Draw after the steps that are due. A preview that fails is told and changes nothing else."""
        if not isinstance(event, StepCompleted) or event.step % self._record.config.preview.preview_every:
            return
        embedding = self._record.embedding(state)
        config = self._config(event.prompt)
        try:
            image = self._render(config, {embedding.name: embedding})
        except StorageError:
            raise
        except TrainTabError as error:
            yield TrainingNotice(
                message=f"The preview of step {event.step} failed; training goes on. {error}"
            )
            return
        path = self._record.folder.preview(event.step)
        self._record.folder.write(path, _png(image))
        yield PreviewSaved(step=event.step, path=path, prompt=config.prompt)

    def _config(self, last_prompt: str) -> GenerationConfig:
        preview, dataset = self._record.config.preview, self._record.config.dataset
        wanted = preview.preview_prompt.replace("[name]", self._record.config.embedding_name)
        return GenerationConfig(
            prompt=wanted or last_prompt,
            negative_prompt=preview.preview_negative_prompt,
            num_inference_steps=preview.preview_steps,
            guidance_scale=preview.preview_guidance_scale,
            seed=preview.preview_seed,
            sampler=preview.preview_sampler,
            width=dataset.width,
            height=dataset.height,
        )


def _png(image: Image.Image) -> bytes:
    """The picture with its generation parameters, when it carries them, in the chunk that web UIs read."""
    chunks = PngInfo()
    parameters = image.info.get("parameters")
    if isinstance(parameters, str):
        chunks.add_itxt("parameters", parameters)
    stream = io.BytesIO()
    image.save(stream, "PNG", pnginfo=chunks)
    return stream.getvalue()
