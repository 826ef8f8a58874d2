"""The prompts in which other words shall keep their meaning."""

from __future__ import annotations

from pathlib import Path

import pytest

from traintab.configs import RegularisationConfig
from traintab.errors import ConfigError
from traintab.training.context_prompts import BUILT_IN, context_prompts_of

ON = {"prior_loss_weight": 0.01, "context_word": " dog "}


def test_off_there_are_none_and_no_file_is_looked_at() -> None:
    assert context_prompts_of(RegularisationConfig(context_prompts="/not/there.txt")) is None


@pytest.mark.parametrize("source", ["subject", "style"])
def test_the_built_in_ones_name_the_embedding_once_and_none_comes_twice(source: str) -> None:
    prompts = context_prompts_of(RegularisationConfig(context_prompts=source, **ON))
    assert prompts is not None
    assert prompts.lines == BUILT_IN[source]
    assert len(set(prompts.lines)) == len(prompts.lines) >= 30
    assert prompts.word == "dog"


def test_a_file_of_one_s_own_is_read(tmp_path: Path) -> None:
    path = tmp_path / "mine.txt"
    path.write_text("a [name] in a box\n\nthe [name] asleep\n", encoding="utf-8")
    prompts = context_prompts_of(RegularisationConfig(context_prompts=str(path), **ON))
    assert prompts is not None
    assert prompts.lines == ("a [name] in a box", "the [name] asleep")


@pytest.mark.parametrize("line", ["a photo of a dog", "[name] and [name]", "[name], [filewords]"])
def test_a_line_that_can_t_be_compared_is_refused(tmp_path: Path, line: str) -> None:
    path = tmp_path / "mine.txt"
    path.write_text(f"a [name]\n{line}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"must have \[name\] once, and no \[filewords\]") as caught:
        context_prompts_of(RegularisationConfig(context_prompts=str(path), **ON))
    assert repr(line) in str(caught.value)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"Context prompts: reading .*mine\.txt failed: No such file"):
        context_prompts_of(RegularisationConfig(context_prompts=str(tmp_path / "mine.txt"), **ON))


def test_a_file_of_nothing_or_of_no_text_is_told(tmp_path: Path) -> None:
    for data, reason in ((b" \n", "it is empty"), (b"\x00\x01", "zero bytes")):
        path = tmp_path / "mine.txt"
        path.write_bytes(data)
        with pytest.raises(ConfigError, match=reason):
            context_prompts_of(RegularisationConfig(context_prompts=str(path), **ON))
