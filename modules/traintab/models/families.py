"""Which Stable Diffusion a single file is, by its tensors' names and shapes, never by the file's name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from ..errors import ModelError
from .foreign_files import foreign_kind

__all__ = [
    "FAMILY_NAMES",
    "UNET_PREFIX",
    "Family",
    "Shapes",
    "TextEncoderPlace",
    "recognise",
    "text_encoder_places",
]

Family = Literal["sd1", "sd2", "sdxl"]
Shapes = Mapping[str, tuple[int, ...]]

FAMILY_NAMES: Mapping[Family, str] = MappingProxyType(
    {"sd1": "Stable Diffusion 1", "sd2": "Stable Diffusion 2", "sdxl": "Stable Diffusion XL"}
)

UNET_PREFIX = "model.diffusion_model."
_FIRST_CONVOLUTION = f"{UNET_PREFIX}input_blocks.0.0.weight"
_CONTEXT_WEIGHT = "attn2.to_k.weight"
_REFINER_WIDTH = 1280
_FAMILIES: Mapping[int, Family] = MappingProxyType({768: "sd1", 1024: "sd2", 2048: "sdxl"})
# What a UNet's first convolution takes: the latents, and with 9 channels also a mask and a masked picture.
_READABLE_CHANNELS = (4, 9)
_OTHER_CHANNELS = MappingProxyType(
    {5: "a depth-to-image model", 7: "the x4 upscaler", 8: "an InstructPix2Pix or similar model"}
)
_EXPECTED = "expected a whole Stable Diffusion 1, 2 or XL checkpoint; choose another file"


@dataclass(frozen=True, kw_only=True)
class TextEncoderPlace:
    """Where a text encoder's tensors are: in `layout`, below `prefix`; `config` names its config folder."""

    config: Literal["text_encoder", "text_encoder_2"]
    layout: Literal["transformers", "open_clip"]
    prefix: str

    @property
    def token_table(self) -> str:
        """The tensor `[vocabulary, width]`."""
        inner = (
            "text_model.embeddings.token_embedding" if self.layout == "transformers" else "token_embedding"
        )
        return f"{self.prefix}{inner}.weight"


_SD1 = TextEncoderPlace(config="text_encoder", layout="transformers", prefix="cond_stage_model.transformer.")
_SD2 = TextEncoderPlace(config="text_encoder", layout="open_clip", prefix="cond_stage_model.model.")
_SDXL = (
    TextEncoderPlace(
        config="text_encoder", layout="transformers", prefix="conditioner.embedders.0.transformer."
    ),
    TextEncoderPlace(config="text_encoder_2", layout="open_clip", prefix="conditioner.embedders.1.model."),
)
_PLACES: Mapping[Family, tuple[TextEncoderPlace, ...]] = MappingProxyType(
    {"sd1": (_SD1,), "sd2": (_SD2,), "sdxl": _SDXL}
)


def text_encoder_places(family: Family) -> tuple[TextEncoderPlace, ...]:
    """Where a single file of this family holds its text encoders, in the order of the model's."""
    return _PLACES[family]


def recognise(shapes: Shapes, path: Path) -> Family:
    """The family of the file at `path` whose tensors have these shapes.

    Raises ModelError with what the file is instead: a LoRA, a VAE, a refiner, Flux and so on.
    """
    kind = foreign_kind(shapes)
    if kind:
        raise ModelError(f"The file {path} can't be loaded as a model: it is {kind}; {_EXPECTED}.")
    channels = shapes.get(_FIRST_CONVOLUTION, ())[1:2]
    width = _context_width(shapes)
    if not channels or width is None:
        kind = foreign_kind(shapes, parts=True) or "of no kind this program knows"
        raise ModelError(f"The file {path} can't be loaded as a model: it is {kind}; {_EXPECTED}.")
    if width == _REFINER_WIDTH:
        raise ModelError(
            f"The file {path} can't be loaded as a model: it is the SDXL refiner, which only finishes"
            " pictures; choose the SDXL base model."
        )
    if channels[0] not in _READABLE_CHANNELS or width not in _FAMILIES:
        kind = _OTHER_CHANNELS.get(
            channels[0], f"a UNet of {channels[0]} channels told by vectors of width {width}"
        )
        raise ModelError(f"The file {path} can't be loaded as a model: it is {kind}; {_EXPECTED}.")
    family = _FAMILIES[width]
    _check_text_encoders(shapes, family, path)
    return family


def _context_width(shapes: Shapes) -> int | None:
    """The width of what the UNet's cross attention reads; None without any."""
    for name, shape in shapes.items():
        if name.startswith(UNET_PREFIX) and name.endswith(_CONTEXT_WEIGHT) and len(shape) == 2:
            return shape[1]
    return None


def _check_text_encoders(shapes: Shapes, family: Family, path: Path) -> None:
    for place in text_encoder_places(family):
        if len(shapes.get(place.token_table, ())) != 2:
            raise ModelError(
                f"The file {path} can't be loaded as a model: its UNet is of the family {family}, but the"
                f" text encoder at {place.prefix} is missing; {_EXPECTED}."
            )
