"""What is left of a prompt for an encoder that doesn't know the embedding."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traintab.likeness.plain_prompts import plain_prompt


@pytest.mark.parametrize(
    ("prompt", "wanted"),
    [
        ("a photo of sks in a red hat", "a photo of in a red hat"),
        ("sks, red hat, beach", "red hat, beach"),
        ("(sks:0.6), red hat", "red hat"),
        ("(SKS:1.4), (red hat)", "red hat"),
        ("red hat, sks", "red hat"),
        ("asks for sks-like, sksy", "asks for -like, sksy"),
        ("sks", ""),
        ("", ""),
    ],
)
def test_the_name_and_the_weights_are_left_out(prompt: str, wanted: str) -> None:
    assert plain_prompt(prompt, "sks") == wanted


def test_prompts_that_differ_in_weight_alone_become_equal() -> None:
    assert len({plain_prompt(f"a photo of (sks:{weight})", "sks") for weight in (0.6, 1, 1.4)}) == 1


@given(prompt=st.text(max_size=60), name=st.text(max_size=6))
def test_any_prompt_and_name_give_one_line(prompt: str, name: str) -> None:
    assert len(plain_prompt(prompt, name).splitlines()) <= 1
