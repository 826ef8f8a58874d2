from __future__ import annotations

import os
from pathlib import Path

import pytest
from PIL import Image

from traintab.configs import ColorsConfig
from traintab.errors import DatasetError
from traintab.preprocessing.opening import open_mask, open_picture, open_source


def frames(path: Path, **details: object) -> Path:
    """A picture whose first frame is red and whose second is blue."""
    first, second = Image.new("RGB", (8, 4), "red"), Image.new("RGB", (8, 4), "blue")
    first.save(path, save_all=True, append_images=[second], **details)
    return path


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"not a picture", "is not a picture this program can read"),
        (b"", "is not a picture this program can read"),
        (b"%!PS-Adobe-3.0 EPSF-3.0", "is not a picture this program can read"),
        (b"\x89PNG\r\n\x1a\n", "is broken|is not a picture"),
        (b"II*\0" + bytes(8), "is broken|is not a picture"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "is broken|was left out"),
    ],
)
def test_what_is_no_picture_is_refused_by_name_in_one_line(
    tmp_path: Path, content: bytes, reason: str
) -> None:
    (tmp_path / "notes.png").write_bytes(content)
    with pytest.raises(DatasetError, match=rf"^notes\.png ({reason})") as refused:
        open_picture(tmp_path / "notes.png")
    assert "\n" not in str(refused.value)
    assert str(tmp_path) not in str(refused.value)


def test_a_torn_picture_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "torn.png"
    Image.effect_noise((64, 64), 80).save(path)
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(DatasetError, match=r"torn\.png is broken: .* Save it again"):
        open_picture(path)


def test_a_picture_that_says_it_is_gigantic_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.png"
    Image.new("1", (20_000, 20_000)).save(path)
    with pytest.raises(
        DatasetError, match=r"bomb\.png is larger than .*400000000.* Make it smaller first\.$"
    ):
        open_picture(path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes in folders")
def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(DatasetError, match=r"pipe\.png is not a file"):
        open_picture(tmp_path / "pipe.png")


def test_a_link_to_nowhere_is_refused_with_where_it_leads(tmp_path: Path) -> None:
    (tmp_path / "link.png").symlink_to("gone.png")
    with pytest.raises(DatasetError, match=r"link\.png is a link to gone\.png, which can't be found"):
        open_picture(tmp_path / "link.png")


def test_a_file_that_is_gone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"gone\.png can't be found"):
        open_picture(tmp_path / "gone.png")


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (PermissionError(13, "Permission denied"), "may not be read; give yourself the permission to"),
        (OSError(5, "Input/output error"), "is broken: Input/output error. Save it again"),
        (MemoryError(), "needs more memory than there is; make it smaller"),
    ],
)
def test_what_the_system_refuses_is_told_without_the_whole_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, reason: str
) -> None:
    path = tmp_path / "mine.png"
    Image.new("RGB", (2, 2)).save(path)

    def refused(*_: object, **__: object) -> None:
        if isinstance(error, OSError):
            raise type(error)(error.errno, error.strerror, str(path))
        raise error

    # an administrator may read everything, whatever the file's own permissions
    monkeypatch.setattr(Image, "open", refused)
    with pytest.raises(DatasetError, match=rf"^mine\.png {reason}") as told:
        open_picture(path)
    assert str(tmp_path) not in str(told.value)


def test_a_sound_picture_is_opened_in_rgb_without_remarks(tmp_path: Path) -> None:
    Image.new("L", (8, 4), 7).save(tmp_path / "a.png")
    opened = open_source(tmp_path / "a.png")
    assert (opened.image.mode, opened.image.size, opened.size) == ("RGB", (8, 4), (8, 4))
    assert opened.image.getpixel((0, 0)) == (7, 7, 7)
    assert opened.notes == ()


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "AVIF"])
def test_the_first_frame_of_an_animation_is_taken_and_that_is_said(tmp_path: Path, kind: str) -> None:
    opened = open_source(frames(tmp_path / f"a.{kind.lower()}"))
    assert opened.notes == ("It is animated; its first frame was taken.",)
    red, _, blue = opened.image.getpixel((4, 2))
    assert red > 240 and blue < 15


def test_the_first_page_of_a_tiff_is_taken_and_that_is_said(tmp_path: Path) -> None:
    opened = open_source(frames(tmp_path / "a.tif"))
    assert opened.notes == ("It has several pages; the first one was taken.",)


def test_the_preview_inside_a_phone_s_jpeg_is_not_worth_a_word(tmp_path: Path) -> None:
    opened = open_source(frames(tmp_path / "a.jpg", format="MPO"))
    assert opened.notes == ()
    assert opened.image.getpixel((4, 2))[0] > 240


