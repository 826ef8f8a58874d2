"""Image encoders of transformers: from a folder to a loaded one.

CLIP and the DINO family, by a closed table of kinds; a program that comes with a model is never run, and
pickled weights are read as numbers only.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from ..errors import ModelError
from .devices import DeviceChoice
from .foreign_programs import names_a_kernel
from .image_encoder import ImageEncoder, Tokenize
from .image_to_text import REFUSALS, short_reason
from .memory import is_memory_shortage
from .memory_advice import memory_shortage_told
from .model_files import IMAGE_ENCODER_FILES, refuse_incomplete
from .picture_input import PictureInput
from .transformers_weights import FolderWeights

__all__ = ["check_encoder_kind", "load_image_encoder"]

# By the `model_type` of config.json. All but CLIP give the class token's vector.
_CLASSES = {
    "clip": "CLIPModel",
    "clip_vision_model": "CLIPVisionModelWithProjection",
    "vit": "ViTModel",
    "dinov2": "Dinov2Model",
    "dinov2_with_registers": "Dinov2WithRegistersModel",
    "dinov3_vit": "DINOv3ViTModel",
}
_READS_TEXT = "clip"
# Not weights, or those of a part that sums a picture up, which isn't used here.
_NEEDLESS = re.compile(r"position_ids$|(^|\.)pooler\.|mask_token$")
_EXAMPLES = "openai/clip-vit-base-patch32 or facebook/dinov2-base"
_USUAL_SIDE = 224


def load_image_encoder(folder: Path, choice: DeviceChoice) -> ImageEncoder:
    """The encoder in `folder`, in evaluation mode on its device.

    Raises ModelError with the reason when it is none, or its files are broken, and MemoryShortageError
    when it doesn't fit.
    """
    refuse_incomplete(folder, IMAGE_ENCODER_FILES)
    doing = f"Loading the likeness model {folder.name} to {choice.device}"
    with memory_shortage_told(doing, choice.device, "choose a smaller one, such as facebook/dinov2-small"):
        try:
            content = _content(folder)
            side = int(_vision(content).get("image_size", _USUAL_SIDE))
            picture_input = PictureInput.of_folder(folder, side)
            model = _model(folder, content, choice.dtype).requires_grad_(False).eval().to(choice.device)
            return ImageEncoder(folder.name, model, picture_input, _tokenize(folder, content))
        except REFUSALS as error:
            if is_memory_shortage(error):
                raise
            raise _refused(folder, error) from error


def check_encoder_kind(folder: Path) -> None:
    """Raise ModelError when `folder/config.json` is of no encoder that can be used; needs no weights."""
    try:
        _model_class(folder, _content(folder))
    except REFUSALS as error:
        raise _refused(folder, error) from error


def _content(folder: Path) -> dict[str, Any]:
    content = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    if not isinstance(content, dict):
        raise ValueError("config.json holds no settings")
    if names_a_kernel(content):
        raise ModelError(
            f"The likeness model {folder.name} needs a program that comes with it, and such programs are"
            f" never run here. Choose another, such as {_EXAMPLES}."
        )
    return content


def _vision(content: dict[str, Any]) -> dict[str, Any]:
    """The settings of the part that sees."""
    vision = content.get("vision_config")
    return vision if isinstance(vision, dict) else content


def _model_class(folder: Path, content: dict[str, Any]) -> Any:
    import transformers

    kind = str(content.get("model_type", ""))
    if kind not in _CLASSES:
        raise ModelError(
            f"The likeness model {folder.name} is of the kind {kind!r}, which isn't known here as an image"
            f" encoder: {', '.join(_CLASSES)} are. Choose another, such as {_EXAMPLES}."
        )
    found = getattr(transformers, _CLASSES[kind], None)
    if found is None:
        raise ModelError(
            f"The likeness model {folder.name} needs a newer transformers than {transformers.__version__}."
            f" Update it, or choose another model, such as {_EXAMPLES}."
        )
    return found


def _model(folder: Path, content: dict[str, Any], dtype: torch.dtype) -> Any:
    """The model with its weights on the CPU; weights that the files lack are a ValueError."""
    model_class = _model_class(folder, content)
    config = model_class.config_class.from_pretrained(folder, local_files_only=True)
    weights = FolderWeights(
        folder=folder, kinds=IMAGE_ENCODER_FILES, purpose="likeness model", needless=_NEEDLESS
    )
    return weights.model(model_class, config, dtype)


def _tokenize(folder: Path, content: dict[str, Any]) -> Tokenize | None:
    """How CLIP reads words; None for encoders that don't, and for folders without the words' files."""
    has_words = any((folder / name).is_file() for name in ("tokenizer.json", "vocab.json"))
    if content.get("model_type") != _READS_TEXT or not has_words:
        return None
    from transformers import CLIPTokenizer

    tokenizer = CLIPTokenizer.from_pretrained(folder, local_files_only=True)
    places = int((content.get("text_config") or {}).get("max_position_embeddings", 77))

    def tokenize(texts: Sequence[str]) -> dict[str, torch.Tensor]:
        """`input_ids` and `attention_mask`, int64 `[texts, tokens]`; what is too long is cut off."""
        options = {"padding": True, "truncation": True, "max_length": places, "return_tensors": "pt"}
        return dict(tokenizer(list(texts), **options))

    return tokenize


def _refused(folder: Path, error: BaseException) -> ModelError:
    return ModelError(
        f"Loading the likeness model {folder} failed: {short_reason(error)}. Copy or download its files"
        " again, or choose another."
    )
