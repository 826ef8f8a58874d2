from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traintab.prompts.extra_networks import ExtraNetwork, take_extra_networks


def network(prompt: str) -> ExtraNetwork:
    """The only tag of `prompt`."""
    (found,) = take_extra_networks(prompt)[1]
    return found


def test_tags_are_taken_out_of_the_prompt_in_order() -> None:
    without, networks = take_extra_networks("1girl, <lora:b:0.8> hat<hypernet:a:1.1>, <lyco:c>")

    assert without == "1girl,  hat, "
    assert [(found.kind, found.name) for found in networks] == [
        ("lora", "b"),
        ("hypernet", "a"),
        ("lyco", "c"),
    ]


@pytest.mark.parametrize(
    ("tag", "weights"),
    [
        ("<lora:x>", (1.0, 1.0)),
        ("<lora:x:0.8>", (0.8, 0.8)),
        ("<lora:x:-1>", (-1.0, -1.0)),
        ("<lora:x:0.5:1.5>", (0.5, 1.5)),
        ("<lora:x:te=0.5>", (0.5, 0.5)),
        ("<lora:x:unet=0.5>", (1.0, 0.5)),
        ("<lora:x:te=0:unet=1>", (0.0, 1.0)),
        ("<lora:x:0.7:unet=1>", (0.7, 1.0)),
        ("<lora:x: 0.5 >", (0.5, 0.5)),
    ],
)
def test_one_weight_is_for_both_and_two_are_for_text_encoder_and_unet(
    tag: str, weights: tuple[float, float]
) -> None:
    assert network(tag) == ExtraNetwork("lora", "x", weights)


@pytest.mark.parametrize(
    ("tag", "not_understood"),
    [
        ("<lora:x:much>", ("much",)),
        ("<lora:x:nan>", ("nan",)),
        ("<lora:x:1:1:8>", ("8",)),
        ("<lora:x:1:lbw=MIDD>", ("lbw=MIDD",)),
        ("<lora:x:te=>", ("te=",)),
    ],
)
def test_an_argument_that_is_no_weight_is_told(tag: str, not_understood: tuple[str, ...]) -> None:
    found = network(tag)

    assert found.weights == (1.0, 1.0)
    assert found.not_understood == not_understood


@pytest.mark.parametrize(
    "prompt", ["<lora>", "<lora:>", "<:x>", "<mycat>", "a < b: c", "<lo ra:x>", "lora:x:1"]
)
def test_what_is_no_tag_stays(prompt: str) -> None:
    assert take_extra_networks(prompt) == (prompt, [])


@given(st.text(alphabet="<>:lora x1.", max_size=30))
def test_a_prompt_without_tags_loses_none_a_second_time(prompt: str) -> None:
    without, networks = take_extra_networks(prompt)

    assert bool(networks) == (without != prompt)
    assert not networks or len(without) < len(prompt)
