"""What *Generate*, the chips and the seed's buttons do."""

from __future__ import annotations

from typing import Any

import pytest

from traintab.configs import GenerationConfig, all_options
from traintab.errors import ConfigError
from traintab.ui.generation_fields import RANDOM_SEED, set_seed
from traintab.ui.page import Page
from traintab.ui.prompt_box import chips, insert
from traintab.ui.txt2img_tab import generate


def defaults(**values: Any) -> dict[str, Any]:
    return {**{name: declared.default for name, declared in all_options(GenerationConfig).items()}, **values}


def test_generate_begins_to_draw_and_remembers_every_field(page: Page, studio: Any) -> None:
    values = defaults(prompt="mira, <smile>", seed=7, batch_size=2, schedule_type="Karras")
    assert generate(page, values) == ("",)
    expected = GenerationConfig(prompt="mira, <smile>", seed=7, batch_size=2, schedule_type="Karras")
    assert studio.calls == [("draw", expected)]
    assert page.remembered.values("txt2img")["prompt"] == "mira, <smile>"


def test_bad_settings_begin_nothing_but_are_remembered(page: Page, studio: Any) -> None:
    with pytest.raises(ConfigError, match="CFG Scale"):
        generate(page, defaults(prompt="mira", guidance_scale="99"))
    assert studio.calls == []
    assert page.remembered.values("txt2img")["guidance_scale"] == "99"


@pytest.mark.parametrize(
    ("prompt", "result"),
    [("", "mira"), ("a photo of", "a photo of, mira"), ("smile, ", "smile, mira"), ("smile,", "smile, mira")],
)
def test_a_chip_adds_its_name_to_the_prompt(prompt: str, result: str) -> None:
    assert insert(prompt, "mira") == result


def test_the_chips_are_the_embeddings_that_are_there(studio: Any) -> None:
    assert chips(studio)["samples"] == [["ben"], ["mira"]]


def test_a_seed_that_a_button_sets_is_remembered(page: Page) -> None:
    assert set_seed(page, page.img2img, RANDOM_SEED) == -1
    assert page.remembered.values("img2img") == {"seed": -1}
    assert page.remembered.values("txt2img") == {}


def test_a_sampler_remembered_under_its_old_name_is_sampler_and_schedule_type(page: Page) -> None:
    for form in (page.txt2img, page.img2img):
        page.remembered.remember(form.section, {"sampler": "DPM++ 2M Karras", "seed": 3})
        values = page.remembered_values(form)
        assert values == {"sampler": "DPM++ 2M", "schedule_type": "Karras", "seed": 3}
    page.remembered.remember("txt2img", {"sampler": "Euler", "schedule_type": "Simple"})
    assert page.remembered_values(page.txt2img)["schedule_type"] == "Simple"
