"""What kohya's dataset config files may say, and what each key is here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from ..errors import ConfigError
from ..prompts.captions import suffix_of_captions

__all__ = ["DATASET_KEYS", "FOLDER_KEYS", "SUBSET_KEYS", "UNUSED_KEYS", "Key", "size_of"]

Settings = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Key:
    """One key. `words` say what its value must be, `is_right` whether it is.

    `settings` turns the value into fields of a training's config, by name; empty for keys that belong to a
    folder. `default` is what kohya's scripts take where the key is missing.
    """

    words: str
    is_right: Callable[[Any], bool]
    settings: Callable[[Any], Settings] = lambda _: {}
    default: Any = None


def size_of(value: Any) -> tuple[int, int] | None:
    """Width and height in pixels of a `resolution`: 512, [512, 768], "512" or "512,768"; else None."""
    parts = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else [value]
    try:
        numbers = [int(part) for part in parts if not isinstance(part, (bool, float))]
    except (TypeError, ValueError):
        return None
    if len(numbers) != len(parts) or len(numbers) not in (1, 2) or min(numbers) < 1:
        return None
    return numbers[0], numbers[-1]


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return _is_whole(value) or isinstance(value, float)


def _is_suffix(value: Any) -> bool:
    try:
        return isinstance(value, str) and bool(suffix_of_captions(value))
    except ConfigError:
        return False


def _flag(field: str, on: Any = True, off: Any = False) -> Key:
    return Key(
        words="true or false",
        is_right=lambda value: isinstance(value, bool),
        settings=lambda value: {field: on if value else off} if field else {},
        default=False,
    )


def _text(field: str = "", default: Any = "") -> Key:
    return Key(
        words="a text",
        is_right=lambda value: isinstance(value, str),
        settings=lambda value: {field: value} if field else {},
        default=default,
    )


def _whole(field: str = "", default: Any = 0, least: int = 0) -> Key:
    return Key(
        words=f"a whole number of at least {least}",
        is_right=lambda value: _is_whole(value) and value >= least,
        settings=lambda value: {field: value} if field else {},
        default=default,
    )


def _share(field: str) -> Key:
    return Key(
        words="a number from 0 to 1",
        is_right=lambda value: _is_number(value) and 0 <= value <= 1,
        settings=lambda value: {field: float(value)},
        default=0.0,
    )


def _size_settings(value: Any) -> Settings:
    size = size_of(value)
    return {} if size is None else {"width": size[0], "height": size[1]}


# What each subset has for itself.
FOLDER_KEYS: Mapping[str, Key] = MappingProxyType(
    {
        "image_dir": Key(
            words="a folder", is_right=lambda value: isinstance(value, str) and bool(value.strip())
        ),
        "num_repeats": _whole(default=1, least=1),
        "is_reg": _flag(""),
        "class_tokens": _text(),
        "caption_extension": Key(words="the ending of a file's name, such as .txt", is_right=_is_suffix),
        "metadata_file": _text(),
        "caption_prefix": _text(),
        "caption_suffix": _text(),
    }
)

# What subsets may set, and one run has one value of.
SUBSET_KEYS: Mapping[str, Key] = MappingProxyType(
    {
        "shuffle_caption": _flag("shuffle_tags"),
        "keep_tokens": _whole("keep_tags"),
        "caption_separator": _text("tag_separator", default=","),
        "caption_dropout_rate": _share("caption_drop_out"),
        "caption_tag_dropout_rate": _share("tag_drop_out"),
        "enable_wildcard": _flag("wildcards"),
        "flip_aug": _flag("flip_augmentation"),
        "color_aug": _flag("color_jitter", on=0.1, off=0.0),
        "random_crop": _flag("random_crop", on=0.1, off=0.0),
        "alpha_mask": _flag("loss_mask", on="alpha", off="off"),
    }
)

DATASET_KEYS: Mapping[str, Key] = MappingProxyType(
    {
        "resolution": Key(
            words="a size in pixels such as 512, or two such as [512, 768]",
            is_right=lambda value: size_of(value) is not None,
            settings=_size_settings,
        ),
        "batch_size": _whole("batch_size", default=1, least=1),
        "enable_bucket": _flag("resize_mode", on="buckets", off="crop"),
        "min_bucket_reso": _whole("bucket_min", default=256, least=1),
        "max_bucket_reso": _whole("bucket_max", default=1024, least=1),
        "bucket_reso_steps": _whole("bucket_step", default=64, least=1),
        "bucket_no_upscale": _flag("bucket_no_upscale"),
    }
)

# Known to kohya's scripts and without effect here, each with what happens instead.
UNUSED_KEYS: Mapping[str, str] = MappingProxyType(
    {
        "keep_tokens_separator": "keep_tokens counts the tags that stay in front",
        "secondary_separator": "the caption is shown with that separator in it",
        "caption_dropout_every_n_epochs": "caption_dropout_rate leaves captions out by chance",
        "token_warmup_min": "all tags are shown from the start",
        "token_warmup_step": "all tags are shown from the start",
        "face_crop_aug_range": "Preprocess crops to faces",
        "cache_info": "pictures are looked at anew, which is quick",
        "resize_interpolation": "pictures are scaled bicubically",
        "skip_image_resolution": "small pictures are trained on too",
        "custom_attributes": "nothing reads it",
        "network_multiplier": "it is for LoRA training",
        "validation_split": "the evaluation uses the training pictures with fixed noise",
        "validation_seed": "the evaluation's noise is always the same",
        "conditioning_data_dir": "it is for ControlNet training",
    }
)
