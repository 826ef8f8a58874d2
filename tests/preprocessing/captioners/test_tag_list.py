from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from traintab.configs import TaggingConfig
from traintab.errors import ModelError
from traintab.preprocessing.captioners.tag_list import Tag, chosen_tags, read_tags, written
from traintab.prompts.attention import WeightedText, parse_attention

# What deepbooru says of the web UI's example picture.
GOLDEN = {
    "blunt_bangs": 0.687,
    "long_hair": 0.982,
    "rating:safe": 0.999,
    "1girl": 1.000,
    "bangs": 0.798,
    "wide_sleeves": 0.795,
    "blush": 0.986,
}


def chosen(probabilities: dict[str, float], category: int = 0, **settings: object) -> list[str]:
    tags = [Tag(name, category) for name in probabilities]
    values = np.array(list(probabilities.values()), np.float32)
    return chosen_tags(tags, values, TaggingConfig(**settings))  # type: ignore[arg-type]


def test_the_golden_case_of_deepbooru() -> None:
    assert chosen(GOLDEN) == ["1girl", "blush", "long hair", "bangs", "wide sleeves"]


@pytest.mark.preprocess_option("tag_threshold")
def test_a_lower_threshold_finds_more() -> None:
    assert chosen(GOLDEN, tag_threshold=0.687)[-1] == "blunt bangs"
    assert chosen(GOLDEN, tag_threshold=0.99) == ["1girl"]


@pytest.mark.parametrize("threshold", [0.75, 0.35, 0.1, 0.7])
def test_a_tag_exactly_at_the_threshold_is_taken(threshold: float) -> None:
    just_below = float(np.nextafter(np.float32(threshold), np.float32(0)))
    assert chosen({"at": threshold, "below": just_below}, tag_threshold=threshold) == ["at"]


@pytest.mark.preprocess_option("tag_order")
def test_tags_can_stand_in_alphabetical_order() -> None:
    assert chosen(GOLDEN, tag_order="alphabetical") == [
        "1girl",
        "bangs",
        "blush",
        "long hair",
        "wide sleeves",
    ]


@pytest.mark.preprocess_option("tag_underscores")
def test_underscores_can_be_kept() -> None:
    assert chosen(GOLDEN, tag_underscores=True)[2:] == ["long_hair", "bangs", "wide_sleeves"]


@pytest.mark.preprocess_option("tag_plain_brackets")
def test_brackets_can_be_left_as_they_are() -> None:
    assert chosen({"miku_(cosplay)": 1}) == ["miku \\(cosplay\\)"]
    assert chosen({"miku_(cosplay)": 1}, tag_plain_brackets=True) == ["miku (cosplay)"]


@pytest.mark.preprocess_option("filtered_tags")
@pytest.mark.parametrize("unwanted", ["long_hair", "long hair, blush", " Long Hair ,", "bangs,long  hair"])
def test_tags_to_leave_out_may_be_written_either_way(unwanted: str) -> None:
    assert "long hair" not in chosen(GOLDEN, filtered_tags=unwanted)
    assert "1girl" in chosen(GOLDEN, filtered_tags=unwanted)


@pytest.mark.parametrize("unwanted", ["miku_(cosplay)", "miku \\(cosplay\\)", "miku (cosplay)"])
def test_a_tag_copied_from_a_caption_is_left_out(unwanted: str) -> None:
    assert chosen({"miku_(cosplay)": 1, "hat": 1}, filtered_tags=unwanted) == ["hat"]


def test_nothing_to_leave_out_leaves_nothing_out() -> None:
    assert chosen({"hat": 1}, filtered_tags=" , ,") == ["hat"]


def test_ratings_are_dropped_by_name_and_by_kind() -> None:
    assert chosen({"rating:explicit": 1.0}) == []
    assert chosen({"general": 1.0, "sensitive": 1.0}, category=9) == []
    assert chosen({"hatsune_miku": 0.9}, category=4) == ["hatsune miku"]


