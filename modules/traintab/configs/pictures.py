"""At which size training sees a picture, which part of it, and in which colours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..errors import ConfigError
from .colors import not_a_color
from .option import option, options_of

__all__ = ["RESIZE_MODES", "PicturesConfig"]

RESIZE_MODES = ("crop", "stretch", "buckets", "none")
_SMALLEST, _LARGEST, _STEP = 64, 2048, 8


@dataclass(frozen=True, kw_only=True)
class PicturesConfig:
    """How pictures are brought to size and varied. What is off costs nothing."""

    resize_mode: str = option(
        "crop",
        "Resize mode",
        "crop: fill Width x Height and cut off the overhang; stretch: squeeze the picture into it, as A1111;"
        " buckets: a size of the same area near the picture's own shape; none: each picture's own size,"
        " Width and Height are the previews' alone.",
        choices=RESIZE_MODES,
        elem_id="train_resize_mode",
    )
    resolutions: str = option(
        "",
        "Resolutions",
        "Shows each picture at several sizes, each the side of a square: 512, 768. Empty: Width x Height"
        " alone. Sturdier at other sizes; an epoch is so many times longer.",
        elem_id="train_resolutions",
    )
    bucket_step: int = option(
        64,
        "Bucket step",
        "Buckets' sides are multiples of this: 64 as usual, 8 or 16 for small models. Smaller cuts off less,"
        " and fewer pictures share a batch.",
        unit="pixels",
        minimum=8,
        maximum=256,
        step=8,
        elem_id="train_bucket_step",
    )
    bucket_min: int | None = option(
        None,
        "Smallest bucket side",
        "Empty: half of the resolution.",
        unit="pixels",
        minimum=64,
        maximum=2048,
        step=8,
        elem_id="train_bucket_min",
    )
    bucket_max: int | None = option(
        None,
        "Largest bucket side",
        "Empty: twice the resolution.",
        unit="pixels",
        minimum=64,
        maximum=4096,
        step=8,
        elem_id="train_bucket_max",
    )
    bucket_no_upscale: bool = option(
        False,
        "Don't enlarge pictures for buckets",
        "A picture smaller than its bucket keeps its own size. No blur is learned, and small pictures hardly"
        " share a batch.",
        elem_id="train_bucket_no_upscale",
    )
    random_crop: float = option(
        0.0,
        "Random crop",
        "The share of width and height that may be cut away at random. 0.1 to 0.2 shows a subject in other"
        " places; more cuts off what the captions name.",
        minimum=0.0,
        maximum=0.9,
        step=0.05,
        elem_id="train_random_crop",
    )
    color_jitter: float = option(
        0.0,
        "Colour jitter",
        "How far brightness, contrast, saturation and hue may go. 0.1 to 0.2 learns a thing rather than one"
        " photo's light; not for what is known by its colours.",
        minimum=0.0,
        maximum=1.0,
        step=0.05,
        elem_id="train_color_jitter",
    )
    grayscale_copies: float = option(
        0.0,
        "Grayscale copies",
        "The share of each picture's variants that are grey. 0.1 to 0.3 learns shapes rather than colours;"
        " results get paler.",
        minimum=0.0,
        maximum=1.0,
        step=0.05,
        elem_id="train_grayscale_copies",
    )
    picture_variants: int = option(
        8,
        "Variants per picture",
        "How many versions random crop, colour jitter and grayscale copies make of a picture, the first as it"
        " is. 4 to 16; each is encoded once, which takes its time at the first start.",
        minimum=2,
        maximum=100,
        step=1,
        elem_id="train_picture_variants",
    )
    transparency_color: str = option(
        "white",
        "Colour behind transparency",
        "What fills transparent parts: a name such as white or gray, or #rrggbb. A colour that no picture"
        " needs is learned least.",
        elem_id="train_transparency_color",
        required=True,
    )

    @property
    def resolution_sides(self) -> tuple[int, ...]:
        """The resolutions as numbers, in pixels; what is no number is left to `contradictions`."""
        return tuple(int(word) for word in _words(self.resolutions) if word.isdecimal())

    def contradictions(self) -> Iterator[ConfigError]:
        """What can't be done, or not together."""
        for word in _words(self.resolutions):
            if not word.isdecimal() or not _is_side(int(word)):
                yield ConfigError(
                    f"Resolutions has {word!r} in it; it must be whole numbers from {_SMALLEST} to {_LARGEST}"
                    f" pixels, multiples of {_STEP}, with commas between them: 512, 768.",
                    field="resolutions",
                )
        if len(set(self.resolution_sides)) < len(self.resolution_sides):
            yield ConfigError(
                f"Resolutions is {self.resolutions!r}, which names a size twice; name each once.",
                field="resolutions",
            )
        if self.resize_mode == "none":
            yield from self._against_own_size()
        if self.bucket_min is not None and self.bucket_max is not None and self.bucket_min > self.bucket_max:
            yield ConfigError(
                f"Smallest bucket side is {self.bucket_min} and Largest bucket side {self.bucket_max}; the"
                " smallest must not be above the largest.",
                field="bucket_min",
            )
        yield from not_a_color(options_of(PicturesConfig)["transparency_color"], self.transparency_color)

    def _against_own_size(self) -> Iterator[ConfigError]:
        if self.resolutions.strip():
            yield ConfigError(
                "Resize mode none keeps each picture's own size, and Resolutions asks for others; leave"
                " Resolutions empty, or choose Resize mode buckets.",
                field="resolutions",
            )
        if self.random_crop:
            yield ConfigError(
                "Resize mode none keeps each picture's own pixels, and Random crop enlarges a part of them;"
                " set Random crop to 0, or choose Resize mode buckets.",
                field="random_crop",
            )


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",")] if text.strip() else []


def _is_side(number: int) -> bool:
    return _SMALLEST <= number <= _LARGEST and number % _STEP == 0
