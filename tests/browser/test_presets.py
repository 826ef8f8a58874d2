"""Presets, the search for a setting, and the run as a command, as a user meets them."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from traintab.cli import _parse
from traintab.commands.train import config_of
from traintab.paths import Paths

from .conftest import Server, Tab, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1500)]

HOSTILE = "title: '<img src=x onerror=alert(1)>'\nabout: '<b>bold</b>'\ntrain: {steps: 66}\n"


def facts(tab: Tab) -> str:
    return str(tab.page.locator("#train_preset_state").inner_text())


def wait_for_facts(tab: Tab, words: str) -> None:
    wait_until(lambda: words in facts(tab), told=lambda: facts(tab))


def is_in_focus(tab: Tab, elem_id: str) -> bool:
    return bool(tab.page.evaluate(f"!!document.activeElement.closest('#{elem_id}')"))


def fold(tab: Tab, elem_id: str) -> None:
    tab.page.locator(f"#{elem_id} > .label-wrap").click()


def assert_presets_are_where_they_matter(tab: Tab) -> None:
    """They stand below the tabs of the panels, which stay in their place when panels have no presets."""
    presets = tab.page.locator("#train_presets")

    def place(selector: str, side: str = "top") -> float:
        """Below the top of the Train tab: the model's line above may grow meanwhile."""
        top = "document.querySelector('#ti_columns').getBoundingClientRect().top"
        at = f"document.querySelector('{selector}').getBoundingClientRect().{side}"
        return float(tab.page.evaluate(f"{at} - {top}"))

    strip = "#train_tabs > .tab-wrapper"
    before = place(strip)
    for name, matter in (("Past runs", False), ("Create embedding", True), ("Preprocess images", False)):
        tab.go_to(name)
        wait_until(lambda matter=matter: presets.is_visible() == matter)
        assert place(strip) == before
    tab.go_to("Train")
    wait_until(presets.is_visible)
    assert place("#train_presets") >= place(strip, "bottom")


def test_what_differs_from_a_preset_is_told_reset_saved_deleted_and_brought_back(
    tiny_server: Server, new_tab: Callable[[Server], Tab], tmp_path: Path
) -> None:
    tab = new_tab(tiny_server)
    tab.train_panel()
    assert "All settings are the defaults." in facts(tab)
    assert_presets_are_where_they_matter(tab)
    tab.choose("train_preset", "Character")
    wait_for_facts(tab, "All settings are those of the preset Character.")
    tab.fill_in({"train_steps": "1234", "train_batch_size": "2"})
    wait_for_facts(tab, "2 settings differ from the preset Character.")
    tab.page.locator("#train_preset_differences summary").click()
    tab.page.locator("#train_preset_differences").get_by_role("button", name="Batch size").click()
    wait_until(lambda: is_in_focus(tab, "train_batch_size"))
    tab.type("train_batch_size", "4")
    wait_for_facts(tab, "1 setting differs from the preset Character.")
    assert tab.page.locator("#train_preset_differences").get_attribute("open") is not None, "it stays open"
    tab.picture("preset")

    fold(tab, "train_own_presets")
    tab.fill_in({"train_preset_name": "My girls"})
    tab.click("train_preset_save")
    wait_for_facts(tab, "All settings are those of the preset My girls.")
    with tab.page.expect_download() as saved:
        tab.page.locator("#train_preset_facts a[download]").click()
    assert yaml.safe_load(Path(saved.value.path()).read_text())["train"]["steps"] == 1234
    tab.open(tiny_server.url)
    tab.train_panel()
    wait_for_facts(tab, "All settings are those of the preset My girls.")
    tab.fill_in({"train_steps": "77"})
    wait_for_facts(tab, "1 setting differs from the preset My girls.")
    tab.click("train_preset_reset")
    wait_until(lambda: tab.value("train_steps") == "1234")
    tab.page.locator("#train_preset_reset").wait_for(state="hidden")

    fold(tab, "train_own_presets")
    tab.click("train_preset_delete")
    tab.read("My girls is in the trash")
    assert not list((tiny_server.data_dir / "presets").iterdir())
    tab.click("train_preset_undo")
    wait_for_facts(tab, "All settings are those of the preset My girls.")

    for name, text in (("gift.yaml", HOSTILE), ("bomb.yaml", "a: &a [x]\ntitle: [*a, *a]\n")):
        (tmp_path / name).write_text(text)
        tab.page.locator("#train_own_presets input[type=file]").set_input_files([str(tmp_path / name)])
        tab.read("<img src=x onerror=alert.1.> is among the presets" if text is HOSTILE else "a reference")
    tab.choose("train_preset", "<img src=x onerror=alert(1)>")
    wait_for_facts(tab, "<b>bold</b>")
    wait_until(lambda: tab.value("train_steps") == "66")
    assert tab.page.locator("#train_preset_state img, #train_preset_state b").count() == 0


def test_a_setting_is_found_and_the_run_is_shown_as_what_it_is(
    tiny_server: Server, new_tab: Callable[[Server], Tab], pictures: Path
) -> None:
    tab = new_tab(tiny_server)
    tab.type("train_new_embedding_name", "mira")
    tab.click("train_create_embedding")
    tab.read("Created mira")
    tab.train_panel()
    tab.fill_in({"train_dataset_directory": str(pictures), "train_steps": "12"})
    search = tab.page.locator("#train_find_text")
    search.fill("csv row")
    search.press("Enter")
    wait_until(lambda: is_in_focus(tab, "training_write_csv_every"))
    tab.go_to("Train", "tabs")
    search.fill("zebra crossing")
    tab.page.locator("#train_find_none").wait_for()
    search.fill("ema average")
    tab.page.locator("#train_find_list button:visible").first.wait_for()
    search.press("Enter")
    wait_until(lambda: is_in_focus(tab, "train_ema_decay"))
    tab.page.locator("#train_find_list").wait_for(state="hidden")
    tab.page.locator("#train_ema_decay input[type=number]").fill("0.9")
    tab.page.locator("#train_ema_decay input[type=number]").press("Tab")
    label = "document.querySelector('#train_group_vectors > .label-wrap > span')"
    mark = f"getComputedStyle({label}, '::after').content"
    wait_until(lambda: "✎ 1" in str(tab.page.evaluate(mark)), told=lambda: tab.page.evaluate(mark))

    fold(tab, "train_shown_run")
    command = tab.page.locator("#train_shown_command")
    wait_until(lambda: "ema_decay=0.9" in command.inner_text(), told=lambda: facts(tab))
    config = config_of(_parse(shlex.split(command.inner_text())[2:]), Paths.under(tiny_server.data_dir))
    assert (config.embedding_name, config.optimization.steps, config.vectors.ema_decay) == ("mira", 12, 0.9)
    assert (config.dataset.data_dir, config.model) == (str(pictures), tiny_server.model)
    tab.page.locator("[data-copy=train_shown_command]").click()
    tab.page.get_by_role("button", name="Copied").wait_for()
    tab.picture("run-as-command")
    tab.click("train_train_embedding")
    tab.wait_for_status("finished")
    (run,) = tiny_server.data_dir.rglob("run.yaml")
    shown = yaml.safe_load(tab.page.locator("#train_shown_yaml").inner_text())
    shown["dataset"].update(width=64, height=64)  # the model's own, which is known once it is loaded
    assert yaml.safe_load(run.read_text()) == shown