def test_equally_sure_tags_keep_the_models_order() -> None:
    assert chosen({"tree": 0.9, "cat": 0.9, "sky": 0.9}) == ["tree", "cat", "sky"]


def test_what_is_no_number_is_not_sure() -> None:
    assert chosen({"cat": float("nan")}, tag_threshold=0.0) == []


@pytest.mark.parametrize(
    "face",
    ["^_^", ">_<", ">_o", "0_0", "o_o", "u_u", "=_=", "+_-", "._.", ";_;", "3_3", "|_|", "||_||", "@_@"],
)
def test_faces_keep_their_mouths(face: str) -> None:
    assert written(face, TaggingConfig()) == face


def test_faces_between_brackets_keep_their_mouths() -> None:
    assert written("(o)_(o)", TaggingConfig()) == "\\(o\\)_\\(o\\)"
    assert written("<|>_<|>", TaggingConfig(tag_plain_brackets=True)) == "<|>_<|>"


@pytest.mark.parametrize(
    ("tag", "text"), [("v_neck", "v neck"), ("t-shirt_v", "t-shirt v"), ("a_b_c", "a b c"), ("no_1", "no 1")]
)
def test_short_words_are_no_faces(tag: str, text: str) -> None:
    assert written(tag, TaggingConfig()) == text


@given(st.text("ab_()[]\\:|1.", min_size=1).filter(str.strip))
def test_a_prompt_reads_any_tag_as_plain_text(tag: str) -> None:
    caption = written(tag, TaggingConfig(tag_underscores=True))
    assert parse_attention(caption) == [WeightedText(tag, 1.0)]


@given(st.lists(st.floats(0, 1, width=32), min_size=1), st.floats(0, 1))
def test_the_sure_ones_are_taken_the_surest_first(values: list[float], threshold: float) -> None:
    names = chosen({f"t{index}": value for index, value in enumerate(values)}, tag_threshold=threshold)
    taken = [values[int(name[1:])] for name in names]
    assert taken == sorted(taken, reverse=True)
    assert len(taken) == sum(np.float32(value) >= np.float32(threshold) for value in values)


def test_the_table_is_read_in_the_models_order(tmp_path: Path) -> None:
    path = tmp_path / "selected_tags.csv"
    path.write_text('tag_id,name,category,count\n9,general,9,7\n1,"a,b",0,6\n2,miku_(cosplay),4,5\n', "utf-8")
    assert read_tags(path) == (Tag("general", 9), Tag("a,b", 0), Tag("miku_(cosplay)", 4))


def test_an_empty_row_keeps_its_place_and_is_never_written(tmp_path: Path) -> None:
    """As a table that goes around has one, and another its numbers with a point."""
    path = tmp_path / "selected_tags.csv"
    path.write_text(
        'tag_id,name,category,count\r\n1.0,general,9.0,7.0\r\n,,,\r\n2.0,"say_""lazy""",0.0,6.0\r\n'
    )
    tags = read_tags(path)
    assert tags == (Tag("general", 9), Tag("", 0), Tag('say_"lazy"', 0))
    assert chosen_tags(tags, np.ones(3, np.float32), TaggingConfig()) == ['say "lazy"']


@pytest.mark.parametrize(
    "table",
    [
        b"tag_id,count\n1,2\n",
        b"name,category\ncat,animal\n",
        b"name,category\ncat\n",
        b"\xff\xfe\0\0name\n",
        b"name,category\ncat,inf\n",
    ],
)
def test_a_table_without_tags_is_refused(tmp_path: Path, table: bytes) -> None:
    path = tmp_path / "selected_tags.csv"
    path.write_bytes(table)
    with pytest.raises(ModelError, match=r"selected_tags\.csv failed: it is no such table"):
        read_tags(path)


def test_an_empty_table_and_a_missing_one_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "selected_tags.csv"
    with pytest.raises(ModelError, match="No such file"):
        read_tags(path)
    path.write_text("name,category\n")
    with pytest.raises(ModelError, match="is empty"):
        read_tags(path)
