"""A1111's rules for file names, tags and templates, as they were recorded, and where we differ on purpose."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traintab.configs import CaptionsConfig
from traintab.datasets.report import DatasetImage
from traintab.datasets.seeds import seeded_generator
from traintab.models.single_file import TOKENIZER_DIR
from traintab.models.single_file_adapter import make_tokenizer
from traintab.models.transformers_adapter import Tokenizer
from traintab.prompts.captions import CaptionRules, caption_of, vary_tags, words_of_name
from traintab.prompts.templates import Template, fill, load_template
from traintab.training.prompt_lines import PromptRules

NAMES = st.text(alphabet="ab 09-_.,é", max_size=20)
WORDS = st.sampled_from(["", r"\w+", "[a-z]", r"(a)b", r"\d+", "b|9"])


@lru_cache
def clip() -> Tokenizer:
    """CLIP L's own tokenizer, which decides whether two prompts are the same."""
    return make_tokenizer(TOKENIZER_DIR, pad_token="<|endoftext|>")


def ids(text: str) -> list[int]:
    return list(clip()([text], add_special_tokens=False).input_ids[0])


def web_ui_words(stem: str, word_regex: str, join_string: str) -> str:
    """The rule as recorded: a leading run of digits and hyphens goes, with the white space behind it; with a
    regex all matches are joined, of those with a group what the group holds.
    """
    rest = stem.lstrip("0123456789-")
    if rest != stem:
        rest = rest.lstrip()
    return join_string.join(re.findall(word_regex, rest)) if word_regex else rest


@given(NAMES, WORDS, st.sampled_from([" ", ", ", ""]))
def test_words_of_a_file_name_are_a1111_s(stem: str, word_regex: str, join_string: str) -> None:
    # White space at the ends, which no text encoder sees, is all that differs.
    rules = CaptionRules(word_regex=word_regex, join_string=join_string)
    assert words_of_name(stem, rules) == web_ui_words(stem, word_regex, join_string).strip()


@pytest.mark.parametrize(
    ("stem", "words"),
    [("00000-0-girl with hat", "girl with hat"), ("12 - girl", "- girl"), ("a-1", "a-1"), ("007", "")],
)
def test_leading_numbers_go_as_recorded(stem: str, words: str) -> None:
    assert words_of_name(stem, CaptionRules()) == words == web_ui_words(stem, "", " ")


def test_a_caption_file_is_read_whole_but_in_more_encodings_and_in_one_line(tmp_path: Path) -> None:
    # A1111 leaves line breaks and ends as they are, which are the same tokens, and fails on other encodings.
    raw = " red hat,\n smile\n"
    (tmp_path / "a.txt").write_text(raw, encoding="utf-16")
    caption = caption_of(tmp_path / "a.png", CaptionRules())
    assert caption == "red hat, smile"
    assert ids(caption) == ids(raw)


@given(st.lists(st.sampled_from(["red hat", " smile", "a", "1girl "]), max_size=6))
def test_tags_join_to_the_same_tokens(tags: list[str]) -> None:
    # A1111 splits at commas, keeps the blanks, and joins with commas; we join with comma and blank.
    kept = vary_tags(",".join(tags), shuffle=False, drop_out=1e-9, random=lambda: 0.5)
    assert ids(kept) == ids(",".join(tags))


def test_file_words_are_put_in_first_so_that_captions_may_name() -> None:
    assert fill("[name] [filewords]", name="zq", filewords="a [name]") == "zq a zq"


def test_blank_lines_are_dropped_because_they_would_train_nothing(tmp_path: Path) -> None:
    # A1111 keeps them as empty prompts.
    (tmp_path / "t.txt").write_text("a [name]\n\n  \nthe [name]  \n", encoding="utf-8")
    assert load_template(tmp_path / "t.txt").lines == ("a [name]", "the [name]")


def rules(*, shuffle: bool = False, drop_out: float = 0.0) -> PromptRules:
    lines = tuple(f"{number} [name], [filewords]" for number in range(9))
    return PromptRules(
        name="zq",
        template=Template("t", lines),
        shuffle_tags=shuffle,
        tag_drop_out=drop_out,
        captions=CaptionsConfig(),
    )


def shown(some: PromptRules, caption: str) -> set[str]:
    """Thirty showings of a picture."""
    image = DatasetImage(path=Path("a.png"), caption=caption, content_hash="", width=8, height=8)
    (line,), generator = some.drawn_lines([image], seed=0), seeded_generator("web ui")
    if not some.vary:
        return {some.prompt(line, caption) for _ in range(30)}
    return {some.varied_prompt(caption, generator, line=line) for _ in range(30)}


def test_a_line_is_kept_per_picture_while_tags_stay_as_they_are() -> None:
    assert len(shown(rules(), "a, b")) == 1


@pytest.mark.parametrize(("shuffle", "drop_out"), [(True, 0.0), (False, 0.5)])
def test_a_line_is_drawn_at_each_showing_when_tags_vary(shuffle: bool, drop_out: float) -> None:
    prompts = shown(rules(shuffle=shuffle, drop_out=drop_out), "a, b")
    assert len({prompt[0] for prompt in prompts}) > 4


def test_full_drop_out_drops_every_tag() -> None:
    assert {prompt[1:] for prompt in shown(rules(drop_out=1.0), "a, b")} == {" zq,"}
