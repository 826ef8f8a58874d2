from __future__ import annotations

import threading

import pytest

from traintab.datasets.caption_editing import Search
from traintab.datasets.caption_editing import search as search_module
from traintab.errors import InputError


def test_plain_text_is_found_anywhere_and_its_signs_mean_themselves() -> None:
    assert Search(text="hat").replaced("red HAT, hats", "cap") == "red cap, caps"
    assert Search(text="(a.b)").replaced("(a.b), axb", "c") == "c, axb"
    assert Search(text="hat").replaced("hat", r"\1") == r"\1"


def test_capitals_count_when_they_shall() -> None:
    assert Search(text="hat", match_case=True).replaced("HAT, hat", "cap") == "HAT, cap"


def test_a_whole_tag_is_all_between_two_commas() -> None:
    search = Search(text=" red hat ", whole_tag=True)
    assert search.replaced("dark red hat, Red Hat, red hat on", "cap") == "dark red hat, cap, red hat on"
    assert not search.is_in("dark red hat")


def test_a_regular_expression_s_brackets_come_back_in_the_replacement() -> None:
    assert Search(text=r"(\w+) hair", is_regex=True).replaced("red hair, sky", r"hair of \1") == (
        "hair of red, sky"
    )
    whole = Search(text=r"(\d)girls?", is_regex=True, whole_tag=True)
    assert whole.replaced("2girls, 2girls here", r"\1 people") == "2 people, 2girls here"


@pytest.mark.parametrize("whole_tag", [False, True])
def test_tags_that_became_empty_go_with_their_comma(whole_tag: bool) -> None:
    assert Search(text="smile", whole_tag=whole_tag).replaced("hat,smile, sky", "") == "hat, sky"


def test_words_that_are_taken_out_leave_no_gap() -> None:
    assert Search(text="hat").replaced("red hat ,a hat on grass", "") == "red, a on grass"


def test_a_line_without_a_match_keeps_its_spacing() -> None:
    assert Search(text="cat").replaced("hat ,smile,, sky", "dog") == "hat ,smile,, sky"
    assert Search(text="smile").replaced("hat ,smile", "grin") == "hat ,grin"


def test_nothing_to_look_for_is_refused() -> None:
    with pytest.raises(InputError, match="give some text"):
        Search(text="")


def test_what_is_no_regular_expression_is_refused_with_its_fault() -> None:
    with pytest.raises(InputError, match=r"'\(a' is no regular expression \(missing \)"):
        Search(text="(a", is_regex=True)


@pytest.mark.parametrize("whole_tag", [False, True])
def test_an_expression_that_never_ends_is_given_up_and_stops_no_other_thread(
    whole_tag: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_module, "_SECONDS", 0.2)
    worked, is_over = 0, threading.Event()

    def work() -> None:
        nonlocal worked
        while not is_over.wait(0.01):
            worked += 1

    other = threading.Thread(target=work)
    other.start()
    try:
        with pytest.raises(InputError, match="given up after"):
            Search(text="(a|aa)+b", is_regex=True, whole_tag=whole_tag).replaced("a" * 200, "c")
    finally:
        is_over.set()
        other.join()
    assert worked >= 5


@pytest.mark.parametrize("replacement", [r"\2", r"\g<name>", "\\"])
def test_a_replacement_that_names_what_was_not_matched_is_refused(replacement: str) -> None:
    with pytest.raises(InputError, match="can't be done"):
        Search(text="(a)", is_regex=True).replaced("a", replacement)
