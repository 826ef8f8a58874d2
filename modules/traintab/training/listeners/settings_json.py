"""`settings-*.json`: the settings under the web UI's names, for people and programs who know those."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime

from ..events import TrainingEvent, TrainingStarted
from ..record import RunRecord
from ..state import TrainingState

__all__ = ["SettingsJson"]


class SettingsJson:
    """Writes a settings file at every start of the run."""

    def __init__(self, record: RunRecord) -> None:
        self._record = record

    def hear(self, event: TrainingEvent, state: TrainingState) -> Iterable[TrainingEvent]:
        """Write at the start."""
        if isinstance(event, TrainingStarted):
            now = datetime.now()
            num_vectors = self._record.embedding(state).num_vectors
            settings = _settings(self._record, now, num_vectors)
            text = json.dumps(settings, indent=4, ensure_ascii=False)
            self._record.folder.write(self._record.folder.settings(now), text.encode("utf-8"))
        return ()


def _settings(record: RunRecord, now: datetime, num_vectors: int) -> dict[str, object]:
    """The web UI's keys, in its order, then those that it forgot."""
    config = record.config
    dataset, optimization, outputs = config.dataset, config.optimization, config.outputs
    return {
        "datetime": now.strftime("%Y-%m-%d %H:%M:%S"),
        "model_name": record.model_name,
        "model_hash": record.model_hash,
        "num_of_dataset_images": record.num_images,
        "num_vectors_per_token": num_vectors,
        "embedding_name": config.embedding_name,
        "learn_rate": optimization.learning_rate,
        "batch_size": optimization.batch_size,
        "gradient_step": optimization.gradient_accumulation_steps,
        "data_root": dataset.data_dir,
        "log_directory": str(record.folder.path),
        "training_width": dataset.width,
        "training_height": dataset.height,
        "steps": optimization.steps,
        "clip_grad_mode": optimization.clip_grad_mode,
        "clip_grad_value": optimization.clip_grad_value,
        "latent_sampling_method": dataset.latent_sampling_method,
        "create_image_every": config.preview.preview_every,
        "save_embedding_every": outputs.save_every,
        "save_image_with_stored_embedding": outputs.save_image_with_stored_embedding,
        "template_file": dataset.template,
        "initial_step": record.start_step,
        **_preview_settings(record),
        "shuffle_tags": dataset.shuffle_tags,
        "tag_drop_out": dataset.tag_drop_out,
        "seed": config.seed,
        "clip_skip": config.vectors.clip_skip,
        **({"more_embeddings": config.vectors.more_embeddings} if record.together else {}),
    }


def _preview_settings(record: RunRecord) -> dict[str, object]:
    """Present when previews have a prompt of their own, as in the web UI."""
    preview, dataset = record.config.preview, record.config.dataset
    if not preview.preview_prompt:
        return {}
    return {
        "preview_prompt": preview.preview_prompt,
        "preview_negative_prompt": preview.preview_negative_prompt,
        "preview_steps": preview.preview_steps,
        "preview_sampler_name": preview.preview_sampler,
        "preview_cfg_scale": preview.preview_guidance_scale,
        "preview_seed": preview.preview_seed,
        "preview_width": preview.preview_width or dataset.width,
        "preview_height": preview.preview_height or dataset.height,
    }
