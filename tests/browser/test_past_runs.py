"""Past runs in the page: found, compared, loaded, downloaded, deleted and brought back."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from traintab.embeddings.formats import read_embedding

from .conftest import Server, Tab, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1500)]

HOSTILE = '<img src=x onerror="document.title=1">'


class PastRuns:
    """The part of the page, by what a user sees of it."""

    def __init__(self, tab: Tab) -> None:
        self.page = tab.page
        self.tab = tab
        tab.page.locator("#train_tabs").get_by_role("tab", name="Past runs", exact=True).first.click()
        self.rows.first.wait_for()

    @property
    def rows(self) -> Any:
        return self.page.locator("#runs_list .traintab-run")

    @property
    def names(self) -> list[str]:
        return [str(name) for name in self.page.locator("#runs_list .traintab-run-name").all_inner_texts()]

    def press(self, place: str, what: str) -> None:
        self.page.locator(f'#runs_list [data-run="{place}"] .traintab-run-{what}').click()

    def told(self) -> str:
        return str(self.page.locator("#runs_details").inner_text())


def test_past_runs_are_compared_loaded_downloaded_deleted_and_brought_back(
    tiny_server: Server, new_tab: Callable[[Server], Tab], tmp_path: Path, made_run: Any
) -> None:
    data_dir = tiny_server.data_dir
    make_run = partial(made_run, data_dir / "textual_inversion", width=32)
    make_run("2024-02-29/mira", batch_size=3)
    later = {"started": "2024-02-29T11:00:00"}
    second = make_run("2024-02-29/mira-2", facts=later, batch_size=7, learning_rate="0.02")
    (second.path / f"{HOSTILE.replace('/', '')}.txt").write_text("a hostile name")
    tab = new_tab(tiny_server)
    runs = PastRuns(tab)
    assert runs.names == ["mira", "mira"]

    runs.press("2024-02-29/mira-2", "open")
    wait_until(lambda: "20 of 20" in runs.told(), told=runs.told)
    details = tab.page.locator("#runs_details")
    details.locator("svg").first.wait_for()
    details.get_by_text("files", exact=False).last.click()
    details.get_by_text(HOSTILE.replace("/", "") + ".txt").wait_for()
    assert tab.page.locator(".traintab-run-chosen").get_attribute("data-run") == "2024-02-29/mira-2"

    runs.press("2024-02-29/mira", "compare")
    wait_until(lambda: "Settings that differ" in runs.told(), told=runs.told)
    row = details.get_by_role("row", name="Batch size")
    assert row.locator("td").all_inner_texts() == ["7", "3"]
    assert details.locator("svg").first.locator("polyline").count() == 2
    assert details.locator(".traintab-compared-previews img").count() == 4
    tab.picture("past-runs-compared")

    runs.press("2024-02-29/mira-2", "open")
    wait_until(lambda: "Settings that differ" not in runs.told(), told=runs.told)
    tab.page.get_by_text("Download an embedding of this run").click()
    with tab.page.expect_download() as download:
        tab.click("runs_share_2")
    saved = tmp_path / str(download.value.suggested_filename)
    download.value.save_as(saved)
    for _ in range(2):  # of the very same bytes, which have the very same address
        with tab.page.expect_download() as download:
            tab.click("runs_share_1")
        assert download.value.suggested_filename == "mira-20.safetensors"
    assert saved.name == "mira-20.pt" and float(read_embedding(saved).vectors["clip_l"][0, 0]) == 20.0

    tab.click("runs_delete")
    wait_until(lambda: runs.rows.count() == 1, told=runs.told)
    assert not second.path.exists() and list((data_dir / "trash").iterdir())
    tab.click("runs_undo")
    wait_until(lambda: runs.rows.count() == 2 and second.run_yaml.is_file(), told=runs.told)
    wait_until(lambda: "20 of 20" in runs.told(), told=runs.told)

    tab.click("runs_load")
    tab.page.locator("#train_embedding input").wait_for()
    wait_until(lambda: tab.value("train_batch_size") == "7", told=lambda: tab.value("train_batch_size"))
    assert tab.value("train_embedding_learn_rate") == "0.02" and tab.value("train_steps") == "20"

    file = tmp_path / "settings-2023-01-02-03-04-05.json"
    settings = {"embedding_name": "cat", "learn_rate": "0.004:10, 0.001", "steps": 77, "use_socks": True}
    file.write_text(json.dumps(settings))
    tab.click("train_load_from_run")
    tab.page.locator("#runs_list .traintab-run").first.wait_for()
    tab.page.get_by_text("Load settings from a file").click()
    tab.page.locator("#runs_settings_file input[type=file]").set_input_files(file)
    tab.read("use_socks isn't a setting of this version")
    wait_until(lambda: tab.value("train_steps") == "77", told=lambda: tab.value("train_steps"))
    assert tab.value("train_embedding_learn_rate") == "0.004:10, 0.001"
