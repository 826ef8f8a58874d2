from __future__ import annotations

import random
from pathlib import Path

import pytest

from traintab.errors import ConfigError, DatasetError
from traintab.prompts.captions import CaptionRules, caption_of, vary_tags

RULES = CaptionRules()


def test_a_text_file_beside_the_picture_is_the_caption(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("red hair, smile", encoding="utf-8")
    assert caption_of(tmp_path / "a.png", RULES) == "red hair, smile"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_captions_saved_by_any_editor_are_read(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "a.txt").write_text("赤い髪, smile", encoding=encoding)
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


def test_an_unreadable_caption_names_the_file_and_the_byte(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"caf\xe9!")
    with pytest.raises(DatasetError, match=r"a\.txt failed: byte 3 is not UTF-8 text"):
        caption_of(tmp_path / "a.png", RULES)


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


def test_a_broken_regex_is_a_setting_to_correct() -> None:
    with pytest.raises(ConfigError, match="file name word regex") as caught:
        caption_of(Path("a.png"), CaptionRules(word_regex="[a-"))
    assert caught.value.field == "word_regex"


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
