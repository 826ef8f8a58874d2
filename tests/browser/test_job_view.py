"""What the job view tells of a training, and what of it stays when the page, or the server, begins anew."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import Server, Tab, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1500)]

FOREVER = "100000"
BUTTONS = ("interrupt_training", "resume_training", "sample_now", "save_now")


def pressable(tab: Tab) -> set[str]:
    return {name for name in BUTTONS if tab.page.locator(f"#train_{name}").is_enabled()}


def begin_training(tab: Tab, pictures: Path, *, save_every: int) -> None:
    tab.type("train_new_embedding_name", "mira")
    tab.click("train_create_embedding")
    tab.read("Created mira with 1 vector")
    tab.train_panel()
    tab.fill_in(
        {
            "train_dataset_directory": str(pictures),
            "train_embedding_learn_rate": "0.005:4, 0.001",
            "train_steps": FOREVER,
            "train_create_image_every": "0",
            "train_save_embedding_every": str(save_every),
        }
    )
    tab.click("train_train_embedding")


def figure(tab: Tab, label: str) -> str:
    """What stands below a label of the job's figures."""
    place = tab.page.locator("#ti_progress .traintab-numbers > div").filter(has_text=label).first
    return str(place.locator("dd").inner_text())


def steps_drawn(tab: Tab) -> list[int]:
    text = tab.page.locator("#ti_loss svg").get_attribute("data-curve") or ""
    return [int(row.split()[0]) for row in text.split(";") if row]


def log_lines(tab: Tab) -> list[str]:
    """What the log holds; it has to be unfolded."""
    return [str(line) for line in tab.page.locator("#ti_log li span").all_text_contents()]


def is_in_view(tab: Tab, selector: str) -> bool:
    top = tab.page.locator(selector).evaluate("element => element.getBoundingClientRect().top")
    return 0 <= top < tab.page.viewport_size["height"] / 2


def recorded_step(server: Server) -> int:
    """The step in the record of the job, which is written from time to time only."""
    (record,) = (server.data_dir / "jobs").glob("*.json")
    return int(json.loads(record.read_text())["snapshot"]["step"])


def test_who_starts_a_training_on_a_phone_is_taken_to_it(
    tiny_server: Server, new_tab: Callable[[Server], Tab], pictures: Path
) -> None:
    tab = new_tab(tiny_server)
    tab.page.set_viewport_size({"width": 390, "height": 844})
    tab.page.emulate_media(reduced_motion="reduce")
    begin_training(tab, pictures, save_every=0)
    wait_until(lambda: is_in_view(tab, "#ti_progress"))
    step = tab.step

    tab.page.evaluate("window.scrollTo(0, 0)")
    tab.wait_for_step(step + 3)
    assert tab.page.evaluate("window.scrollY") == 0, "only the press takes there, not every step"
    tab.click("train_interrupt_training")
    tab.wait_for_status("interrupted")


def unfold_log(tab: Tab) -> None:
    tab.page.locator("#ti_log_fold button").first.click()
    tab.page.locator("#ti_log .traintab-log").wait_for()


def test_a_training_is_followed_read_and_found_again_by_another_server(
    tiny_server: Server, new_tab: Callable[[Server], Tab], pictures: Path
) -> None:
    tab = new_tab(tiny_server)
    assert pressable(tab) == set()
    begin_training(tab, pictures, save_every=0)
    tab.wait_for_step(6)
    wait_until(lambda: pressable(tab) == {"interrupt_training", "sample_now", "save_now"})
    wait_until(lambda: "GiB" in figure(tab, "Memory") or "MiB" in figure(tab, "Memory"))
    assert " of " in figure(tab, "Epoch") and float(figure(tab, "Smoothed loss")) > 0
    tab.page.locator("#ti_loss svg .traintab-rate-line").wait_for(state="attached")
    tab.click("train_save_now")
    unfold_log(tab)
    wait_until(lambda: any("Saved step" in line for line in log_lines(tab)), told=lambda: log_lines(tab))
    tab.page.locator("#ti_loss svg .traintab-mark-saved").first.wait_for(state="attached")

    # The scale is chosen, and values are read by keys, while the plot is drawn anew below.
    assert tab.page.locator("#ti_loss .traintab-plot-log").is_hidden()
    tab.page.locator("#ti_loss_log").check()
    assert tab.page.locator("#ti_loss .traintab-plot-linear").is_hidden()
    tab.page.locator("#ti_loss[tabindex]").focus()
    tab.page.keyboard.press("Home")
    read = tab.page.locator("#ti_loss_readout")
    wait_until(lambda: read.get_attribute("data-shown") is not None)
    last = steps_drawn(tab)[-1]
    wait_until(lambda: steps_drawn(tab)[-1] > last)
    assert int(read.locator("[data-of=step]").inner_text()) <= last
    tab.page.locator("#ti_loss svg .traintab-plot-cursor").wait_for(state="attached")

    wait_until(lambda: recorded_step(tiny_server) >= 6)
    tiny_server.end(signal.SIGKILL)
    tiny_server.start()
    fresh = new_tab(tiny_server)
    assert fresh.job("status") == "interrupted" and pressable(fresh) == {"resume_training"}
    assert steps_drawn(fresh)[0] <= 6 <= steps_drawn(fresh)[-1]
    assert fresh.page.locator("#ti_loss_log").is_checked() is False  # another browser's own choice
    unfold_log(fresh)
    assert log_lines(fresh)[-1] == "The program ended while this was running."
    killed_at = steps_drawn(fresh)[-1]
    fresh.click("train_resume_training")
    wait_until(lambda: fresh.step > killed_at and steps_drawn(fresh)[-1] > killed_at)
    assert steps_drawn(fresh)[0] <= 6
    assert any("Saved step" in line for line in log_lines(fresh))
    fresh.click("train_interrupt_training")
    fresh.wait_for_status("interrupted")


@pytest.mark.long
def test_a_training_that_lost_its_folder_says_what_to_do(
    tiny_server: Server, new_tab: Callable[[Server], Tab], pictures: Path
) -> None:
    tab = new_tab(tiny_server)
    begin_training(tab, pictures, save_every=4)
    tab.read("Training of mira has started")
    tab.wait_for_step(3)
    (run,) = (tiny_server.data_dir / "textual_inversion").glob("*/mira")
    run.rename(tiny_server.data_dir / "taken away")
    tab.wait_for_status("failed")
    advice = tab.page.locator("#ti_help .traintab-help")
    advice.wait_for()
    assert "Bring the run's folder back" in advice.inner_text()
    assert pressable(tab) == {"resume_training"}
    wait_until(lambda: tab.page.get_by_text("Training of mira has started").count() == 0)
    unfold_log(tab)
    assert any(line.startswith("Failed: ") for line in log_lines(tab))
