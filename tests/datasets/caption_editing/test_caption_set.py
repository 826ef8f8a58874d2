from __future__ import annotations

import codecs
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traintab.datasets.caption_editing import CaptionSet, PictureCaption, Search
from traintab.errors import InputError


def texts(captions: CaptionSet) -> dict[str, str]:
    return {picture.name.removesuffix(".png"): picture.text for picture in captions.pictures}


def test_tags_are_counted_by_pictures_in_their_most_frequent_writing(make_set: Any) -> None:
    captions = make_set(a="Red hat, smile, smile", b="red hat", c="red hat, sky", d=None)
    rows = [(row.tag, row.count, row.share) for row in captions.tag_counts()]
    assert rows == [("red hat", 3, 0.75), ("sky", 1, 0.25), ("smile", 1, 0.25)]
    assert [row.tag for row in captions.tag_counts(["c.png"])] == ["red hat", "sky"]


def test_words_of_sentences_are_counted_too(make_set: Any) -> None:
    captions = make_set(a="A girl's t-shirt, a hat.", b="the HAT; hat", c=b"\x00")
    assert [(row.tag, row.count) for row in captions.word_counts()] == [
        ("hat", 2),
        ("A", 1),
        ("girl's", 1),
        ("t-shirt", 1),
        ("the", 1),
    ]


def test_pictures_are_found_by_tags_and_by_text(make_set: Any) -> None:
    captions = make_set(a="red hat, sky", b="Red Hat", c="a dark red hat", d=None)
    assert captions.having(["red hat", "sky"]) == ("a.png",)
    assert captions.having(["red hat", "sky"], "any") == ("a.png", "b.png")
    assert captions.having(["red hat", "sky"], "none") == ("c.png", "d.png")
    assert captions.matching(Search(text="red hat")) == ("a.png", "b.png", "c.png")


def test_an_edit_gives_a_new_set_and_leaves_the_old_one(make_set: Any) -> None:
    captions = make_set(a="hat", b="sky")
    edited = captions.add_tag("smile")
    assert texts(captions) == {"a": "hat", "b": "sky"}
    assert texts(edited) == {"a": "hat, smile", "b": "sky, smile"}


def test_only_the_selected_pictures_are_edited(make_set: Any) -> None:
    edited = make_set(a="hat", b="hat").add_tag("smile", selection=["b.png"])
    assert texts(edited) == {"a": "hat", "b": "hat, smile"}


def test_a_tag_is_added_in_front_or_at_the_end_where_it_is_lacking(make_set: Any) -> None:
    captions = make_set(a="hat,sky", b="Smile,hat", c=None)
    assert texts(captions.add_tag("smile", where="front")) == {
        "a": "smile, hat, sky",
        "b": "Smile,hat",
        "c": "smile",
    }
    assert texts(captions.add_tag("smile, hat, Hat"))["c"] == "smile, hat"


def test_removing_a_tag_leaves_captions_without_it_as_they_are(make_set: Any) -> None:
    captions = make_set(a="red hat, sky,Red Hat", b="dark red hat ,sky", c="red hat")
    assert texts(captions.remove_tag("red hat")) == {"a": "sky", "b": "dark red hat ,sky", "c": ""}
    assert texts(captions.remove_tag("sky, red hat"))["a"] == ""


def test_a_tag_is_renamed_at_its_place_and_never_stands_twice(make_set: Any) -> None:
    captions = make_set(a="sky, hat, sun", b="cap, sky, hat", c="hats")
    assert texts(captions.rename_tag("Hat", "cap")) == {"a": "sky, cap, sun", "b": "cap, sky", "c": "hats"}


def test_tags_are_sorted_by_alphabet_or_by_frequency(make_set: Any) -> None:
    captions = make_set(a="sun, Hat, cap", b="sun", c="sun, cap")
    assert texts(captions.sort_tags())["a"] == "cap, Hat, sun"
    assert texts(captions.sort_tags("frequency"))["a"] == "sun, cap, Hat"
    assert texts(captions.sort_tags(keep=1))["a"] == "sun, cap, Hat"


def test_doubled_tags_are_left_once(make_set: Any) -> None:
    assert texts(make_set(a="hat, sun, Hat", b="hat,sun").dedupe_tags()) == {"a": "hat, sun", "b": "hat,sun"}


def test_text_is_replaced_in_all_captions(make_set: Any) -> None:
    edited = make_set(a="a hat", b="a cat").replace(Search(text="hat"), "cap")
    assert texts(edited) == {"a": "a cap", "b": "a cat"}


def test_what_has_no_caption_is_neither_found_nor_replaced(make_set: Any) -> None:
    captions, search = make_set(a="", b=None, c=b"\x00"), Search(text="^", is_regex=True)
    assert captions.matching(search) == ("a.png",)
    edited = captions.replace(search, "a photo")
    assert texts(edited) == {"a": "a photo", "b": "", "c": ""}
    assert edited["b.png"].is_missing


