from __future__ import annotations

import contextlib
import unicodedata
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traintab.embeddings.names import (
    check_name,
    name_problem,
    name_warnings,
    prompt_word,
    typable_name,
)
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
    ("character", "shown"),
    [
        ("\0", "0000"),
        ("\n", "000A"),
        ("\ud800", "D800"),
        *((chr(code), f"{code:04X}") for code in (0x202E, 0x2066, 0x200F, 0x061C)),  # bidi
        *((chr(code), f"{code:04X}") for code in (0x200B, 0x200C, 0x200D, 0xFEFF, 0x2060)),  # zero width
        *((chr(code), f"{code:04X}") for code in (0x034F, 0x3164, 0xFE0F, 0xE0100)),  # no ink
    ],
)
def test_unseen_characters_are_named_by_number(character: str, shown: str) -> None:
    with pytest.raises(EmbeddingNameError, match=rf"U\+{shown} at character 2"):
        check_name(f"a{character}b")


@pytest.mark.parametrize("name", [".hidden", "mira.", "..", "."])
def test_dots_at_the_ends_are_refused(name: str) -> None:
    with pytest.raises(EmbeddingNameError, match="with a dot"):
        check_name(name)


@pytest.mark.parametrize("name", ["con", "NUL", "com1", "Aux.pt", "lpt9", "COM²", "conin$", "nul .x"])
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


@given(st.text(max_size=120))
def test_a_name_that_passes_can_be_a_file_a_prompt_word_and_passes_again(text: str) -> None:
    with contextlib.suppress(EmbeddingNameError):
        name = check_name(text)
        assert check_name(name) == name == unicodedata.normalize("NFC", name)
        assert 0 < len(name) <= 100
        assert len(f"{name}.safetensors".encode()) < 255
        assert not set(name) & set('\\/:*?"<>|()[],')
        assert name == name.strip()
        assert not name.startswith(".") and not name.endswith(".")


@given(st.text(max_size=300))
def test_a_name_made_typable_passes_or_nothing_remains_of_it(text: str) -> None:
    with contextlib.suppress(EmbeddingNameError):
        name = typable_name(text)
        assert check_name(name) == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("mira", "mira"),
        ("style (v2)", "style _v2_"),
        ("a/b:c", "a_b_c"),
        ("zero\u200bwidth", "zerowidth"),
        (".hidden.", "hidden"),
        ("con", "_con"),
        ("salt AND pepper", "salt and pepper"),
        ("x" * 300, "x" * 100),
        ("絵" * 80, "絵" * 66),
    ],
)
def test_what_cannot_be_typed_becomes_an_underscore(text: str, name: str) -> None:
    assert typable_name(text) == name


def test_nothing_cannot_be_made_a_name() -> None:
    with pytest.raises(EmbeddingNameError, match="has no name"):
        typable_name("\u200b . ")


def test_the_problem_of_a_found_name_is_a_sentence_and_empty_when_there_is_none() -> None:
    assert name_problem("mira") == ""
    assert "'(' at character 7" in name_problem("style (v2)")
    assert "rename the file" in name_problem("e\u0301mile")


def test_a_name_like_no_other_has_no_warnings() -> None:
    assert name_warnings("zq", ["cat", "zq"], lambda word: word == "cat") == []


def test_a_word_that_the_model_knows_is_warned_of() -> None:
    (warning,) = name_warnings("cat", [], lambda word: word == "cat")
    assert "already knows the word 'cat'" in warning


def test_a_name_that_differs_in_case_alone_is_warned_of() -> None:
    (warning,) = name_warnings("mira", ["Mira"])
    assert "called 'Mira'" in warning


@pytest.mark.parametrize(("name", "other"), [("emb1", "emb12"), ("emb12", "emb1"), ("EMB1", "emb12")])
def test_a_name_that_another_begins_with_is_warned_of(name: str, other: str) -> None:
    (warning,) = name_warnings(name, ["far", other])
    assert f"{name!r} and {other!r} begin alike" in warning


def test_many_overlapping_names_make_one_short_warning() -> None:
    (warning,) = name_warnings("e", [f"e{number}" for number in range(50)])
    assert "'e0', 'e1', 'e2', ..." in warning


@pytest.mark.parametrize(
    ("path", "inner", "is_picture", "word"),
    [
        ("a/mira.pt", "other", False, "mira"),
        ("a/mira-500.png", "mira", True, "mira"),
        ("a/mira-500.png", None, True, "mira-500"),
        ("sd-concepts/cat-toy/learned_embeds.bin", "<cat-toy>", False, "cat-toy"),
        ("sd-concepts/cat-toy/learned_embeds.bin", None, False, "cat-toy"),
        ("x/learned_embeds-steps-500.safetensors", "sks", False, "sks"),
        ("x/learned_embeds_2.safetensors", "<>", False, "x"),
        ("learned_embeds.bin", None, False, "learned_embeds"),
    ],
)
def test_a_found_file_is_called_by_its_stem_or_by_what_it_says(
    path: str, inner: str | None, is_picture: bool, word: str
) -> None:
    assert prompt_word(PurePosixPath(path), inner, is_picture=is_picture) == word
