from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traintab.embeddings.formats.untrusted import MAX_TEXT, clean_count, clean_text, shown_path


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("plain", "plain"),
        ("  a\nb\tc ", "a b c"),
        ("a\x00\x1b[0m", "a[0m"),
        ("", None),
        ("\n", None),
        (5, None),
    ],
)
def test_texts_become_one_clean_line(value: object, expected: str | None) -> None:
    assert clean_text(value) == expected


@given(st.text())
def test_no_text_survives_long_or_with_control_characters(text: str) -> None:
    cleaned = clean_text(text)
    if cleaned is not None:
        assert 1 <= len(cleaned) <= MAX_TEXT
        assert not {unicodedata.category(character) for character in cleaned} & {"Cc", "Cf", "Cs", "Zl", "Zp"}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0, 0),
        (500, 500),
        ("77", 77),
        (-1, None),
        (True, None),
        (1.0, None),
        ("x", None),
        ("٣", None),
        (10**13, None),
    ],
)
def test_only_whole_numbers_are_counts(value: object, expected: int | None) -> None:
    assert clean_count(value) == expected


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("a/mira.pt", "a/mira.pt"),
        ("caf\u00e9.pt", "caf\u00e9.pt"),
        ("line\nbreak.pt", "line\\nbreak.pt"),
        ("\x1b[31m\u202e.pt", "\\x1b[31m\\u202e.pt"),
        ("a\udcffb.pt", "a?b.pt"),
    ],
)
def test_paths_are_shown_in_one_visible_line(path: str, shown: str) -> None:
    assert shown_path(Path(path)) == shown
