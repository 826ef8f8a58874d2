"""What *Preprocess images* does to a folder."""

from __future__ import annotations

from dataclasses import dataclass, field

from .option import option, size_option
from .preprocess_captions import CAPTIONERS, CaptioningConfig, TaggingConfig
from .preprocess_colors import BackgroundConfig, ColorsConfig
from .preprocess_crops import AutoSizeConfig, FocalCropConfig, SplitConfig
from .preprocess_files import FilesConfig

__all__ = ["PreprocessConfig"]


@dataclass(frozen=True, kw_only=True)
class PreprocessConfig:
    """Pictures of `source` become training pictures in `destination`.

    Sizes are in pixels, None for the model's own.
    """

    source: str = option(
        "",
        "Source directory",
        "A folder with your pictures; it is only read.",
        elem_id="preprocess_source",
        required=True,
    )
    destination: str = option(
        "",
        "Destination directory",
        "Where the training pictures go; it is made when it is missing.",
        elem_id="preprocess_destination",
        required=True,
    )
    width: int | None = size_option("Width", elem_id="preprocess_width")
    height: int | None = size_option("Height", elem_id="preprocess_height")
    flip: str = option(
        "none",
        "Create flipped copies",
        "Twice the pictures; not for subjects whose left and right differ.",
        choices=("none", "horizontal", "vertical", "both"),
        elem_id="preprocess_flip",
    )
    split: bool = option(
        False,
        "Split oversized images",
        "A picture much longer than the target becomes several overlapping ones.",
        elem_id="preprocess_split",
    )
    focal_crop: bool = option(
        False,
        "Auto focal point crop",
        "Crop around faces, edges and detail instead of the middle.",
        elem_id="preprocess_focal_crop",
    )
    auto_size: bool = option(
        False,
        "Auto-sized crop",
        "Choose for each picture the size, 384 to 768 a side, that suits its shape; where none does, it is"
        " cropped to Width and Height.",
        elem_id="preprocess_auto_size",
    )
    keep_original_size: bool = option(
        False,
        "Keep original size",
        "Each picture uncropped: in place of the crop to Width and Height, and beside all others.",
        elem_id="preprocess_keep_original_size",
    )
    existing_caption: str = option(
        "ignore",
        "Existing Caption txt Action",
        "What happens to a picture's own .txt; ignore keeps it when no new caption is made.",
        choices=("ignore", "copy", "prepend", "append"),
        elem_id="preprocess_txt_action",
    )
    caption: str = option(
        "none",
        "Caption",
        "Where new captions come from. blip: a sentence, good for photos; tags: words between commas, good"
        " for drawings; model: another image-to-text model, named below.",
        choices=CAPTIONERS,
        elem_id="preprocess_caption",
    )
    caption_to: str = option(
        "txt",
        "Write captions to",
        "A .txt beside each picture, or the picture's file name.",
        choices=("txt", "filename"),
        elem_id="preprocess_caption_to",
    )
    splitting: SplitConfig = field(default_factory=SplitConfig)
    focal_point: FocalCropConfig = field(default_factory=FocalCropConfig)
    auto_sizing: AutoSizeConfig = field(default_factory=AutoSizeConfig)
    colors: ColorsConfig = field(default_factory=ColorsConfig)
    background: BackgroundConfig = field(default_factory=BackgroundConfig)
    captioning: CaptioningConfig = field(default_factory=CaptioningConfig)
    tagging: TaggingConfig = field(default_factory=TaggingConfig)
    files: FilesConfig = field(default_factory=FilesConfig)
