"""How *Preprocess images* splits pictures and where it crops them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..errors import ConfigError
from .option import option

__all__ = ["AutoSizeConfig", "FocalCropConfig", "SplitConfig"]

_AUTO_SIZE_STEP = 64


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

    def sizes(self) -> Iterator[tuple[int, int]]:
        """Every (width, height) in pixels that is within the bounds: sides in steps of 64 from the lower."""
        sides = range(self.dimension_lower, self.dimension_upper + 1, _AUTO_SIZE_STEP)
        for width in sides:
            for height in sides:
                if self.area_lower <= width * height <= self.area_upper:
                    yield width, height

    def contradictions(self) -> Iterator[ConfigError]:
        """Bounds that no size lies between."""
        for name, low, high in (
            ("Dimension", self.dimension_lower, self.dimension_upper),
            ("Area", self.area_lower, self.area_upper),
        ):
            if low > high:
                yield ConfigError(
                    f"{name} lower bound is {low} and {name} upper bound {high}; the lower must not be above"
                    " the upper.",
                    field=f"{name.lower()}_lower",
                )
                return
        if next(self.sizes(), None) is None:
            yield ConfigError(
                f"No size with sides of {self.dimension_lower} to {self.dimension_upper} pixels has an area"
                f" between {self.area_lower} and {self.area_upper}: with a lower bound of"
                f" {self.dimension_lower} the smallest is {self.dimension_lower**2}. Widen the bounds of"
                " Auto-sized crop.",
                field="area_upper",
            )
