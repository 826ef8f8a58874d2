"""*Compare steps*: from a finished training to the step that is used, in one click each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import Server, Tab, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1500)]

STEPS = ".traintab-steps"


def trained(tab: Tab, pictures: Path, name: str = "disc") -> None:
    """A run of 6 steps that keeps every second."""
    tab.type("train_new_embedding_name", name)
    tab.click("train_create_embedding")
    tab.read(f"Created {name}")
    tab.go_to("Train")
    tab.fill_in({"train_dataset_directory": str(pictures), "train_steps": "6", "train_batch_size": "1"})
    tab.fill_in({"train_save_embedding_every": "2", "train_create_image_every": "0"})
    tab.click("train_train_embedding")
    tab.wait_for_status("finished")


def state(tab: Tab, attribute: str) -> str:
    return str(tab.page.locator(STEPS).first.get_attribute(f"data-{attribute}"))


def compared(tab: Tab) -> None:
    """Wait until the grid is drawn and judged."""
    tab.page.locator(STEPS).wait_for()

    def is_done() -> bool:
        assert state(tab, "state") != "failed", tab.page.locator("#ti_compare").inner_text()
        return state(tab, "judged") == "1"

    wait_until(is_done, told=lambda: tab.page.locator("#ti_compare").inner_text())


def opened_options(tab: Tab) -> None:
    tab.page.locator("#ti_grid_options button").first.click()
    tab.page.locator("#ti_grid_sampling_steps input, #ti_grid_sampling_steps textarea").first.wait_for()
    tab.page.wait_for_timeout(1000)


def embedding_file(server: Server, name: str) -> bytes:
    return (server.data_dir / "embeddings" / f"{name}.pt").read_bytes()


def test_the_steps_of_a_run_are_compared_used_and_continued_from(
    tiny_server: Server, new_tab: Callable[[Server], Tab], pictures: Path
) -> None:
    tab = new_tab(tiny_server)
    tab.click("ti_grid_start")
    tab.read("There are no steps to compare yet")
    trained(tab, pictures)
    before = embedding_file(tiny_server, "disc")
    opened_options(tab)
    tab.fill_in({"ti_grid_sampling_steps": "2", "ti_grid_prompts": "a <b>[name]</b>\na hat, [name]"})
    tab.click("ti_grid_start")
    compared(tab)

    heads = tab.page.locator(f"{STEPS} th[scope=col] span").all_inner_texts()
    assert heads == ["Step 2", "Step 4", "Step 6"]
    assert tab.page.locator(f"{STEPS} td img").count() == 3 * 2 * 2
    rows = tab.page.locator(f"{STEPS} tbody th").all_inner_texts()
    assert "<b>" in rows[0] and tab.page.locator(f"{STEPS} tbody th b").count() == 0
    assert tab.page.locator(f"{STEPS} tfoot th").first.inner_text() == "Likeness"

    first = tab.page.locator(f"{STEPS} [data-full]").first
    first.click()
    tab.page.locator("#traintab_viewer[open]").wait_for()
    assert tab.page.locator("#traintab_viewer_title").inner_text() == "Step 2"
    tab.page.keyboard.press("ArrowRight")
    wait_until(lambda: tab.page.locator("#traintab_viewer_title").inner_text() == "Step 4")
    tab.page.keyboard.press("Escape")
    tab.page.locator("#traintab_viewer[open]").wait_for(state="detached")

    with tab.page.expect_download() as download:
        tab.page.get_by_role("link", name="Download the picture").click()
    assert Path(download.value.path()).read_bytes().startswith(b"\x89PNG")

    tab.page.locator(f'{STEPS} [data-press="ti_grid_use"][data-step="4"]').click()
    tab.read("disc is step 4 of its training now")
    assert embedding_file(tiny_server, "disc") != before

    tab.page.locator(f'{STEPS} [data-press="ti_grid_continue"][data-step="2"]').click()
    log_dir = tiny_server.data_dir / "textual_inversion"
    wait_until(lambda: list(log_dir.glob("*/disc-2/run.yaml")), told=lambda: tab.value("train_embedding"))


@pytest.mark.long
def test_a_second_tab_and_a_refresh_see_the_grid_that_is_drawn(
    tiny_server: Server, new_tab: Callable[[Server], Tab], pictures: Path
) -> None:
    tab = new_tab(tiny_server)
    trained(tab, pictures)
    opened_options(tab)
    tab.fill_in(
        {"ti_grid_sampling_steps": "150", "ti_grid_prompts": "\n".join(f"[name] {n}" for n in range(24))}
    )
    tab.click("ti_grid_start")
    tab.page.locator(f"{STEPS} td img").first.wait_for()
    other = new_tab(tiny_server)
    other.page.locator(f"{STEPS} td img").first.wait_for()
    wait_until(lambda: other.page.locator("#ti_grid_start").is_disabled())
    other.click("ti_grid_stop")
    wait_until(lambda: state(tab, "state") == "interrupted")
    tab.page.reload()
    tab.page.locator(f"{STEPS} td img").first.wait_for()
    assert state(tab, "state") == "interrupted"
