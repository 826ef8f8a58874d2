"""Some pictures before and after, without writing anything."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from traintab.configs import PreprocessConfig, from_mapping
from traintab.preprocessing import preprocess
from traintab.preprocessing.before_after import BeforeAfter, before_and_after, spread
from traintab.preprocessing.folder_check.scan import sources_of


def config_for(source: Path, **settings: object) -> PreprocessConfig:
    return from_mapping(
        PreprocessConfig, {"source": str(source), "destination": str(source.parent / "out"), **settings}
    )


def shown(config: PreprocessConfig) -> list[BeforeAfter]:
    return before_and_after(config, (64, 64), sources_of(config))


def test_pictures_are_spread_from_the_first_to_the_last() -> None:
    assert spread(4) == [0, 1, 2, 3]
    assert spread(101) == [0, 20, 40, 60, 80, 100]


def test_what_is_shown_is_what_a_run_writes(source: Path) -> None:
    for number in range(9):
        Image.new("RGB", (80 + number, 64), (number * 20, 0, 0)).save(source / f"p{number}.png")
        (source / f"p{number}.txt").write_text(f"looking left {number}")
    config = config_for(source, flip="horizontal", swap_left_and_right=True)
    samples = shown(config)
    assert [one.source.name for one in samples] == [f"p{number}.png" for number in (0, 2, 3, 5, 6, 8)]
    assert not (source.parent / "out").exists()
    list(preprocess(config, default_size=64))
    for sample in samples:
        for after in sample.afters:
            written = source.parent / "out" / after.name
            with Image.open(written) as picture:
                assert picture.size == (after.width, after.height) == (64, 64)
                assert picture.convert("RGB").tobytes() == after.image.convert("RGB").tobytes()
            assert written.with_suffix(".txt").read_text() == after.caption
    assert samples[0].afters[1].caption == "looking right 0"


def test_extremes_are_shown_too_broken_files_with_their_reason_and_captions_of_models_as_unknown(
    source: Path,
) -> None:
    for number in range(20):
        Image.new("RGB", (64, 64), "red").save(source / f"{number:02}.png")
    (source / "07.png").write_bytes(b"torn")
    config = config_for(source, caption="tags")
    samples = before_and_after(config, (64, 64), sources_of(config), [source / "07.png"])
    (broken,) = (one for one in samples if one.source.name == "07.png")
    assert len(samples) == 7 and "not a picture" in broken.reason and broken.afters == ()
    assert samples[0].afters[0].caption is None


def test_of_very_many_pieces_the_first_are_shown(source: Path) -> None:
    Image.new("RGB", (64 * 12, 64), "red").save(source / "long.png")
    (sample,) = shown(config_for(source, split=True, split_overlap=0.0))
    assert len(sample.afters) == 8 and sample.more == 4
