from __future__ import annotations

import pytest

from traintab.embeddings.names import check_name
from traintab.errors import EmbeddingNameError


@pytest.mark.parametrize(
    "name",
    ["mira", "my-style_2", "a.b", "two words", "夏の少女", "émile", "x" * 100, "console", "and", "v1.0-neg"],
)
def test_ordinary_names_pass_unchanged(name: str) -> None:
    assert check_name(name) == name


def test_blanks_around_a_name_are_removed() -> None:
    assert check_name("  mira\n") == "mira"


def test_letters_and_their_accents_are_joined() -> None:
    assert check_name("e\u0301mile") == "\u00e9mile"


@pytest.mark.parametrize("name", ["", "   ", "\t\n"])
def test_an_empty_name_is_refused(name: str) -> None:
    with pytest.raises(EmbeddingNameError, match="has no name"):
        check_name(name)


@pytest.mark.parametrize("character", list('()[]:<>|,"/\\*?'))
def test_prompt_grammar_and_path_characters_are_named(character: str) -> None:
    with pytest.raises(EmbeddingNameError) as caught:
        check_name(f"ab{character}c")
    assert f"{character!r} at character 3" in str(caught.value)


@pytest.mark.parametrize(
    ("character", "shown"), [("\0", "0000"), ("\n", "000A"), ("\u202e", "202E"), ("\ud800", "D800")]
)
def test_unseen_characters_are_named_by_number(character: str, shown: str) -> None:
    with pytest.raises(EmbeddingNameError, match=rf"U\+{shown} at character 2"):
        check_name(f"a{character}b")


@pytest.mark.parametrize("name", [".hidden", "mira.", "..", "."])
def test_dots_at_the_ends_are_refused(name: str) -> None:
    with pytest.raises(EmbeddingNameError, match="with a dot"):
        check_name(name)


@pytest.mark.parametrize("name", ["con", "NUL", "com1", "Aux.pt", "lpt9"])
def test_windows_device_names_are_refused(name: str) -> None:
    with pytest.raises(EmbeddingNameError, match="reserved by Windows"):
        check_name(name)


@pytest.mark.parametrize("name", ["x" * 101, "絵" * 80])
def test_a_name_too_long_for_a_file_is_refused(name: str) -> None:
    with pytest.raises(EmbeddingNameError, match="at most 100"):
        check_name(name)


@pytest.mark.parametrize("name", ["BREAK", "salt AND pepper"])
def test_words_of_the_prompt_grammar_are_refused(name: str) -> None:
    with pytest.raises(EmbeddingNameError, match="means something in prompts"):
        check_name(name)
