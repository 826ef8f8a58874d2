"""The model is chosen at the top of the page, and every open page shows it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import Server, Tab, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1500)]

PICKER = "setting_sd_model_checkpoint"


def status(tab: Tab) -> str:
    return str(tab.page.locator("#traintab_model [data-state]").inner_text())


def test_a_model_dropped_into_the_folder_is_found_loaded_and_shown_in_every_page(
    tiny_server: Server, new_tab: Callable[[Server], Tab], tiny_model_dir: Path
) -> None:
    tab, other = new_tab(tiny_server), new_tab(tiny_server)
    shutil.copytree(tiny_model_dir, tiny_server.data_dir / "models" / "Stable-diffusion" / "second")

    tab.click("refresh_sd_model_checkpoint")
    tab.choose(PICKER, "second · SD1")
    wait_until(lambda: status(tab) == status(other) == "second is ready on cpu.")
    wait_until(lambda: other.value(PICKER).startswith("second"))

    tab.go_to("Settings", tabs="tabs")
    device = tab.page.locator("#settings_device")
    device.get_by_text("second, Stable Diffusion 1").wait_for()
    device.get_by_text("float32").first.wait_for()

    tab.type(PICKER, "secnod")
    tab.read("There is no model called 'secnod'")
    assert tab.value(PICKER) == "secnod" and status(tab) == "second is ready on cpu."
