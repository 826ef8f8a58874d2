"""Image-to-text models of transformers: from a folder to captions.

Any model that its `config.json` names by a class of transformers: a program that comes with a model is
never run, and pickled weights are read as numbers only.
"""

from __future__ import annotations

import inspect
import json
import math
import re
import zipfile
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import torch
from PIL import Image
from safetensors import SafetensorError

from ..errors import ModelError, WorkError
from .cut_captions import without_cut_sentences
from .devices import DeviceChoice
from .image_to_text_kinds import Asking, Kind, kind_for
from .memory import free_cached_memory, is_memory_shortage
from .memory_advice import memory_shortage_told
from .model_files import IMAGE_TO_TEXT_FILES, refuse_incomplete
from .pickled_checkpoint import PickleRefused, read_pickled
from .transformers_adapter import without_progress_bar

__all__ = ["Asking", "ImageToText", "check_kind", "load_image_to_text"]

_LONGEST_REASON = 200
_SMALLEST_SIDE = 16
_LONGEST_SHAPE = 8
_FLORENCE = "florence2"
# How transformers tells of a package that only some models need.
_PACKAGE_WANTED = re.compile(r"requires the (\w+) library|not found in your environment: (\w+)")
_EXAMPLES = "Salesforce/blip-image-captioning-large or florence-community/Florence-2-base"
_OF_TOKENIZERS = "token_type_ids"  # which some give to every model
_ENCODER_DECODER = "VisionEncoderDecoderModel"
# What transformers raises for a folder it can't make a model of, or a picture or text it can't take.
_REFUSALS = (
    OSError, ValueError, LookupError, TypeError, AttributeError, ImportError, RuntimeError, SafetensorError,
)  # fmt: skip


class ImageToText:
    """A loaded model, until it is closed."""

    def __init__(self, name: str, model: Any, kind: Kind) -> None:
        self.name = name
        self._model: Any = model
        self._kind = kind

    def check(self, asking: Asking) -> None:
        """Raise ModelError when the model can't be asked so; writes nothing."""
        try:
            inputs = self._kind.inputs([Image.new("RGB", (_SMALLEST_SIDE, _SMALLEST_SIDE))], asking.prompt)
        except _REFUSALS as error:
            raise ModelError(
                f"The caption model {self.name} can't take the prompt {asking.prompt!r}: {_reason(error)}."
                " Leave 'Caption prompt' empty, or look on the model's page for what it takes."
            ) from error
        ids, lengths = inputs.get("input_ids"), self._kind.lengths(asking)
        if ids is not None and ids.shape[1] >= lengths.get("max_length", ids.shape[1] + 1):
            raise ModelError(
                f"The caption prompt {asking.prompt!r} takes {ids.shape[1]} tokens of the"
                f" {asking.max_length} that a caption may have. Shorten it, or raise the max length."
            )

    def captions(self, images: Sequence[Image.Image], asking: Asking) -> list[str]:
        """One caption for each RGB picture, all worked on at once; the same ones every time.

        Raises WorkError when the model fails, and torch's own error when memory runs out.
        """
        try:
            inputs = self._kind.inputs([_seen(image) for image in images], asking.prompt)
            with torch.inference_mode():
                output = self._model.generate(
                    **self._on_device(inputs),
                    num_beams=asking.num_beams,
                    do_sample=False,
                    **self._kind.lengths(asking),
                )
            captions = self._kind.captions(output, inputs, asking.prompt)
            lengths = self._kind.lengths(asking)
            return without_cut_sentences(captions, output, lengths, self._kind.processor.tokenizer)
        except _REFUSALS as error:
            if is_memory_shortage(error):
                raise
            raise WorkError(
                f"Captioning pictures by {self.name} failed: {_reason(error)}. Choose another caption model,"
                " or none."
            ) from error

    def _on_device(self, inputs: dict[str, Any]) -> dict[str, Any]:
        """Pictures in the model's number format, token ids as they are; none that the model doesn't take."""
        unknown = {_OF_TOKENIZERS} - set(inspect.signature(self._model.forward).parameters)
        device, dtype = self._model.device, self._model.dtype
        return {
            key: value.to(device, dtype) if torch.is_floating_point(value) else value.to(device)
            for key, value in inputs.items()
            if isinstance(value, torch.Tensor) and key not in unknown
        }

    def close(self) -> None:
        """Give the memory back."""
        self._model = None
        free_cached_memory()


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
            model = _model(folder, config, choice.dtype)
        except _REFUSALS as error:
            if is_memory_shortage(error):
                raise
            raise _refused(folder, error) from error
        return ImageToText(folder.name, model.requires_grad_(False).eval().to(choice.device), kind)


