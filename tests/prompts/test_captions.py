from __future__ import annotations

import codecs
import random
import re
import tempfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traintab.errors import ConfigError, DatasetError
from traintab.prompts.captions import (
    FROM_FILE_NAME,
    CaptionRules,
    caption_of,
    find_caption,
    suffix_of_captions,
    vary_tags,
)
from traintab.prompts.text_files import read_text_file
from traintab.prompts.wildcards import Wildcards

RULES = CaptionRules()


def test_a_text_file_beside_the_picture_is_the_caption(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("red hair, smile", encoding="utf-8")
    assert caption_of(tmp_path / "a.png", RULES) == "red hair, smile"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le-bom", "utf-16-be-bom"])
def test_captions_saved_by_any_editor_are_read(tmp_path: Path, encoding: str) -> None:
    marks = {"utf-16-le-bom": codecs.BOM_UTF16_LE, "utf-16-be-bom": codecs.BOM_UTF16_BE}
    text = "赤い髪, smile".encode(encoding.removesuffix("-bom"))
    (tmp_path / "a.txt").write_bytes(marks.get(encoding, b"") + text)
    assert caption_of(tmp_path / "a.png", RULES) == "赤い髪, smile"


def test_line_breaks_become_spaces_and_ends_are_stripped(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("  red hair,\r\n smile \n\n", encoding="utf-8")
    assert caption_of(tmp_path / "a.png", RULES) == "red hair, smile"


def test_an_empty_caption_file_means_an_empty_caption(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("", encoding="utf-8")
    assert caption_of(tmp_path / "a.png", RULES) == ""


def test_another_extension_can_be_chosen(tmp_path: Path) -> None:
    (tmp_path / "a.caption").write_text("from caption", encoding="utf-8")
    (tmp_path / "a.txt").write_text("from txt", encoding="utf-8")
    assert caption_of(tmp_path / "a.png", CaptionRules(extension=".caption")) == "from caption"


def test_the_extension_s_dot_may_be_left_out() -> None:
    assert suffix_of_captions("caption") == suffix_of_captions(" .caption ") == ".caption"
    assert suffix_of_captions("tags.txt") == ".tags.txt"


@pytest.mark.parametrize("extension", ["", ".", "a/b", "..", "txt.", "\\x"])
def test_what_ends_no_file_s_name_is_no_extension(extension: str) -> None:
    with pytest.raises(ConfigError, match="caption file extension") as caught:
        suffix_of_captions(extension)
    assert caught.value.field == "caption_extension"


def test_western_letters_of_old_editors_are_read_and_said(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes("café “blue”, 5°".encode("cp1252"))
    assert find_caption(tmp_path / "a.png", RULES) == ("café “blue”, 5°", "a.txt, read as Latin-1")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("赤い髪".encode("shift-jis"), r"byte 0 \(0x90\) is neither UTF-8 nor Latin-1 text"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", r"byte 0 \(0x89\) is neither"),
        (b"caf\xe9 \x07", r"byte 5 \(0x07\) is neither"),
        ("smile".encode("utf-16-le"), "zero bytes"),
        (codecs.BOM_UTF16_LE + b"a", "is not UTF-16 text"),
        (b"x" * ((1 << 20) + 1), "larger than 1 MiB"),
    ],
    ids=["shift-jis", "picture", "control", "no mark", "cut off", "huge"],
)
def test_what_is_no_text_is_named_with_its_file(tmp_path: Path, data: bytes, words: str) -> None:
    (tmp_path / "a.txt").write_bytes(data)
    with pytest.raises(DatasetError, match=rf"a\.txt failed: .*({words})"):
        caption_of(tmp_path / "a.png", RULES)


@given(st.binary(max_size=40))
def test_any_bytes_are_read_as_text_or_refused_with_a_phrase(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.txt"
        path.write_bytes(data)
        try:
            text, encoding = read_text_file(path)
        except ValueError as error:
            assert str(error)
            return
    assert "\0" not in text
    codec = {"UTF-8": "utf-8-sig", "UTF-16": "utf-16", "Latin-1": "cp1252"}[encoding]
    assert data.decode(codec) == text


def test_where_a_caption_comes_from_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("red", encoding="utf-8")
    assert find_caption(tmp_path / "a.png", RULES).source == "a.txt"
    assert find_caption(tmp_path / "b.png", RULES).source == FROM_FILE_NAME


def test_lines_of_a_caption_can_be_variants(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("red | blue\n\n {big|small} hat \n", encoding="utf-8")
    caption = caption_of(tmp_path / "a.png", CaptionRules(one_line=True))
    drawn = {Wildcards.parse(caption).draw(random.Random(seed).random) for seed in range(40)}
    assert drawn == {"red | blue", "big hat", "small hat"}
    assert caption_of(tmp_path / "a.png", RULES) == "red | blue {big|small} hat"


@pytest.mark.parametrize(
    ("stem", "caption"),
    [
        ("00000-0-girl with hat", "girl with hat"),
        ("00012-3-  smile", "smile"),
        ("girl-2", "girl-2"),
        ("2girls", "girls"),
        ("0001", ""),
        ("--a", "a"),
    ],
)
def test_the_leading_number_of_a_file_name_is_removed(stem: str, caption: str) -> None:
    assert caption_of(Path(f"{stem}.png"), RULES) == caption


def test_a_regex_picks_words_and_a_string_joins_them() -> None:
    rules = CaptionRules(word_regex="[a-z]+", join_string=", ")
    assert caption_of(Path("01-red_hair-SMILE-hat.png"), rules) == "red, hair, hat"


def test_the_first_group_of_a_regex_is_what_counts() -> None:
    rules = CaptionRules(word_regex=r"(\w+?)_(?:x|y)")
    assert caption_of(Path("red_x blue_y.png"), rules) == "red blue"


@pytest.mark.parametrize(("word_regex", "character"), [("([a-z", 2), ("*a", 1), ("a{99999999999}", 1)])
def test_a_broken_regex_is_a_setting_to_correct(word_regex: str, character: int) -> None:
    with pytest.raises(ConfigError, match=f"from character {character} on it can't be understood") as caught:
        caption_of(Path("a.png"), CaptionRules(word_regex=word_regex))
    assert caught.value.field == "filename_word_regex"
    assert not re.search(r"untermin|position|repeat|large", str(caught.value)), "Python's words"


def test_a_caption_is_unchanged_when_nothing_varies_and_no_number_is_drawn() -> None:
    def no_number() -> float:
        raise AssertionError

    assert vary_tags(" a,b , c", shuffle=False, drop_out=0.0, random=no_number) == " a,b , c"


def test_shuffling_keeps_every_tag_and_repeats_with_the_seed() -> None:
    caption = ", ".join(f"tag{number}" for number in range(20))
    first = vary_tags(caption, shuffle=True, drop_out=0.0, random=random.Random(3).random)
    assert first == vary_tags(caption, shuffle=True, drop_out=0.0, random=random.Random(3).random)
    assert first != caption
    assert sorted(first.split(", ")) == sorted(caption.split(", "))


def test_every_order_is_equally_likely() -> None:
    source = random.Random(0)
    counts: dict[str, int] = {}
    for _ in range(6000):
        order = vary_tags("a,b,c", shuffle=True, drop_out=0.0, random=source.random)
        counts[order] = counts.get(order, 0) + 1
    assert len(counts) == 6
    assert all(850 < count < 1150 for count in counts.values())


def test_drop_out_drops_about_its_share_and_keeps_the_order() -> None:
    caption = ", ".join(f"{number:04}" for number in range(1000))
    kept = vary_tags(caption, shuffle=False, drop_out=0.3, random=random.Random(1).random).split(", ")
    assert 650 < len(kept) < 750
    assert kept == sorted(kept)


def test_full_drop_out_drops_everything() -> None:
    assert vary_tags("a, b", shuffle=True, drop_out=1.0, random=random.Random(1).random) == ""


def test_the_first_tags_stay_in_front() -> None:
    caption = "zq, girl, " + ", ".join(f"tag{number}" for number in range(20))
    for seed in range(20):
        varied = vary_tags(caption, shuffle=True, drop_out=0.5, random=random.Random(seed).random, keep=2)
        assert varied.startswith("zq, girl, ")
    assert vary_tags("zq, girl, red", shuffle=True, drop_out=1.0, random=random.random, keep=2) == "zq, girl"
    assert vary_tags("zq, girl", shuffle=True, drop_out=1.0, random=random.random, keep=5) == "zq, girl"


@pytest.mark.parametrize(
    ("separator", "caption", "expected"),
    [
        (";", "a; b, c;d", ["a", "b, c", "d"]),
        (" ", "a_b c  d", ["a_b", "c", "d"]),
        (" , ", "a,b", ["a", "b"]),
    ],
)
def test_tags_may_be_separated_otherwise(separator: str, caption: str, expected: list[str]) -> None:
    between = f"{separator.strip()} "
    varied = vary_tags(
        caption, shuffle=True, drop_out=0.0, random=random.Random(1).random, separator=separator
    )
    assert sorted(varied.split(between)) == sorted(expected)


@given(st.text(alphabet="ab, ;{|}", max_size=30), st.integers(0, 4), st.floats(0.01, 1), st.booleans())
def test_no_tag_comes_twice_and_none_is_made_up(
    caption: str, keep: int, drop_out: float, shuffle: bool
) -> None:
    varied = vary_tags(caption, shuffle=shuffle, drop_out=drop_out, random=random.Random(7).random, keep=keep)
    before = [tag.strip() for tag in caption.split(",") if tag.strip()]
    after = [tag.strip() for tag in varied.split(",") if tag.strip()]
    assert not Counter(after) - Counter(before)
    assert after[:keep] == before[:keep]
