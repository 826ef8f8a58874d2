"""The settings of pictures, and what doesn't go together."""

from __future__ import annotations

import pytest

from traintab.configs import (
    MasksConfig,
    PicturesConfig,
    TrainingConfig,
    check,
    from_mapping,
    from_yaml,
    to_yaml,
)
from traintab.errors import ConfigError


@pytest.mark.parametrize(
    ("text", "sides"),
    [("", ()), (" ", ()), ("512", (512,)), ("512,768", (512, 768)), (" 64 , 1024 ", (64, 1024))],
)
def test_resolutions_are_numbers_with_commas_between_them(text: str, sides: tuple[int, ...]) -> None:
    config = PicturesConfig(resolutions=text)
    check(config)
    assert config.resolution_sides == sides


@pytest.mark.parametrize("text", ["512;768", "512,", "large", "500", "32", "4096", "-512", "512.5"])
def test_what_is_no_resolution_is_named(text: str) -> None:
    with pytest.raises(ConfigError, match="Resolutions has "):
        check(PicturesConfig(resolutions=text))


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"resolutions": "512, 512"}, "names a size twice"),
        ({"resize_mode": "none", "resolutions": "512"}, "Resize mode none keeps each picture's own size"),
        ({"resize_mode": "none", "random_crop": 0.1}, "Random crop enlarges a part"),
        ({"bucket_min": 512, "bucket_max": 256}, "the smallest must not be above the largest"),
        ({"transparency_color": "ultraviolet"}, "'ultraviolet'; it must be one of white, black"),
        ({"transparency_color": "#ffff"}, "or #rrggbb"),
    ],
)
def test_what_contradicts_itself_is_refused(fields: dict[str, object], told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        from_mapping(TrainingConfig, {"embedding_name": "zq", "data_dir": "x", **fields})


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        check(
            PicturesConfig(resize_mode="none", resolutions="5, 512", random_crop=0.2, transparency_color="no")
        )
    told = str(caught.value)
    assert all(part in told for part in ("'5'", "keeps each picture's own size", "own pixels", "'no'"))


@pytest.mark.parametrize(
    "fields",
    [
        {"resize_mode": "fill"},
        {"bucket_step": 12},
        {"bucket_step": 0},
        {"random_crop": 0.95},
        {"color_jitter": -0.1},
        {"grayscale_copies": 1.5},
        {"picture_variants": 1},
        {"loss_mask": "on"},
        {"unmasked_weight": 2},
    ],
)
def test_values_out_of_range_are_refused(fields: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match="it must be"):
        from_mapping(TrainingConfig, {"embedding_name": "zq", "data_dir": "x", **fields})


def test_settings_of_before_mean_what_they_meant() -> None:
    text = to_yaml(TrainingConfig(embedding_name="zq"))
    old = from_yaml(TrainingConfig, "embedding_name: zq\ndataset: {data_dir: x}\n")
    assert (old.pictures, old.masks) == (PicturesConfig(), MasksConfig())
    assert "loss_mask: 'off'" in text


def test_yaml_reads_off_and_none_as_words() -> None:
    pictures, masks = "{resize_mode: none, resolutions: 512}", "{loss_mask: off}"
    text = f"embedding_name: zq\ndata_dir: x\npictures: {pictures}\nmasks: {masks}"
    with pytest.raises(ConfigError, match="Resize mode none"):
        from_yaml(TrainingConfig, text)
    config = from_yaml(TrainingConfig, text.replace("none", "buckets"))
    assert (config.masks.loss_mask, config.pictures.resolution_sides) == ("off", (512,))
