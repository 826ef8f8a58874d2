"""What a run is to write, checked before anything loads."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from ..configs import TrainingConfig, replace_fields
from ..embeddings.formats.untrusted import MAX_COMMENT
from ..errors import ConfigError
from ..files import user_path
from .listeners.tensorboard import check_tensorboard
from .preview_prompts import preview_lines

__all__ = ["checked_outputs"]

_PREVIEWS = ("preview_prompts", "preview_prompts_file")
_OFF: Mapping[str, Any] = MappingProxyType(
    {**dict.fromkeys((*_PREVIEWS, "comment"), ""), "tensorboard": False}
)


def checked_outputs(config: TrainingConfig, *, is_resumed: bool = False) -> tuple[TrainingConfig, str]:
    """The settings, with the preview prompts' file as a path that means the same from everywhere.

    Raises ConfigError for previews that can't be drawn as they are asked for, for a comment that is too long
    for the file, and for TensorBoard where it isn't installed. A resumed run goes on without these, because
    nothing that is learned hangs on them: then there is a sentence about it.
    """
    problems = list(_problems(config))
    if problems and not is_resumed:
        raise ConfigError("\n".join(map(str, problems)), field=problems[0].field)
    config = replace_fields(config, {error.field: _OFF[error.field] for error in problems})
    file = config.preview.preview_prompts_file.strip()
    preview = dataclasses.replace(
        config.preview, preview_prompts_file=str(user_path(file).resolve()) if file else ""
    )
    told = f"The run goes on without it. {' '.join(map(str, problems))}" if problems else ""
    return dataclasses.replace(config, preview=preview), told


def _problems(config: TrainingConfig) -> Iterator[ConfigError]:
    """One for each setting that can't be honoured; its `field` is the setting."""
    for field in _PREVIEWS:
        others = {name: "" for name in _PREVIEWS if name != field}
        try:
            preview_lines(replace_fields(config.preview, others))
        except ConfigError as error:
            yield ConfigError(str(error), field=field)
    length = len(config.outputs.comment.strip())
    if length > MAX_COMMENT:
        yield ConfigError(
            f"Comment has {length:,} characters, and an embedding's file takes {MAX_COMMENT:,}; shorten it.",
            field="comment",
        )
    if config.outputs.tensorboard:
        try:
            check_tensorboard()
        except ConfigError as error:
            yield error
