"""What a single file tells without loading its weights."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from .families import Family, recognise, text_encoder_places
from .prediction_type import Prediction, declared_prediction
from .single_file_tensors import open_tensors

__all__ = ["FileFacts", "file_facts", "size_of"]

_SIDES: Mapping[Family, int] = MappingProxyType({"sd1": 512, "sd2": 768, "sdxl": 1024})
_SD2_BASE_SIDE = 512
_RESOLUTION_KEY = "modelspec.resolution"
_RESOLUTION = re.compile(r"(\d{2,4})(x\d{2,4})?")
_CELL = 8


@dataclass(frozen=True, kw_only=True)
class FileFacts:
    """`widths` of its text encoders in their order, `default_size` in pixels a side."""

    family: Family
    widths: tuple[int, ...]
    default_size: int


def file_facts(path: Path) -> FileFacts:
    """The facts of a checkpoint file, from its names and shapes; raises ModelError for another kind of file.

    An old `.ckpt` (before torch 1.6) has to be read whole for that.
    """
    with open_tensors(path) as stored:
        family = recognise(stored.shapes, path)
        declared = declared_prediction(path, stored.shapes, stored.metadata)
        tables = (stored.shapes[place.token_table] for place in text_encoder_places(family))
        return FileFacts(
            family=family,
            widths=tuple(shape[1] for shape in tables),
            default_size=size_of(family, stored.metadata, declared),
        )


def size_of(family: Family, metadata: Mapping[str, str], declared: Prediction | None) -> int:
    """The side in pixels of the pictures the model was trained on.

    The file's own word, else the family's usual one; SD2 models that predict epsilon were made for 512.
    """
    match = _RESOLUTION.fullmatch(metadata.get(_RESOLUTION_KEY, "").strip().lower())
    if match is not None and int(match[1]) % _CELL == 0:
        return max(int(match[1]), _CELL * _CELL)
    if family == "sd2" and declared is not None and declared.type == "epsilon":
        return _SD2_BASE_SIDE
    return _SIDES[family]
