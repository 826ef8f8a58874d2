"""What becomes of the background behind a picture's subject."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from PIL import Image, ImageChops

from ..configs import BackgroundConfig
from ..errors import ModelError
from ..files import kind_of, user_path
from ..models.onnx_sessions import check_onnx_runtime
from .background_files import KNOWN_MODELS, known_model_file
from .background_models import OnnxBackground
from .background_rembg import RembgBackground, check_rembg
from .captioners.captioner import CaptionerMeans
from .transparency import without_transparency

__all__ = [
    "BackgroundRemover",
    "WithoutBackground",
    "check_background",
    "load_background_remover",
    "without_background",
]

_FILE_SUFFIX = ".onnx"
# Lighter than this somewhere, or the model has found nothing.
_SUBJECT = 128


class BackgroundRemover(Protocol):
    """RGB to an "L" mask of the same size, 255 where the subject is; any thread may call it."""

    def __call__(self, image: Image.Image) -> Image.Image:
        """Raises MemoryShortageError or WorkError when the model can't be run."""

    def close(self) -> None:
        """Give the model's memory back."""


@dataclass(frozen=True, kw_only=True)
class WithoutBackground:
    """A picture after its background was removed; `notes` are sentences worth reading.

    `image` is RGB, or RGBA where the background is to be transparent; `mask` is "L" of the same size, or
    None.
    """

    image: Image.Image
    mask: Image.Image | None
    notes: tuple[str, ...] = ()


def check_background(config: BackgroundConfig) -> None:
    """Raise InputError when a package or a file that `config` needs is missing; loads nothing."""
    if config.background == "keep":
        return
    check_onnx_runtime("Removing backgrounds")
    path, name = _model_path(config), config.background_model.strip()
    if path is None and name not in KNOWN_MODELS:
        check_rembg(name)
    if path is not None and kind_of(path) != "file":
        raise ModelError(f"There is no background model {path}; check the path.")


def load_background_remover(config: BackgroundConfig, means: CaptionerMeans) -> BackgroundRemover | None:
    """What finds the subject, None where backgrounds are kept.

    Raises InputError when the model can't be had or used, FetchInterrupted when the user asked to stop.
    """
    if config.background == "keep":
        return None
    check_background(config)
    path, name = _model_path(config), config.background_model.strip()
    if path is None and name not in KNOWN_MODELS:
        return RembgBackground(name, means)
    return OnnxBackground(path or known_model_file(name, means), means.device)


def without_background(
    image: Image.Image, mask: Image.Image | None, remover: BackgroundRemover, config: BackgroundConfig
) -> WithoutBackground:
    """A picture, RGB or RGBA, with its background as `config` asks for.

    `mask` is the picture's own mask, "L" of any size, which is kept: with `mask` both must hold. It comes
    before all cuts, so that the model sees the whole picture and the mask is cut like it. A picture in which
    the model finds nothing is left as it is, and that is said: nothing but background trains nothing.
    """
    subject = remover(without_transparency(image, "white"))
    if not subject.point(lambda value: value >= _SUBJECT).getbbox():
        note = "The background model found no subject, so the background was kept."
        return WithoutBackground(image=image, mask=mask, notes=(note,))
    if image.mode == "RGBA":
        subject = ImageChops.darker(subject, image.getchannel("A"))
    if config.background == "mask":
        return WithoutBackground(image=image, mask=_both(subject, mask))
    if config.background == "transparent":
        image = image.convert("RGB")
        image.putalpha(subject)
        return WithoutBackground(image=image, mask=mask)
    fill = Image.new("RGB", image.size, config.background_color)
    filled = Image.composite(image.convert("RGB"), fill, subject)
    return WithoutBackground(image=filled, mask=mask)


def _both(subject: Image.Image, mask: Image.Image | None) -> Image.Image:
    return subject if mask is None else ImageChops.darker(subject, mask.convert("L").resize(subject.size))


def _model_path(config: BackgroundConfig) -> Path | None:
    """The .onnx file, or the one of a folder; None where a name stands."""
    text = config.background_model.strip()
    path = user_path(text)
    if text.lower().endswith(_FILE_SUFFIX):
        return path
    found = sorted(path.glob(f"*{_FILE_SUFFIX}")) if text and kind_of(path) == "folder" else []
    if len(found) > 1:
        raise ModelError(
            f"The folder {path} holds {len(found)} background models; give the path of one, such as"
            f" {found[0]}."
        )
    return found[0] if found else None
