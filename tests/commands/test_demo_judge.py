"""The demo's judge as the checkpoint grid asks it, with pictures of the shipped examples."""

from __future__ import annotations

import pytest
from PIL import Image

from traintab.commands.demo_judge import DemoJudge
from traintab.paths import PACKAGE_DIR

EXAMPLES = PACKAGE_DIR / "demo" / "examples"


def pictures(example: str) -> list[Image.Image]:
    return [Image.open(path).convert("RGB") for path in sorted((EXAMPLES / example).glob("*.png"))]


@pytest.mark.parametrize(
    ("prompt", "wanted"),
    [
        ("a photo of, red hoodie, blue background",
         {"clothes": ["hoodie"], "clothes color": ["red"], "background color": ["blue"]}),
        ("a photo of in a sailor uniform", {"clothes": ["sailor uniform"]}),
        ("dotted teal background", {"background": ["dotted"], "background color": ["teal"]}),
        ("at the beach, sunset", {"background": ["beach", "sunset"]}),
        ("pink hair, green eyes", {"hair color": ["pink"], "eye color": ["green"]}),
        ("long black hair", {"hair color": ["black"]}),
        ("watercolor", {"style": ["watercolor"]}),
        ("a photo of", {}),
    ],
)  # fmt: skip
def test_the_features_that_a_prompt_names_are_understood(prompt: str, wanted: dict[str, list[str]]) -> None:
    assert DemoJudge().asked(prompt) == wanted


def test_the_character_is_most_like_itself() -> None:
    judge, own = DemoJudge(), pictures("character")
    training, others = own[: len(own) // 2], own[len(own) // 2 :]
    assert judge.likeness(others, training) > judge.likeness(pictures("object"), training) + 0.3


def test_every_feature_that_may_change_is_read() -> None:
    judge = DemoJudge()
    read = judge.read(pictures("character")[:2])
    assert all(set(judge.changeable) <= set(one) for one in read) and len(read) == 2
