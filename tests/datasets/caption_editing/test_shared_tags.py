from __future__ import annotations

from typing import Any

import pytest

from traintab.datasets.caption_editing import preselected_side, settle_shared, shared_tags

FIVE = {
    "a": "1girl, black shirt, smile",
    "b": "black shirt, 1girl",
    "c": "1girl, Black Shirt",
    "d": "1girl, black shirt, sky",
    "e": "1girl",
}


def test_tags_in_four_of_five_pictures_are_asked_about(make_set: Any) -> None:
    rows = [
        (shared.tag, shared.count, shared.share, shared.lacking) for shared in shared_tags(make_set(**FIVE))
    ]
    assert rows == [("1girl", 5, 1.0, ()), ("black shirt", 4, 0.8, ("e.png",))]


def test_pictures_without_a_caption_count_and_unreadable_ones_do_not(make_set: Any) -> None:
    captions = make_set(a="hat, sky", b="hat, sky", c="hat, sky", d="hat, sky", e=None, f=b"\x00")
    assert [(shared.tag, shared.lacking) for shared in shared_tags(captions)] == [
        ("hat", ("e.png",)),
        ("sky", ("e.png",)),
    ]
    captions = make_set(e="x", g=None)
    assert shared_tags(captions) == []


@pytest.mark.parametrize(("share", "tags"), [(0.2, 4), (0.4, 2), (0.81, 1), (1.0, 1)])
def test_another_share_can_be_asked_about(make_set: Any, share: float, tags: int) -> None:
    assert len(shared_tags(make_set(**FIVE), share=share)) == tags


def test_what_stands_for_the_embedding_is_not_asked_about(make_set: Any) -> None:
    captions = make_set(a="sks girl, [name], hat, Ohwx", b="sks girl, [name], hat, ohwx")
    assert [shared.tag for shared in shared_tags(captions, ignored=["ohwx", "Sks girl"])] == ["hat"]


def test_a_single_picture_shares_nothing(make_set: Any) -> None:
    assert shared_tags(make_set(a="hat")) == []


def test_only_the_chosen_pictures_are_asked_about(make_set: Any) -> None:
    captions = make_set(**FIVE)
    assert [shared.tag for shared in shared_tags(captions, selection=["a.png", "b.png"])] == [
        "1girl",
        "black shirt",
    ]
    assert shared_tags(captions, selection=["a.png", "b.png"])[1].lacking == ()


def test_what_belongs_to_the_concept_goes_from_all_and_what_is_accidental_comes_into_all(
    make_set: Any,
) -> None:
    settled = settle_shared(make_set(**FIVE), {"1girl": "concept", "black shirt": "accidental"})
    assert [picture.text for picture in settled.pictures] == [
        "black shirt, smile",
        "black shirt",
        "Black Shirt",
        "black shirt, sky",
        "black shirt",
    ]


def test_presets_tell_the_likelier_side_and_why() -> None:
    assert [preselected_side(name) for name in ("negative", "", "recipe-paper")] == [None] * 3
    sides = {name: preselected_side(name) for name in ("Character", "object", "style")}
    assert {name: side and side[0] for name, side in sides.items()} == {
        "Character": "concept",
        "object": "concept",
        "style": "accidental",
    }
    assert all(side and side[1].endswith(".") for side in sides.values())