def check_kind(folder: Path) -> None:
    """Raise ModelError when `folder/config.json` is of no model that can be used; needs no weights."""
    try:
        _model_class(folder, _config(folder))
    except _REFUSALS as error:
        raise _refused(folder, error) from error


def _config(folder: Path) -> Any:
    """The model's configuration; ModelError for a kind that this transformers doesn't know."""
    import transformers

    content = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    kind, has_program = str(content.get("model_type", "")), "auto_map" in content
    # The original Florence-2 has the kind's name and another layout.
    if has_program and (kind == _FLORENCE or kind not in transformers.CONFIG_MAPPING):
        raise ModelError(
            f"The caption model {folder.name} needs a program that comes with it, and such programs are never"
            f" run here. Choose a model that transformers knows, such as {_EXAMPLES}."
        )
    if kind not in transformers.CONFIG_MAPPING:
        raise ModelError(
            f"The caption model {folder.name} is of the kind {kind!r}, which transformers"
            f" {transformers.__version__} doesn't know. A newer one may; or choose another model, such as"
            f" {_EXAMPLES}."
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
    files = IMAGE_TO_TEXT_FILES.chosen_weights(path.name for path in folder.iterdir())
    model_class = _model_class(folder, config)
    options: dict[str, Any] = {"torch_dtype": dtype, "output_loading_info": True}
    with without_progress_bar():
        if files[0].endswith(".safetensors"):
            model, info = model_class.from_pretrained(
                folder, config=config, use_safetensors=True, local_files_only=True, **options
            )
        else:
            # Old versions of transformers would run what a pickle asks for, and web UIs replace torch.load.
            weights = _pickled(folder, files)
            model, info = model_class.from_pretrained(None, config=config, state_dict=weights, **options)
            _take_generation_config(model, folder)
    missing = sorted(name for name in info["missing_keys"] if not name.endswith("position_ids"))
    if missing:
        raise ValueError(f"the files lack {len(missing)} weights, {missing[0]} first")
    return model


def _pickled(folder: Path, files: Sequence[str]) -> dict[str, torch.Tensor]:
    weights: dict[str, torch.Tensor] = {}
    for file in files:
        path = folder / file
        try:
            weights.update(read_pickled(path, is_zip=zipfile.is_zipfile(path)))
        except PickleRefused as error:
            raise ModelError(f"The caption model's file {path} was refused: {error}.") from error
    return weights


def _take_generation_config(model: Any, folder: Path) -> None:
    """How the model's makers want words searched, which is read along with a folder only."""
    from transformers import GenerationConfig

    if (folder / "generation_config.json").is_file():
        model.generation_config = GenerationConfig.from_pretrained(folder, local_files_only=True)


def _refused(folder: Path, error: BaseException) -> ModelError:
    wanted = _PACKAGE_WANTED.search(str(error)) if isinstance(error, ImportError) else None
    if wanted:
        package = (wanted[1] or wanted[2]).lower()
        fitting = ", in the build that fits torch" if package == "torchvision" else ""
        return ModelError(
            f"The caption model {folder.name} needs the package {package}, which isn't installed. Install it"
            f" (`pip install {package}`{fitting}), or choose another model, such as {_EXAMPLES}."
        )
    return ModelError(
        f"Loading the caption model {folder} failed: {_reason(error)}. Copy or download its files again, or"
        " choose another."
    )


def _reason(error: BaseException) -> str:
    return " ".join(str(error).split())[:_LONGEST_REASON] or type(error).__name__


def _seen(image: Image.Image) -> Image.Image:
    """`image`, stretched where a side is of few pixels or many times the other.

    The libraries take three pixels for three colours, and enlarge a thread of 5000 x 1 to gigabytes.
    """
    shortest = max(_SMALLEST_SIDE, math.ceil(max(image.size) / _LONGEST_SHAPE))
    if min(image.size) >= shortest:
        return image
    return image.resize((max(image.width, shortest), max(image.height, shortest)))