def test_an_animation_that_is_torn_after_its_first_frame_is_good_enough(tmp_path: Path) -> None:
    path = frames(tmp_path / "a.gif")
    path.write_bytes(path.read_bytes()[:-20])
    assert open_source(path).image.getpixel((4, 2))[0] > 240


@pytest.mark.parametrize(
    ("name", "kind", "note"),
    [
        ("a.png", "JPEG", "It is called .png, and holds a JPEG picture; it was read as that."),
        ("a.jpg", "WEBP", "It is called .jpg, and holds a WEBP picture; it was read as that."),
        ("a", "PNG", "It has no suffix, and holds a PNG picture; it was read as that."),
    ],
)
def test_a_wrong_suffix_is_said_and_does_no_harm(tmp_path: Path, name: str, kind: str, note: str) -> None:
    Image.new("RGB", (8, 4), "red").save(tmp_path / name, kind)
    opened = open_source(tmp_path / name)
    assert opened.notes == (note,)
    assert opened.image.size == (8, 4)


@pytest.mark.parametrize("name", ["a.JPG", "a.jpeg", "a.jfif", "a.jpe"])
def test_every_usual_suffix_of_a_kind_is_right(tmp_path: Path, name: str) -> None:
    Image.new("RGB", (8, 4)).save(tmp_path / name, "JPEG")
    assert open_source(tmp_path / name).notes == ()


def test_transparency_is_filled_or_kept_as_asked(tmp_path: Path) -> None:
    Image.new("RGBA", (2, 2), (255, 0, 0, 0)).save(tmp_path / "a.png")
    filled = open_source(tmp_path / "a.png", ColorsConfig(transparency_color="blue"))
    assert filled.image.getpixel((0, 0)) == (0, 0, 255)
    kept = open_source(tmp_path / "a.png", ColorsConfig(keep_transparency=True))
    assert (kept.image.mode, kept.image.getpixel((0, 0))[3]) == ("RGBA", 0)


@pytest.mark.preprocess_option("brightness", "contrast")
@pytest.mark.parametrize(
    ("tones", "dark", "light"),
    [
        ({}, 40, 200),
        ({"brightness": 1.1}, 44, 220),
        ({"contrast": 0.5}, 80, 160),  # halfway to the mean of what is seen, 120
        ({"brightness": 0.5, "contrast": 2.0}, 0, 140),  # 20 and 100 first, then away from their mean, 60
    ],
)
def test_tones_are_changed_before_transparency_is_filled(
    tmp_path: Path, tones: dict[str, float], dark: int, light: int
) -> None:
    image = Image.new("RGBA", (3, 1), (40, 40, 40, 255))
    image.putpixel((1, 0), (200, 200, 200, 255))
    image.putpixel((2, 0), (0, 0, 0, 0))
    image.save(tmp_path / "a.png")
    seen = open_source(tmp_path / "a.png", ColorsConfig(transparency_color="#808080", **tones)).image
    assert [seen.getpixel((x, 0))[0] for x in range(3)] == [dark, light, 128]


def test_a_photo_has_the_colours_it_was_taken_in(tmp_path: Path, red_is_green: bytes) -> None:
    Image.new("RGB", (8, 8), (255, 0, 0)).save(tmp_path / "a.jpg", quality=100, icc_profile=red_is_green)
    red, green, blue = open_source(tmp_path / "a.jpg").image.getpixel((4, 4))
    assert red < 10 and green > 245 and blue < 10


def test_nothing_of_the_file_is_saved_along_with_the_picture(tmp_path: Path) -> None:
    Image.new("RGB", (2, 2)).save(
        tmp_path / "a.jpg", icc_profile=b"a profile", comment=b"a secret", dpi=(7, 7)
    )
    assert open_source(tmp_path / "a.jpg").image.info == {}


def test_a_mask_is_what_is_light_and_opaque(tmp_path: Path) -> None:
    image = Image.new("RGBA", (3, 1), (255, 255, 255, 255))
    image.putpixel((1, 0), (255, 255, 255, 0))
    image.putpixel((2, 0), (0, 0, 0, 255))
    image.save(tmp_path / "a-masklabel.png")
    mask = open_mask(tmp_path / "a-masklabel.png")
    assert mask.mode == "L"
    assert [mask.getpixel((x, 0)) for x in range(3)] == [255, 0, 0]


def test_a_mask_that_can_not_be_read_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "a-masklabel.png").write_bytes(b"no mask")
    with pytest.raises(DatasetError, match=r"a-masklabel\.png is not a picture"):
        open_mask(tmp_path / "a-masklabel.png")
