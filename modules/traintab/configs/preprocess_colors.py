"""What *Preprocess images* does to colours and backgrounds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..errors import ConfigError
from .colors import not_a_color
from .option import option, options_of

__all__ = ["BackgroundConfig", "ColorsConfig"]


@dataclass(frozen=True, kw_only=True)
class ColorsConfig:
    """Transparency, contrast, brightness and copies without colour."""

    transparency_color: str = option(
        "white",
        "Colour of transparent parts",
        "A name such as white, or a code such as #808080.",
        elem_id="preprocess_transparency_color",
    )
    keep_transparency: bool = option(
        False,
        "Keep transparency",
        "Write PNG or WebP with an alpha channel, which training can take as a loss mask.",
        elem_id="preprocess_keep_transparency",
    )
    contrast: float = option(
        1.0,
        "Contrast",
        "1 leaves it; 1.1 to 1.3 helps faded scans, more loses what is nearly black or white.",
        minimum=0.0,
        maximum=3.0,
        step=0.05,
        elem_id="preprocess_contrast",
    )
    brightness: float = option(
        1.0,
        "Brightness",
        "1 leaves it; 1.1 to 1.3 lightens dark photos, more turns light parts white.",
        minimum=0.0,
        maximum=3.0,
        step=0.05,
        elem_id="preprocess_brightness",
    )
    grayscale_copies: bool = option(
        False,
        "Create grayscale copies",
        "Each picture without colours as well: the embedding learns shapes more than colours.",
        elem_id="preprocess_grayscale_copies",
    )

    def contradictions(self) -> Iterator[ConfigError]:
        """A colour that is none."""
        yield from not_a_color(options_of(ColorsConfig)["transparency_color"], self.transparency_color)


@dataclass(frozen=True, kw_only=True)
class BackgroundConfig:
    """What becomes of the background behind the subject."""

    background: str = option(
        "keep",
        "Background",
        "color: filled with the colour below; transparent: an alpha channel; mask: a NAME-masklabel.png"
        " beside the picture, which training can take as a loss mask.",
        choices=("keep", "color", "transparent", "mask"),
        elem_id="preprocess_background",
    )
    background_color: str = option(
        "white",
        "Background colour",
        "A name such as white, or a code such as #808080.",
        elem_id="preprocess_background_color",
    )
    background_model: str = option(
        "u2net",
        "Background model",
        "u2net for photos or isnet-anime for drawings (170 MB, fetched at first use), another name that an"
        " installed rembg knows, or the path of an .onnx file.",
        elem_id="preprocess_background_model",
    )

    def contradictions(self) -> Iterator[ConfigError]:
        """A colour that is none."""
        yield from not_a_color(options_of(BackgroundConfig)["background_color"], self.background_color)
