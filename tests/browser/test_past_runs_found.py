"""Past runs among many: searched, read again, shown further, and their files and folders reached."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from traintab.embeddings.formats import read_embedding

from .conftest import Server, Tab, wait_until
from .test_past_runs import PastRuns

pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.timeout(1500)]

MANY = 32
A_PAGE = 30


def test_a_run_among_many_is_found_and_its_files_and_folder_are_reached(
    opened_folders: Callable[[], list[str]],
    tiny_server: Server,
    new_tab: Callable[[Server], Tab],
    made_run: Any,
    tmp_path: Path,
) -> None:
    log_dir = tiny_server.data_dir / "textual_inversion"
    for number in range(MANY):
        started = {"started": f"2024-02-28T{number // 2:02}:{30 * (number % 2):02}:00"}
        made_run(log_dir, f"2024-02-28/ben-{number}", name="ben", facts=started)
    tab = new_tab(tiny_server)
    runs = PastRuns(tab)
    assert runs.rows.count() == A_PAGE
    tab.click("runs_older")
    wait_until(lambda: runs.rows.count() == MANY)
    assert not tab.page.locator("#runs_older").is_visible()

    run = made_run(log_dir, "2024-02-29/zoe", name="zoe", width=32)
    tab.click("refresh_runs")
    wait_until(lambda: runs.rows.count() == MANY + 1)
    search = tab.page.locator("#runs_search input, #runs_search textarea").first
    search.press_sequentially("zoe 02-29")
    wait_until(lambda: runs.names == ["zoe"], told=lambda: runs.names)
    runs.press("2024-02-29/zoe", "open")
    wait_until(lambda: "20 of 20" in runs.told(), told=runs.told)
    check_files(tab, run.path, tmp_path)

    tab.click("runs_open")
    tab.read("opens in the file manager")
    wait_until(lambda: opened_folders() == [str(run.path)], told=opened_folders)
    tab.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    tab.page.locator("#runs_details [data-run-copy]").click()
    tab.page.locator("#runs_details").get_by_role("button", name="Copied").wait_for()
    assert tab.page.evaluate("navigator.clipboard.readText()") == str(run.path)


def check_files(tab: Tab, run: Path, tmp_path: Path) -> None:
    """Its table is saved as it is, and the copy of the step that was chosen."""
    details = tab.page.locator("#runs_details")
    details.locator("summary").filter(has_text="files").click()
    with tab.page.expect_download() as download:
        details.get_by_role("link", name="textual_inversion_loss.csv").click()
    table = Path(download.value.path()).read_bytes()
    assert table == (run / "textual_inversion_loss.csv").read_bytes()
    tab.page.get_by_text("Download an embedding of this run").click()
    tab.choose("runs_share_step", "10")
    with tab.page.expect_download() as download:
        tab.click("runs_share_1")
    saved = tmp_path / str(download.value.suggested_filename)
    download.value.save_as(saved)
    assert saved.name == "zoe-10.safetensors"
    assert float(read_embedding(saved).vectors["clip_l"][0, 0]) == 10.0
