"""Background models that are fetched by name: the files that rembg takes as well, without rembg."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..errors import ModelError
from ..files import kind_of, user_path
from ..models.fetching import fetch_model
from ..models.model_files import ModelFiles
from .captioners.captioner import CaptionerMeans

__all__ = ["KNOWN_MODELS", "KnownModel", "known_model_file"]

_BLOCK = 1 << 20


@dataclass(frozen=True, kw_only=True)
class KnownModel:
    """An .onnx file on the Hugging Face Hub, and the hash that tells it from any other."""

    repository: str
    file: str
    sha256: str

    def is_at(self, path: Path) -> bool:
        """Whether `path` is this file, whole and unchanged."""
        if kind_of(path) != "file":
            return False
        found = hashlib.sha256()
        try:
            with path.open("rb") as file:
                while block := file.read(_BLOCK):
                    found.update(block)
        except OSError:
            return False  # one that can't be read is of no use
        return found.hexdigest() == self.sha256


# By rembg's names for them, which many know.
KNOWN_MODELS = {
    "u2net": KnownModel(
        repository="tomjackson2023/rembg",
        file="u2net.onnx",
        sha256="8d10d2f3bb75ae3b6d527c77944fc5e7dcd94b29809d47a739a7a728a912b491",
    ),
    "u2netp": KnownModel(
        repository="tomjackson2023/rembg",
        file="u2netp.onnx",
        sha256="309c8469258dda742793dce0ebea8e6dd393174f89934733ecc8b14c76f4ddd8",
    ),
    "isnet-general-use": KnownModel(
        repository="tomjackson2023/rembg",
        file="isnet-general-use.onnx",
        sha256="60920e99c45464f2ba57bee2ad08c919a52bbf852739e96947fbb4358c0d964a",
    ),
    "isnet-anime": KnownModel(
        repository="skytnt/anime-seg",
        file="isnetis.onnx",
        sha256="f15622d853e8260172812b657053460e20806f04b9e05147d49af7bed31a6e99",
    ),
}


def known_model_file(name: str, means: CaptionerMeans) -> Path:
    """The file of a model in `KNOWN_MODELS`: where rembg keeps it, or fetched to `means.models_dir`.

    Raises ModelError when it can't be had or is another file, FetchInterrupted when the user asked to stop.
    """
    known = KNOWN_MODELS[name]
    for path in _places_of_rembg(name):
        if known.is_at(path):
            return path
    files = ModelFiles(setting="Background model", needed=(known.file,))
    folder = fetch_model(
        known.repository, files, means.models_dir, report=means.report, interrupted=means.interrupted
    )
    path = folder / known.file
    if not known.is_at(path):
        raise ModelError(
            f"The background model {path} is torn, or another file of that name. Delete it, and it is fetched"
            " again; or give the path of an .onnx file as background model."
        )
    return path


def _places_of_rembg(name: str) -> Iterator[Path]:
    """Where its newer and its older versions put the model."""
    old = os.environ.get("U2NET_HOME") or os.environ.get("XDG_DATA_HOME", "~") + "/.u2net"
    new = os.environ.get("U2NET_HOME") or os.environ.get("REMBG_HOME") or "~/.rembg"
    yield user_path(new) / "models" / name / f"{name}.onnx"
    yield user_path(old) / f"{name}.onnx"
