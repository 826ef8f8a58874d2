"""How pictures are written."""

from __future__ import annotations

from dataclasses import dataclass

from .option import option

__all__ = ["PICTURE_FORMATS", "SavingConfig"]

PICTURE_FORMATS = ("png", "jpg", "webp")


@dataclass(frozen=True, kw_only=True)
class SavingConfig:
    """Format and quality of the files in `outputs/`. Every format keeps how the picture was drawn."""

    picture_format: str = option(
        "png",
        "File format for images",
        "png loses nothing and is the largest; jpg and webp are small.",
        choices=PICTURE_FORMATS,
        elem_id="setting_samples_format",
    )
    picture_quality: int = option(
        90,
        "Quality for saved jpeg and webp images",
        "More keeps more of the picture in a larger file.",
        minimum=1,
        maximum=100,
        step=1,
        elem_id="setting_jpeg_quality",
    )
    lossless_webp: bool = option(
        False,
        "Use lossless compression for webp images",
        "Loses nothing, and is smaller than png.",
        elem_id="setting_webp_lossless",
    )
