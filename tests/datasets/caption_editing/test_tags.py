from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traintab.datasets.caption_editing.tags import join_tags, split_tags, tag_key, without_doubles


@pytest.mark.parametrize(
    ("caption", "tags"),
    [
        ("red hat, smile,1girl", ("red hat", "smile", "1girl")),
        ("a girl in a red hat", ("a girl in a red hat",)),
        ("", ()),
        (" , red hat,, ", ("red hat",)),
        ("(red hat, smile:1.2), sky", ("(red hat, smile:1.2)", "sky")),
        ("a {red, big|blue} hat, sky", ("a {red, big|blue} hat", "sky")),
        (r"hat \(red, sky", (r"hat \(red", "sky")),
        ("\\\\, sky", ("\\\\", "sky")),
        (":(, sky", (":(", "sky")),
        (":), sky", (":)", "sky")),
        (":( , sky, :)", (":(", "sky", ":)")),
        ("(red hat, smile:1.2), :(", ("(red hat, smile:1.2)", ":(")),
    ],
)
def test_tags_stand_between_commas_that_are_in_no_brackets(caption: str, tags: tuple[str, ...]) -> None:
    assert split_tags(caption) == tags


@given(st.text() | st.text(alphabet="(){}, \\a"))
def test_tags_that_were_joined_are_the_same_tags(caption: str) -> None:
    tags = split_tags(caption)
    assert split_tags(join_tags(tags)) == tags


def test_capitals_and_white_space_make_no_other_tag_but_underscores_do() -> None:
    assert tag_key(" Red  Hat") == tag_key("red hat")
    assert tag_key("red_hat") != tag_key("red hat")


def test_of_doubles_the_first_stays_in_its_writing() -> None:
    assert without_doubles(["Red hat", "smile", "red hat"]) == ("Red hat", "smile")
