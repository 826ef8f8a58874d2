"""What a run is to write, checked before anything loads."""

from __future__ import annotations

import dataclasses

from ..configs import TrainingConfig
from ..files import user_path
from .listeners.tensorboard import check_tensorboard
from .preview_prompts import preview_lines

__all__ = ["checked_outputs"]


def checked_outputs(config: TrainingConfig) -> TrainingConfig:
    """The settings with the preview prompts' file as a path that means the same from everywhere.

    Raises ConfigError for previews that can't be drawn as they are asked for, and for TensorBoard where it
    isn't installed.
    """
    preview_lines(config.preview)
    if config.outputs.tensorboard:
        check_tensorboard()
    file = config.preview.preview_prompts_file.strip()
    lasting = str(user_path(file).resolve()) if file else ""
    return dataclasses.replace(
        config, preview=dataclasses.replace(config.preview, preview_prompts_file=lasting)
    )
