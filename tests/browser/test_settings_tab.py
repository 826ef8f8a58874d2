"""The tab *Settings*: folders, how the model is loaded, and all fields back at their defaults."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from .conftest import Server, Tab, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1500)]

OpenedFolders = Callable[[], list[str]]
FOLDERS = {
    "embeddings": "embeddings",
    "log_directory": "textual_inversion",
    "models": "models",
    "pictures": "outputs",
    "these_settings": "",
}


def test_folders_are_opened_and_copied_the_model_is_loaded_anew_and_fields_are_reset(
    opened_folders: OpenedFolders, tiny_server: Server, new_tab: Callable[[Server], Tab]
) -> None:
    tab = new_tab(tiny_server)
    tab.train_panel()
    tab.fill_in({"train_steps": "4321"})
    tab.go_to("Settings", "tabs")
    check_folders(tab, tiny_server, opened_folders)
    check_values(tab)
    check_model(tab)
    check_reset(tab)


def check_folders(tab: Tab, server: Server, opened_folders: OpenedFolders) -> None:
    for name in FOLDERS:
        tab.click(f"settings_open_{name}")
        wait_until(lambda name=name: str(server.data_dir / FOLDERS[name]) in opened_folders())
    tab.read("opens in the file manager")
    tab.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    tab.page.locator('[data-copy="settings_path_models"]').click()
    tab.page.get_by_role("button", name="Copied").first.wait_for()
    assert tab.page.evaluate("navigator.clipboard.readText()") == str(server.data_dir / "models")


def check_values(tab: Tab) -> None:
    """A bad value is told below its field when that is left, until it is mended."""
    for field, name, bad, good, told in (
        ("dataset_filename_word_regex", "filename_word_regex", "([a-z", "", "can't be understood"),
        ("training_write_csv_every", "write_csv_every", "-4", "10", "it must be from 0 to"),
    ):
        message = tab.page.locator(f"#settings_{name}_message .traintab-failed")
        tab.type(field, bad)
        message.get_by_text(told).wait_for()
        tab.type(field, good)
        message.wait_for(state="detached")


def check_model(tab: Tab) -> None:
    """Another prediction is loaded, and told by the facts, which *Look again* brings anew."""
    facts = tab.page.locator("#settings_device")
    facts.get_by_text("the noise (eps)").first.wait_for()
    tab.choose("setting_prediction_type", "v_prediction")
    tab.read("is loaded anew")
    wait_until(lambda: "is ready" in tab.page.locator("#traintab_model [data-state]").inner_text())
    tab.click("settings_device_refresh")
    facts.get_by_text("the noise (eps)").first.wait_for(state="detached")


def check_reset(tab: Tab) -> None:
    """It asks first; what is reset is seen without a hand's help, in a page that is loaded anew."""
    tab.click("settings_reset")
    tab.click("settings_reset_no")
    tab.page.locator("#settings_reset_question").wait_for(state="hidden")
    tab.go_to("Train", "tabs")
    assert tab.value("train_steps") == "4321"
    tab.go_to("Settings", "tabs")
    tab.click("settings_reset")
    with tab.page.expect_event("load"):
        tab.click("settings_reset_yes")
    tab.page.locator("#ti_progress .traintab-job").wait_for()
    tab.train_panel()
    wait_until(lambda: tab.value("train_steps") not in ("", "4321"), told=lambda: tab.value("train_steps"))
