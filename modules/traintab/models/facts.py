"""What a checkpoint tells without loading its weights, by its configuration files or its tensors' shapes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ..errors import ModelError
from ..paths import Paths
from .discovery import Checkpoint, resolve
from .families import Family

__all__ = [
    "default_guidance_scale_of",
    "default_size_of",
    "family_of",
    "is_sdxl",
    "size_of_model",
    "widths_of",
]

_GUIDANCE_SCALE = 7.0
_GENERATION_FILE = "generation_config.json"
_SDXL_PIPELINES = "StableDiffusionXL"


def default_size_of(checkpoint: Checkpoint) -> int:
    """The side in pixels of the pictures the model was trained on; raises ModelError."""
    if checkpoint.kind == "file" and checkpoint.path is not None:
        from .file_facts import file_facts

        return file_facts(checkpoint.path).default_size
    cells = _setting(checkpoint, "unet/config.json", "sample_size")
    blocks = _setting(checkpoint, "vae/config.json", "block_out_channels")
    side = cells[0] if isinstance(cells, list) else cells
    return int(side) * int(2 ** (len(blocks) - 1))


def size_of_model(spec: str, paths: Paths) -> int:
    """The same of a model as the user named it, read from its configuration alone."""
    return default_size_of(resolve(spec, paths))


def default_guidance_scale_of(checkpoint: Checkpoint) -> float:
    """The guidance scale that a model folder asks for in its `generation_config.json`, else 7.

    Raises ModelError when the file is there and doesn't say a number from 1 to 30.
    """
    is_folder = checkpoint.path is not None and checkpoint.kind != "file"
    if checkpoint.path is None or not is_folder or not (checkpoint.path / _GENERATION_FILE).is_file():
        return _GUIDANCE_SCALE
    scale = _setting(checkpoint, _GENERATION_FILE, "guidance_scale")
    if isinstance(scale, bool) or not isinstance(scale, (int, float)) or not 1 <= scale <= 30:
        raise ModelError(
            f"The guidance_scale in {checkpoint.path / _GENERATION_FILE} is {scale!r}; expected a number from"
            " 1 to 30. Correct it, or delete the file."
        )
    return float(scale)


def widths_of(checkpoint: Checkpoint) -> dict[str, int]:
    """The width of each text encoder by its name, as `Model.widths` gives it; raises ModelError."""
    from .text_encoder import encoder_names

    if checkpoint.kind == "file" and checkpoint.path is not None:
        from .file_facts import file_facts

        in_file = file_facts(checkpoint.path).widths
        return dict(zip(encoder_names(in_file), in_file, strict=True))
    widths = [int(_setting(checkpoint, "text_encoder/config.json", "hidden_size"))]
    if is_sdxl(checkpoint):
        widths.append(int(_setting(checkpoint, "text_encoder_2/config.json", "hidden_size")))
    return dict(zip(encoder_names(widths), widths, strict=True))


def is_sdxl(checkpoint: Checkpoint) -> bool:
    """Whether a model has SDXL's two text encoders; raises ModelError."""
    if checkpoint.kind == "file":
        return family_of(checkpoint) == "sdxl"
    return str(_setting(checkpoint, "model_index.json", "_class_name")).startswith(_SDXL_PIPELINES)


def family_of(checkpoint: Checkpoint) -> Family:
    """Which Stable Diffusion it is; raises ModelError when it is none, with what a file is instead."""
    if checkpoint.kind == "file" and checkpoint.path is not None:
        from .file_facts import file_facts

        return file_facts(checkpoint.path).family
    widths = widths_of(checkpoint)
    if len(widths) > 1:
        return "sdxl"
    return "sd2" if "clip_h" in widths else "sd1"


def _setting(checkpoint: Checkpoint, file: str, key: str) -> Any:
    path = _local(checkpoint, file)
    try:
        return json.loads(path.read_text(encoding="utf-8"))[key]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(
            f"Reading {key} of the model {checkpoint.name} from {path} failed: {type(error).__name__}."
            " Copy or download the model again, or choose another with --model."
        ) from error


def _local(checkpoint: Checkpoint, file: str) -> Path:
    """The file in the model's folder, or in the hub's cache after a download."""
    if checkpoint.path is not None:
        return checkpoint.path / file
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import HfHubHTTPError

    try:
        return Path(hf_hub_download(checkpoint.name, file))
    except (HfHubHTTPError, OSError, ValueError) as error:
        raise ModelError(
            f"Downloading {file} of {checkpoint.name} failed: {error}. Check the name and the connection."
        ) from error
