"""Formats, masks, subfolders, captions and what they are called in the destination."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from traintab.configs import PreprocessConfig, from_mapping
from traintab.errors import DatasetError
from traintab.preprocessing import one_picture
from traintab.preprocessing.crop import centre_cut
from traintab.preprocessing.events import PictureDone, PictureSkipped, PreprocessEvent
from traintab.preprocessing.run import preprocess


def events_of(source: Path, destination: Path, **settings: Any) -> list[PreprocessEvent]:
    values = {"source": str(source), "destination": str(destination), "width": 64, "height": 64, **settings}
    return list(preprocess(from_mapping(PreprocessConfig, values)))


def files_in(folder: Path) -> list[str]:
    files = (path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
    return sorted(path.relative_to(folder).as_posix() for path in files)


def detailed(size: tuple[int, int]) -> Image.Image:
    across, down = np.meshgrid(np.arange(size[0]), np.arange(size[1]))
    waves = [128 + 120 * np.sin(across / (2 + n) + down / 5) for n in range(3)]
    return Image.fromarray(np.stack(waves, axis=2).astype(np.uint8))


@pytest.mark.preprocess_option("output_format")
@pytest.mark.parametrize(
    ("output_format", "suffix", "kind"),
    [("png", "png", "PNG"), ("webp", "webp", "WEBP"), ("jpeg", "jpg", "JPEG")],
)
def test_pictures_are_written_in_the_format_that_is_asked_for(
    source: Path, save: Any, tmp_path: Path, output_format: str, suffix: str, kind: str
) -> None:
    save("a.png", (64, 64))
    events_of(source, tmp_path / "out", output_format=output_format)
    with Image.open(tmp_path / "out" / f"00000-0-a.{suffix}") as picture:
        assert (picture.format, picture.size) == (kind, (64, 64))


@pytest.mark.preprocess_option("quality")
@pytest.mark.parametrize("output_format", ["webp", "jpeg"])
def test_more_quality_is_nearer_to_the_picture_and_larger(
    source: Path, tmp_path: Path, output_format: str
) -> None:
    picture = detailed((64, 64))
    picture.save(source / "a.png")
    errors, sizes = [], []
    for quality in (20, 95, 100):
        out = tmp_path / str(quality)
        events_of(source, out, output_format=output_format, quality=quality)
        (file,) = out.glob("0*")
        with Image.open(file) as written:
            errors.append(np.abs(np.asarray(written.convert("RGB"), float) - np.asarray(picture)).mean())
        sizes.append(file.stat().st_size)
    assert errors == sorted(errors, reverse=True)
    assert sizes == sorted(sizes)
    assert (errors[-1] == 0) == (output_format == "webp")


def test_jpeg_shows_kept_transparency_over_the_colour_and_says_so(source: Path, tmp_path: Path) -> None:
    Image.new("RGBA", (64, 64), (0, 0, 0, 0)).save(source / "a.png")
    settings = {"keep_transparency": True, "transparency_color": "#ff0000"}
    events = events_of(source, tmp_path / "out", output_format="jpeg", **settings)
    assert "JPEG keeps no transparency" in events[0].notes[0]
    with Image.open(tmp_path / "out" / "00000-0-a.jpg") as picture:
        red, green, blue = picture.getpixel((32, 32))
    assert red > 250
    assert max(green, blue) < 5


def test_half_a_large_jpeg_gives_the_picture_that_all_of_it_gives(source: Path, tmp_path: Path) -> None:
    detailed((200, 150)).resize((1500, 1125)).save(source / "a.jpg", quality=95)
    events_of(source, tmp_path / "half")
    with Image.open(source / "a.jpg") as full:
        expected = centre_cut(full.size, 64, 64).of(full.convert("RGB"))
    with Image.open(tmp_path / "half" / "00000-0-a.png") as written:
        error = np.abs(np.asarray(written, float) - np.asarray(expected, float))
    assert 0 < error.max() <= 3


@pytest.mark.parametrize(
    ("settings", "least"),
    [
        ({}, (128, 128)),
        ({"flip": "both", "brightness": 1.2, "grayscale_copies": True}, (128, 128)),
        ({"focal_crop": True}, None),
        ({"split": True}, None),
        ({"auto_size": True}, None),
        ({"keep_original_size": True}, None),
        ({"contrast": 1.2}, None),
    ],
)
def test_the_whole_is_decoded_wherever_more_than_the_middle_is_looked_at(
    source: Path,
    save: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    settings: dict[str, Any],
    least: tuple[int, int] | None,
) -> None:
    asked, real = [], one_picture.open_source

    def noted(path: Path, colors: Any, *, least: tuple[int, int] | None) -> Any:
        asked.append(least)
        return real(path, colors, least=least)

    monkeypatch.setattr(one_picture, "open_source", noted)
    save("a.png", (64, 64))
    events_of(source, tmp_path / "out", **settings)
    assert asked == [least]


def test_a_picture_too_large_for_its_format_is_skipped_with_the_reason(
    source: Path, save: Any, tmp_path: Path
) -> None:
    save("long.png", (16500, 4))
    save("b.png", (64, 64))
    events = events_of(source, tmp_path / "out", output_format="webp", keep_original_size=True)
    (skipped,) = [event for event in events if isinstance(event, PictureSkipped)]
    assert "long.png can't be written as webp" in skipped.reason
    assert files_in(tmp_path / "out") == ["00000-0-b.webp"]


def test_masks_go_along_with_their_pictures_under_the_same_cuts(
    source: Path, save: Any, tmp_path: Path
) -> None:
    save("a.png", (128, 64))
    mask = Image.new("L", (128, 64), 0)
    mask.paste(255, (32, 0, 64, 64))
    mask.save(source / "a-masklabel.png")
    save("b.png", (64, 64))
    (source / "mask").mkdir()
    Image.new("L", (64, 64), 255).save(source / "mask" / "b.png")
    events_of(source, tmp_path / "out", flip="horizontal", output_format="webp")
    assert [name for name in files_in(tmp_path / "out") if "mask" in name] == [
        "00000-0-a-masklabel.png",
        "00000-1-a-masklabel.png",
        "00001-0-b-masklabel.png",
        "00001-1-b-masklabel.png",
    ]
    for sub, (left, right) in enumerate([(255, 0), (0, 255)]):
        with Image.open(tmp_path / "out" / f"00000-{sub}-a-masklabel.png") as written:
            assert (written.mode, written.size) == ("L", (64, 64))
            assert (written.getpixel((8, 32)), written.getpixel((56, 32))) == (left, right)


def test_a_broken_mask_is_left_out_and_said(source: Path, save: Any, tmp_path: Path) -> None:
    save("a.png", (64, 64))
    (source / "a-masklabel.png").write_bytes(b"no picture")
    events = events_of(source, tmp_path / "out")
    assert "Its mask was left out: a-masklabel.png is not a picture" in events[1].notes[0]
    assert files_in(tmp_path / "out") == ["00000-0-a.png"]


@pytest.mark.preprocess_option("subfolders")
def test_subfolders_are_searched_and_named_when_that_is_asked_for(
    source: Path, save: Any, tmp_path: Path
) -> None:
    for folder in ("b/deep", "a", ".hidden", "mask", "captions"):
        (source / folder).mkdir(parents=True)
    save("z.png", (64, 64))
    for name in ("a/one.png", "b/two.png", "b/deep/one.png", ".hidden/no.png", "mask/z.png"):
        save(name, (64, 64), caption=f"of {name}")
    (source / "captions" / "one.txt").write_text("alone", encoding="utf-8")
    (source / "link").symlink_to(source / "a", target_is_directory=True)
    events_of(source, tmp_path / "out")
    assert files_in(tmp_path / "out") == ["00000-0-z-masklabel.png", "00000-0-z.png"]
    events_of(source, tmp_path / "below", subfolders=True)
    assert [name for name in files_in(tmp_path / "below") if name.endswith(".png")] == [
        "00000-0-z-masklabel.png",
        "00000-0-z.png",
        "00001-0-a-one.png",
        "00002-0-b-two.png",
        "00003-0-b-deep-one.png",
    ]
    caption = tmp_path / "below" / "00003-0-b-deep-one.txt"
    assert caption.read_text(encoding="utf-8") == "of b/deep/one.png"


def test_a_folder_with_nothing_below_is_refused(source: Path, tmp_path: Path) -> None:
    (source / "empty").mkdir()
    with pytest.raises(DatasetError, match="and its subfolders holds no pictures"):
        events_of(source, tmp_path / "out", subfolders=True)
    with pytest.raises(DatasetError, match="is not a folder"):
        events_of(source / "nowhere", tmp_path / "out", subfolders=True)


@pytest.mark.preprocess_option("swap_left_and_right")
def test_mirrored_copies_get_mirrored_words_when_that_is_asked_for(
    source: Path, save: Any, tmp_path: Path
) -> None:
    save("a.png", (64, 64), caption="looking left, bright")
    events_of(source, tmp_path / "plain", flip="both")
    assert {path.read_text("utf-8") for path in (tmp_path / "plain").glob("*.txt")} == {
        "looking left, bright"
    }
    events_of(source, tmp_path / "out", flip="both", swap_left_and_right=True)
    captions = [path.read_text("utf-8") for path in sorted((tmp_path / "out").glob("*.txt"))]
    # The picture, left and right exchanged, upside down, both at once.
    assert captions == [
        "looking left, bright",
        "looking right, bright",
        "looking left, bright",
        "looking right, bright",
    ]


@pytest.mark.preprocess_option("existing_caption", "caption")
@pytest.mark.parametrize(
    ("action", "written"),
    [("ignore", "hat"), ("copy", "red"), ("prepend", "red, hat"), ("append", "hat, red")],
)
def test_new_and_old_captions_meet_as_asked_for(
    source: Path, save: Any, tmp_path: Path, action: str, written: str
) -> None:
    save("hat.png", (64, 64), caption="red")
    events_of(source, tmp_path / "out", existing_caption=action, caption="filename")
    assert (tmp_path / "out" / "00000-0-hat.txt").read_text("utf-8") == written
    events_of(source, tmp_path / "none", existing_caption=action)
    assert (tmp_path / "none" / "00000-0-hat.txt").read_text("utf-8") == "red"


@pytest.mark.preprocess_option("caption_to")
def test_captions_go_into_the_name_when_that_is_asked_for(source: Path, save: Any, tmp_path: Path) -> None:
    save("a.png", (64, 64), caption="a red hat?")
    (done,) = [
        event
        for event in events_of(source, tmp_path / "out", caption_to="filename")
        if isinstance(event, PictureDone)
    ]
    assert files_in(tmp_path / "out") == ["00000-0-a red hat.png"]
    assert "became 'a red hat' to fit a file name" in done.notes[0]


@pytest.mark.preprocess_option("source", "destination")
def test_pictures_are_read_from_one_folder_and_written_to_the_other(
    source: Path, save: Any, tmp_path: Path
) -> None:
    path = save("a.png", (64, 64))
    before = path.read_bytes()
    events_of(source, tmp_path / "new" / "folder")
    assert files_in(tmp_path / "new" / "folder") == ["00000-0-a.png"]
    assert files_in(source) == ["a.png"]
    assert path.read_bytes() == before
