"""Which files *Preprocess images* reads, and how it writes them."""

from __future__ import annotations

from dataclasses import dataclass

from .option import option

__all__ = ["OUTPUT_FORMATS", "FilesConfig"]

OUTPUT_FORMATS = ("png", "webp", "jpeg")


@dataclass(frozen=True, kw_only=True)
class FilesConfig:
    """Files of the source, and those of the destination."""

    subfolders: bool = option(
        False,
        "Search subfolders",
        "Pictures in folders below the source too.",
        elem_id="preprocess_subfolders",
    )
    output_format: str = option(
        "png",
        "File format",
        "png loses nothing; webp and jpeg are smaller, and jpeg knows no transparency.",
        choices=OUTPUT_FORMATS,
        elem_id="preprocess_output_format",
    )
    quality: int = option(
        95,
        "Quality",
        "Of jpeg and webp; 100 is largest, and lossless for webp.",
        minimum=1,
        maximum=100,
        step=1,
        elem_id="preprocess_quality",
    )
    overwrite: bool = option(
        False,
        "Replace files of the same name",
        "Otherwise what this program didn't write there, or what you changed since, such as a caption, is"
        " left alone.",
        elem_id="preprocess_overwrite",
    )
    workers: int | None = option(
        None,
        "Pictures worked on at once",
        "Empty: one for each processor. Fewer take less memory.",
        minimum=1,
        maximum=256,
        step=1,
        elem_id="preprocess_workers",
    )