def test_a_typed_caption_is_one_line(make_set: Any) -> None:
    captions = make_set(a="hat")
    assert captions.set_caption("a.png", "  red hat,\r\n\n smile\u2028sky ")["a.png"].text == (
        "red hat, smile sky"
    )


def test_lines_that_are_variants_are_edited_each(make_set: Any) -> None:
    captions = make_set(variants=True, a="a hat, sky\n\nhat\n", b="hat")
    assert texts(captions)["a"] == "a hat, sky\nhat"
    assert texts(captions.add_tag("sun")) == {"a": "a hat, sky, sun\nhat, sun", "b": "hat, sun"}
    assert texts(captions.remove_tag("hat")) == {"a": "a hat, sky", "b": ""}
    assert captions["a.png"].tags == ("a hat", "sky", "hat")


def test_an_empty_caption_is_another_thing_than_none(make_set: Any) -> None:
    captions = make_set(a="hat", b=None).set_caption("a.png", " ").set_caption("b.png", " ")
    captions = captions.set_caption("b.png", "\0\ufeff ")
    assert [picture.is_missing for picture in captions.pictures] == [False, True]
    assert captions.changed_since(make_set()) == ("a.png",)


def test_what_training_takes_without_a_caption_can_be_made_one(make_set: Any) -> None:
    captions = make_set(**{"0-red hat": None, "1-sky": "sun"}).use_suggestions()
    assert texts(captions) == {"0-red hat": "red hat", "1-sky": "sun"}
    assert not captions["0-red hat.png"].is_missing


def test_two_pictures_with_one_caption_file_change_together(make_set: Any, make_folder: Any) -> None:
    from PIL import Image

    folder = make_folder(a="hat", b="hat")
    Image.new("RGB", (4, 4)).save(folder / "a.jpg")
    captions = make_set().add_tag("sky", selection=["a.jpg"])
    assert {picture.name: picture.text for picture in captions.pictures} == {
        "a.jpg": "hat, sky",
        "a.png": "hat, sky",
        "b.png": "hat",
    }


def test_a_caption_that_cannot_be_read_is_never_edited(make_set: Any) -> None:
    captions = make_set(a=b"\x00\x01", b="hat")
    assert texts(captions.add_tag("sky")) == {"a": "", "b": "hat, sky"}
    assert [row.share for row in captions.tag_counts()] == [1.0]
    assert captions.having(["sky"], "none") == ("b.png",)
    with pytest.raises(InputError, match=r"caption of a\.png can't be edited: a\.txt: the file holds zero"):
        captions.set_caption("a.png", "sky")


def test_names_and_tags_that_are_none_are_refused(make_set: Any) -> None:
    captions = make_set(a="hat")
    with pytest.raises(InputError, match=r"no picture 'c\.png'"):
        captions.add_tag("sky", selection=["c.png"])
    with pytest.raises(InputError, match="A tag is needed"):
        captions.add_tag(" , ")
    with pytest.raises(InputError, match="give one tag"):
        captions.rename_tag("a, b", "c")
    with pytest.raises(InputError, match="no prompt is that long"):
        captions.set_caption("a.png", "a" * 300_000)
    with pytest.raises(InputError, match="no prompt is that long"):
        captions.replace(Search(text="hat"), "a" * 300_000)


PLAIN = CaptionSet(
    folder=Path("x"), pictures=(PictureCaption(path=Path("a.png"), name="a.png", file=Path("a.txt")),)
)


@given(st.text() | st.text(alphabet=st.characters()) | st.text(alphabet=" \0\ufeff\n\udfffa"))
def test_whatever_is_typed_a_file_can_hold_and_gives_back(text: str) -> None:
    from traintab.datasets.caption_editing.caption_set import caption_text
    from traintab.prompts.text_files import text_of_bytes

    typed = PLAIN.set_caption("a.png", text)["a.png"].text
    data = typed.encode("utf-8")
    assert not data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    assert caption_text(text_of_bytes(data).text, lines_are_variants=False) == typed


@given(st.lists(st.text(alphabet="abAB ,:\\\n"), max_size=3), st.sampled_from(["a", "B b", "(a, b)"]))
def test_a_tag_that_was_added_is_there_and_one_that_was_removed_is_not(lines: list[str], tag: str) -> None:
    captions = PLAIN.set_caption("a.png", "\n".join(lines))
    assert captions.add_tag(tag).having([tag]) == ("a.png",)
    assert captions.add_tag(tag).remove_tag(tag).having([tag]) == ()
    assert captions.add_tag(tag).add_tag(tag) == captions.add_tag(tag)
