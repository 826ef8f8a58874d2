"""What the fields hold when the program is started."""

from __future__ import annotations

from typing import Any

import pytest

from traintab.configs.starting import AS_LEFT, BUILT_IN, MINE, OF_A_PRESET
from traintab.errors import ConfigError
from traintab.ui.page import Page
from traintab.ui.preset_choices import remember_choice, remembered_choice
from traintab.ui.settings_defaults import choose, make_present_the_defaults, start_html
from traintab.ui.settings_reset import reset_fields
from traintab.ui.starting_values import (
    StartingValue,
    choose_start,
    chosen_start,
    fill_at_start,
    make_mine,
    start_choices,
    starting_values,
)

LEFT = {
    "create": {"name": "mira", "num_vectors": 5},
    "preprocess": {"source": "/pictures", "destination": "/ready", "split": True},
    "train": {"embedding_name": "mira", "data_dir": "/ready", "steps": 77, "move_to_ram": True},
    "txt2img": {"prompt": "a photo of mira", "negative_prompt": "blurry", "num_inference_steps": 12},
    "img2img": {"denoising_strength": 0.5},
    "saving": {"outdir": "pictures"},
}


@pytest.fixture
def left(page: Page) -> Page:
    """A page whose fields were left with these values."""
    for section, values in LEFT.items():
        page.remembered.remember(section, values)
    return page


def remembered(page: Page) -> dict[str, dict[str, Any]]:
    return {section: page.remembered.values(section) for section in LEFT}


def test_unless_something_is_chosen_the_fields_start_as_they_were_left(left: Page) -> None:
    fill_at_start(left)
    assert chosen_start(left) == AS_LEFT and remembered(left) == LEFT
    assert start_html(AS_LEFT, starting_values(left, AS_LEFT)).count("as you left it") == 1


def test_with_the_built_in_defaults_only_what_one_works_on_and_settings_stay(left: Page) -> None:
    remember_choice(left, "style")
    choose_start(left, BUILT_IN)
    assert remembered(left) == LEFT, "nothing is lost before the next start"
    fill_at_start(left)
    assert remembered(left) == {
        "create": {"name": "mira"},
        "preprocess": {"source": "/pictures", "destination": "/ready"},
        "train": {"embedding_name": "mira", "data_dir": "/ready", "move_to_ram": True},
        "txt2img": {},
        "img2img": {},
        "saving": LEFT["saving"],
    }
    assert remembered_choice(left) == ""


def test_the_present_fields_can_be_the_defaults_of_every_start(left: Page) -> None:
    remember_choice(left, "style")
    assert make_mine(left) == 7 and chosen_start(left) == MINE
    left.remembered.remember("train", {"steps": 5000, "batch_size": 3, "data_dir": "/others"})
    left.remembered.remember("txt2img", {"prompt": "a cat"})
    remember_choice(left, "character")

    fill_at_start(left)

    assert remembered(left)["train"] == {**LEFT["train"], "data_dir": "/others"}
    assert remembered(left)["txt2img"] == LEFT["txt2img"]
    assert remembered(left)["create"] == LEFT["create"] and remembered_choice(left) == "style"


def test_a_second_start_changes_nothing_more(left: Page) -> None:
    make_mine(left)
    fill_at_start(left)
    before = left.studio.paths.settings_file.read_bytes()
    fill_at_start(left)
    assert left.studio.paths.settings_file.read_bytes() == before


def test_only_what_is_not_built_in_is_kept_so_that_other_defaults_can_change(left: Page) -> None:
    left.remembered.remember("train", {"batch_size": left.train.options["batch_size"].default})
    make_mine(left)
    assert left.remembered.values("my_defaults")["train"] == {"steps": 77}


def test_create_and_train_can_start_as_a_preset_has_them(left: Page) -> None:
    choose_start(left, OF_A_PRESET + "quick-test")
    fill_at_start(left)
    train = left.remembered.values("train")
    assert (train["steps"], train["learning_rate"]) == (60, "0.01") and train["data_dir"] == "/ready"
    assert train["move_to_ram"], "settings of the tab Settings stay"
    assert left.remembered.values("txt2img") == LEFT["txt2img"]
    assert remembered_choice(left) == "quick-test"


def test_a_preset_that_is_gone_leaves_everything_as_it_was_left(left: Page) -> None:
    folder = left.studio.paths.preset_dirs[0]
    folder.mkdir(parents=True)
    (folder / "mine.yaml").write_text("train: {steps: 5}\n")
    choose_start(left, OF_A_PRESET + "mine")
    (folder / "mine.yaml").unlink()
    fill_at_start(left)
    assert chosen_start(left) == AS_LEFT and remembered(left) == LEFT


def test_what_does_not_exist_can_not_be_chosen(left: Page) -> None:
    for start in (MINE, OF_A_PRESET + "nobody", "x"):
        with pytest.raises(ConfigError, match="choose one of the list"):
            choose_start(left, start)
    assert "My defaults" not in dict(start_choices(left))
    make_mine(left)
    assert dict(start_choices(left))["My defaults"] == MINE


def test_no_mistake_becomes_a_default(left: Page) -> None:
    left.remembered.remember("train", {"steps": -4})
    with pytest.raises(ConfigError, match="Max steps"):
        make_mine(left)
    assert chosen_start(left) == AS_LEFT


@pytest.mark.parametrize("broken", [{"train": 3}, {"train": {"steps": {}}, "nobody": [1]}, {"preset": ["x"]}])
def test_a_file_that_was_edited_badly_means_the_built_in_defaults(left: Page, broken: dict[str, Any]) -> None:
    left.remembered.remember("my_defaults", broken)
    choose_start(left, MINE)
    fill_at_start(left)
    assert remembered(left)["train"] == {"embedding_name": "mira", "data_dir": "/ready", "move_to_ram": True}
    assert remembered_choice(left) == ""


def test_reset_goes_back_to_what_the_fields_start_with(left: Page) -> None:
    make_mine(left)
    left.remembered.remember("train", {"steps": 5000, "batch_size": 3})
    reset_fields(left)
    assert left.remembered.values("train") == {"steps": 77}


def test_the_page_tells_what_the_fields_start_with(left: Page) -> None:
    make_mine(left)
    told = start_html(MINE, starting_values(left, MINE))
    assert "7 fields start with another value" in told
    assert '<th scope="row">Train</th><td>Max steps</td>' in told and "<td>77</td>" in told
    assert '<td translate="no">blurry</td>' in told
    assert "as the preset has them" in start_html(OF_A_PRESET + "x", [])
    assert "built-in default" in start_html(BUILT_IN, [])


def test_hostile_defaults_are_text(left: Page) -> None:
    option = left.txt2img.options["prompt"]
    found = StartingValue(section="txt2img", option=option, value="<script>alert(1)</script>")
    assert "<script" not in start_html(MINE, [found])


def test_the_buttons_tell_what_they_did(left: Page) -> None:
    message, choice, facts = make_present_the_defaults(left)
    assert "aren&#x27;t as built in: 7" in message and choice["value"] == MINE and "<table>" in facts
    message, facts = choose(left, BUILT_IN)
    assert message == "" and "built-in default" in facts and chosen_start(left) == BUILT_IN
