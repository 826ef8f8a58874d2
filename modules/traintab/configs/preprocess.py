"""What *Preprocess images* does to a folder."""

from __future__ import annotations

from dataclasses import dataclass, field

from .option import option, size_option

__all__ = ["AutoSizeConfig", "FocalCropConfig", "PreprocessConfig", "SplitConfig"]


@dataclass(frozen=True, kw_only=True)
class SplitConfig:
    """How *Split oversized images* decides and cuts."""

    split_threshold: float = option(
        0.5,
        "Split image threshold",
        "How long a picture must be to be split: 0.5 is twice the target's shape, 1 is anything longer.",
        minimum=0.0,
        maximum=1.0,
        step=0.05,
        elem_id="preprocess_split_threshold",
    )
    split_overlap: float = option(
        0.2,
        "Split image overlap ratio",
        "The share of a piece that its neighbour shows too.",
        minimum=0.0,
        maximum=0.9,
        step=0.05,
        elem_id="preprocess_overlap_ratio",
    )


@dataclass(frozen=True, kw_only=True)
class FocalCropConfig:
    """What draws the eye in *Auto focal point crop*; a weight of 0 leaves that kind out."""

    face_weight: float = option(
        0.9,
        "Focal point face weight",
        "How much faces count.",
        minimum=0.0,
        maximum=1.0,
        step=0.05,
        elem_id="preprocess_focal_crop_face_weight",
    )
    entropy_weight: float = option(
        0.15,
        "Focal point entropy weight",
        "How much the part with the richest tones counts.",
        minimum=0.0,
        maximum=1.0,
        step=0.05,
        elem_id="preprocess_focal_crop_entropy_weight",
    )
    edges_weight: float = option(
        0.5,
        "Focal point edges weight",
        "How much corners and edges count.",
        minimum=0.0,
        maximum=1.0,
        step=0.05,
        elem_id="preprocess_focal_crop_edges_weight",
    )
    focal_debug: bool = option(
        False,
        "Create debug image",
        "Draw what was found and the crop into a picture in the subfolder debug; training leaves it alone.",
        elem_id="preprocess_focal_crop_debug",
    )


@dataclass(frozen=True, kw_only=True)
class AutoSizeConfig:
    """Which sizes *Auto-sized crop* may choose from, in steps of 64 pixels."""

    dimension_lower: int = option(
        384,
        "Dimension lower bound",
        "The smallest side.",
        unit="pixels",
        minimum=64,
        maximum=2048,
        step=8,
        elem_id="preprocess_multicrop_mindim",
    )
    dimension_upper: int = option(
        768,
        "Dimension upper bound",
        "The largest side.",
        unit="pixels",
        minimum=64,
        maximum=2048,
        step=8,
        elem_id="preprocess_multicrop_maxdim",
    )
    area_lower: int = option(
        64 * 64,
        "Area lower bound",
        "The smallest width times height.",
        minimum=64 * 64,
        maximum=2048 * 2048,
        step=1,
        elem_id="preprocess_multicrop_minarea",
    )
    area_upper: int = option(
        640 * 640,
        "Area upper bound",
        "The largest width times height.",
        minimum=64 * 64,
        maximum=2048 * 2048,
        step=1,
        elem_id="preprocess_multicrop_maxarea",
    )
    auto_size_objective: str = option(
        "Maximize area",
        "Resizing objective",
        "What to prefer among the sizes that suit the picture.",
        choices=("Maximize area", "Minimize error"),
        elem_id="preprocess_multicrop_objective",
    )
    auto_size_threshold: float = option(
        0.1,
        "Error threshold",
        "How far the shape may be from the picture's: 0 is not at all, 1 is anything.",
        minimum=0.0,
        maximum=1.0,
        step=0.01,
        elem_id="preprocess_multicrop_threshold",
    )


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
        "Choose for each picture the size between 384 and 768 that loses the least.",
        elem_id="preprocess_auto_size",
    )
    keep_original_size: bool = option(
        False,
        "Keep original size",
        "Write each picture uncropped as well.",
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
        "Where new captions come from.",
        choices=("none", "filename", "blip", "tags"),
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
