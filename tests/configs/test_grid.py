from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traintab.configs import GridConfig, check, from_mapping, from_yaml, to_yaml
from traintab.errors import ConfigError


def grid(**values: object) -> GridConfig:
    return from_mapping(GridConfig, {"embedding_name": "mira", **values})


@pytest.mark.parametrize(
    ("text", "steps"),
    [("auto", None), (" ALL ", None), ("", None), ("500, 100 100", (100, 500)), ("0", (0,))],
)
def test_steps_are_read(text: str, steps: tuple[int, ...] | None) -> None:
    config = grid(grid_steps=text)
    assert config.wanted_steps == steps
    assert config.wants_all is (text == " ALL ")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"grid_steps": "1 to 5"}, "Steps to compare is '1 to 5'"),
        ({"grid_steps": "-5"}, "Steps to compare is '-5'"),
        ({"grid_steps": ", ,"}, "Steps to compare is ', ,'"),
        ({"grid_rows": "weights", "grid_values": "a"}, "for weights write numbers from 0 to 4"),
        ({"grid_rows": "CFG", "grid_values": "7, 31"}, "for CFG write numbers from 1 to 30"),
        ({"grid_rows": "CFG", "grid_values": "nan"}, "for CFG write numbers from 1 to 30"),
        ({"grid_values": "1"}, "means nothing while Rows is prompts"),
        ({"grid_rows": "seeds"}, "Rows is 'seeds'; it must be one of prompts, weights, CFG, models"),
        ({"grid_seeds": 17}, "Seeds is 17"),
        ({"grid_width": 100}, "a multiple of 8"),
        ({"embedding_name": " "}, "Embedding is empty"),
    ],
)
def test_what_cannot_be_is_refused_by_its_label(values: dict[str, object], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        grid(**values)


@given(st.text(max_size=20), st.text(max_size=20), st.sampled_from(["prompts", "weights", "CFG", "models"]))
def test_any_text_is_taken_or_refused(steps: str, values: str, rows: str) -> None:
    config = GridConfig(embedding_name="mira", grid_steps=steps, grid_values=values, grid_rows=rows)
    try:
        check(config)
    except ConfigError:
        return
    assert config.wanted_steps is None or all(step >= 0 for step in config.wanted_steps)
    if rows in ("weights", "CFG"):
        assert all(0 <= number <= 30 for number in config.numbers)


def test_models_are_names_with_commas() -> None:
    assert grid(grid_rows="models", grid_values="a model, b/c.safetensors,a model,").models == (
        "a model",
        "b/c.safetensors",
    )


def test_yaml_gives_the_same_grid_back() -> None:
    config = grid(grid_prompts="[name]\n[name] at night", grid_first_seed=3, grid_rows="prompts")
    assert from_yaml(GridConfig, to_yaml(config)) == config
