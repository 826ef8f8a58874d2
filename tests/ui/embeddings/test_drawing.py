from typing import Any

import pytest

from traintab.configs import GenerationConfig
from traintab.errors import ConfigError
from traintab.ui.embeddings.drawing import Subject, drawn, subject_prompt


def silent(*_progress: Any, desc: str) -> None:
    assert desc


def test_the_name_goes_where_the_prompt_has_its_place() -> None:
    assert subject_prompt("a photo of [name] and [name]", "mira") == "a photo of mira and mira"
    with pytest.raises(ConfigError, match=r"write \[name\] where it goes"):
        subject_prompt("a photo", "mira")


def test_every_subject_is_drawn_with_the_settings_of_txt2img_and_one_seed(studio: Any) -> None:
    subjects = [Subject(caption="one", prompt="a"), Subject(caption="two", prompt="b")]
    settings = {"seed": -1, "count": 4, "num_inference_steps": 3, "prompt": "mine"}
    assert [caption for _, caption in drawn(studio, settings, subjects, silent)] == ["one", "two"]
    first, second = (config for _, (config, _) in studio.calls)
    assert isinstance(first, GenerationConfig) and first.num_inference_steps == 3
    assert (first.prompt, second.prompt) == ("a", "b") and first.count == 1
    assert first.seed == second.seed >= 0


def test_an_interrupt_ends_the_row_of_pictures(studio: Any) -> None:
    studio.txt2img = lambda config, embeddings: []
    assert list(drawn(studio, {"seed": 1}, [Subject(caption="one", prompt="a")], silent)) == []
