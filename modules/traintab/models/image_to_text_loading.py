"""Image-to-text models of transformers: from a folder to a loaded one.

Any model that its `config.json` names by a class of transformers: a program that comes with a model is
never run, and pickled weights are read as numbers only.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import torch

from ..errors import ModelError
from .devices import DeviceChoice
from .foreign_programs import names_a_kernel
from .image_to_text import REFUSALS, ImageToText, short_reason
from .image_to_text_kinds import kind_for
from .memory import is_memory_shortage
from .memory_advice import memory_shortage_told
from .model_files import IMAGE_TO_TEXT_FILES, refuse_incomplete
from .transformers_weights import FolderWeights

__all__ = ["check_kind", "load_image_to_text"]

_FLORENCE = "florence2"
_ENCODER_DECODER = "VisionEncoderDecoderModel"
# How transformers tells of a package that only some models need.
_PACKAGE_WANTED = re.compile(
    r"requires the (\w+) library|not found in your environment: (\w+)|requires (\w+): `pip install"
)
# How transformers asks to run a folder's program.
_PROGRAM_WANTED = "trust_remote_code"
# Not weights, or those of a part that sums a picture up, which writing doesn't use and many files leave out.
_NEEDLESS = re.compile(r"position_ids$|(^|\.)pooler\.")
# One of them says how a picture becomes numbers; models of words alone have neither.
_PICTURE_FILES = ("preprocessor_config.json", "processor_config.json")
_EXAMPLES = "Salesforce/blip-image-captioning-large or florence-community/Florence-2-base"


def load_image_to_text(folder: Path, choice: DeviceChoice) -> ImageToText:
    """The model in `folder`, in evaluation mode on its device.

    Raises ModelError with the reason when it is none that writes about pictures, or its files are broken,
    and MemoryShortageError when it doesn't fit.
    """
    refuse_incomplete(folder, IMAGE_TO_TEXT_FILES)
    doing = f"Loading the caption model {folder.name} to {choice.device}"
    advice = "choose a smaller model, such as Salesforce/blip-image-captioning-base"
    with memory_shortage_told(doing, choice.device, advice):
        try:
            config = _config(folder)
            processor = _processor(folder)
            kind = kind_for(str(config.model_type), processor, folder.name)
            model = _model(folder, config, choice.dtype).requires_grad_(False).eval().to(choice.device)
        except REFUSALS as error:
            if is_memory_shortage(error):
                raise
            raise _refused(folder, error) from error
        return ImageToText(folder.name, model, kind)


def check_kind(folder: Path) -> None:
    """Raise ModelError when `folder/config.json` is of no model that can be used; needs no weights."""
    try:
        _model_class(folder, _config(folder))
    except REFUSALS as error:
        raise _refused(folder, error) from error


def _config(folder: Path) -> Any:
    """The model's configuration; ModelError for a kind that this transformers doesn't know."""
    import transformers

    content = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    kind, has_program = str(content.get("model_type", "")), "auto_map" in content
    # The original Florence-2 has the kind's name and another layout.
    if has_program and (kind == _FLORENCE or kind not in transformers.CONFIG_MAPPING):
        raise _program_refused(folder)
    if names_a_kernel(content):
        raise _program_refused(folder)
    if kind not in transformers.CONFIG_MAPPING:
        raise ModelError(
            f"The caption model {folder.name} is of the kind {kind!r}, which transformers"
            f" {transformers.__version__} doesn't know. A newer one may; or choose another model, such as"
            f" {_EXAMPLES}."
        )
    if not any((folder / name).is_file() for name in _PICTURE_FILES):
        raise ModelError(
            f"The caption model {folder.name} takes no pictures, or lacks files: it has neither"
            f" {' nor '.join(_PICTURE_FILES)}. Choose another, such as {_EXAMPLES}."
        )
    return transformers.AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False)


def _processor(folder: Path) -> Any:
    """What has `image_processor` and `tokenizer`: the model's own, or the two that lie in its folder."""
    from transformers import AutoImageProcessor, AutoProcessor, AutoTokenizer

    options = {"local_files_only": True, "trust_remote_code": False}
    try:
        processor = AutoProcessor.from_pretrained(folder, **options)
    except (ValueError, KeyError, OSError):
        processor = None
    if hasattr(processor, "image_processor") and hasattr(processor, "tokenizer"):
        return processor
    return SimpleNamespace(
        image_processor=AutoImageProcessor.from_pretrained(folder, **options),
        tokenizer=AutoTokenizer.from_pretrained(folder, **options),
    )


def _model_class(folder: Path, config: Any) -> Any:
    """The class that the configuration names, if it is one of transformers' own that writes text."""
    import transformers

    name = str((getattr(config, "architectures", None) or [""])[0])
    model_class = getattr(transformers, name, None)
    known = isinstance(model_class, type) and issubclass(model_class, transformers.PreTrainedModel)
    # Old versions give every model a `generate`: there the name tells.
    writes = hasattr(model_class, "generate") and (not name.endswith("Model") or name == _ENCODER_DECODER)
    if not known or not writes:
        raise ModelError(
            f"The caption model {folder.name} is a {name or config.model_type}, which transformers"
            f" {transformers.__version__} has no program for that writes captions. Choose another, such as"
            f" {_EXAMPLES}."
        )
    return model_class


def _model(folder: Path, config: Any, dtype: torch.dtype) -> Any:
    """The model with its weights on the CPU; weights that the files lack are a ValueError."""
    weights = FolderWeights(
        folder=folder, kinds=IMAGE_TO_TEXT_FILES, purpose="caption model", needless=_NEEDLESS
    )
    model = weights.model(_model_class(folder, config), config, dtype)
    if weights.are_pickled:
        _take_generation_config(model, folder)
    return model


def _take_generation_config(model: Any, folder: Path) -> None:
    """How the model's makers want words searched, which is read along with a folder only."""
    from transformers import GenerationConfig

    if (folder / "generation_config.json").is_file():
        model.generation_config = GenerationConfig.from_pretrained(folder, local_files_only=True)


def _refused(folder: Path, error: BaseException) -> ModelError:
    wanted = _PACKAGE_WANTED.search(str(error)) if isinstance(error, ImportError) else None
    if wanted:
        package = next(name for name in wanted.groups() if name).lower()
        fitting = ", in the build that fits torch" if package == "torchvision" else ""
        return ModelError(
            f"The caption model {folder.name} needs the package {package}, which isn't installed. Install it"
            f" (`pip install {package}`{fitting}), or choose another model, such as {_EXAMPLES}."
        )
    if _PROGRAM_WANTED in str(error):
        return _program_refused(folder)
    return ModelError(
        f"Loading the caption model {folder} failed: {short_reason(error)}. Copy or download its files"
        " again, or choose another."
    )


def _program_refused(folder: Path) -> ModelError:
    return ModelError(
        f"The caption model {folder.name} needs a program that comes with it, and such programs are never"
        f" run here. Choose a model that transformers knows, such as {_EXAMPLES}."
    )
