"""Previews by step, enlarged pictures, keys, and being told when a job is done."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from traintab.jobs import JobSnapshot, JobStatus
from traintab.jobs.records import Record, Records
from traintab.paths import REPOSITORY_DIR
from traintab.ui.file_urls import file_route
from traintab.ui.preview_files import Preview
from traintab.ui.preview_timeline import _STAGE
from traintab.ui.timeline_html import timeline_html
from traintab.ui.viewer import viewer_html

from .conftest import Server, Tab, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1500)]

STEPS = range(10, 410, 10)
HOSTILE = '<img src=x onerror="document.title=`broken`">'


def finished_run(data_dir: Path) -> None:
    """What a training with two preview prompts has left behind."""
    run = data_dir / "textual_inversion" / "2026-01-01" / "mira"
    for folder in ("images", "state"):
        (run / folder).mkdir(parents=True)
    told = {"embedding_name": "mira", "status": "finished", "started": ""}
    (run / "state" / "status.json").write_text(json.dumps(told))
    for step in STEPS:
        for number, prompt in enumerate((f"mira {HOSTILE}", "mira at night"), start=1):
            chunks = PngInfo()
            infotext = f"{prompt}\nSteps: 8, Sampler: DDIM, CFG scale: 7, Seed: 4{number}, Size: 32x32"
            chunks.add_itxt("parameters", infotext)
            which = "" if number == 1 else "-2"
            picture = Image.new("RGB", (32, 32), (step // 2, 90, 80 * number))
            picture.save(run / "images" / f"mira-{step}{which}.png", pnginfo=chunks)
    shown = JobSnapshot(
        id="20260101-000000-000000", kind="train", title="Training of mira", status=JobStatus.FINISHED,
        step=400, total_steps=400, folder=str(run), best_step=200,
    )  # fmt: skip
    Records(data_dir / "jobs").save(Record(snapshot=shown))


class Previews:
    """The previews as they are seen in a tab."""

    def __init__(self, tab: Tab) -> None:
        self.page = tab.page
        self.stage = self.page.locator("#ti_gallery_stage")
        self.slider = self.stage.get_by_label("Step of the preview")
        self.viewer = self.page.get_by_role("dialog")

    def shown(self) -> tuple[str, str]:
        """The step that is told, and the file that is seen."""
        address = str(self.stage.locator(".traintab-large img").first.get_attribute("src"))
        return self.stage.locator("output").inner_text(), address.partition("?")[0].rpartition("/")[2]

    def wait_for(self, step: int) -> None:
        wait_until(lambda: self.shown() == (f"Step {step}", f"mira-{step}.png"), told=self.shown)

    def wait_for_place(self, title: str, place: str) -> None:
        heading = self.viewer.get_by_role("heading")
        counted = self.viewer.locator(".traintab-viewer-place")
        wait_until(lambda: (heading.inner_text(), counted.inner_text()) == (title, place))

    def scrolled(self) -> float:
        """How much of the row is scrolled by, from 0 to 1."""
        share = "e => e.scrollLeft / (e.scrollWidth - e.clientWidth)"
        return float(self.stage.locator(".traintab-strip").evaluate(share))


def test_one_looks_through_the_steps_and_enlarges_a_picture_by_keys_alone(
    tiny_model_dir: Path, tmp_path: Path, new_tab: Callable[[Server], Tab]
) -> None:
    finished_run(tmp_path / "data")
    server = Server(tmp_path / "data", str(tiny_model_dir))
    server.start()
    try:
        tab = new_tab(server)
        previews = Previews(tab)
        previews.wait_for(400)
        wait_until(lambda: previews.scrolled() > 0.99)
        _scrub(previews)
        _enlarge(previews)
        tab.open(server.url)
        previews.wait_for(400)
    finally:
        server.end()


def _scrub(previews: Previews) -> None:
    previews.slider.focus()
    previews.page.keyboard.press("Home")
    previews.wait_for(10)
    assert previews.scrolled() == 0
    previews.page.keyboard.press("ArrowRight")
    previews.wait_for(20)
    assert previews.slider.get_attribute("aria-valuetext") == "Step 20"
    previews.stage.get_by_role("button", name="Newest").click()
    previews.wait_for(400)


def _enlarge(previews: Previews) -> None:
    link = previews.stage.locator(".traintab-strip a").filter(has_text="400").first
    link.focus()
    previews.page.keyboard.press("Enter")
    previews.wait_for_place("Step 400", "40 / 40")
    text = previews.viewer.locator(".traintab-viewer-text")
    assert text.inner_text() == f"mira {HOSTILE}" and "broken" not in previews.page.title()
    assert "Seed 41" in previews.viewer.locator(".traintab-viewer-note").inner_text()
    previews.page.keyboard.press("ArrowLeft")
    previews.wait_for_place("Step 390", "39 / 40")
    previews.page.keyboard.press("ArrowDown")
    wait_until(lambda: text.inner_text() == "mira at night")
    seen = previews.viewer.locator("img").bounding_box()
    assert seen is not None and seen["width"] == 32 * 4
    previews.page.keyboard.press("Escape")
    wait_until(lambda: not previews.viewer.is_visible())
    assert link.evaluate("e => e === document.activeElement")
    previews.wait_for(390)


def _alone(folder: Path, browser: Any) -> Any:
    """The scripts with what the server makes for them, and without a server."""
    ui = REPOSITORY_DIR / "modules" / "traintab" / "ui"
    style = "".join(path.read_text("utf-8") for path in sorted(ui.glob("*.css")))
    scripts = "".join(
        (REPOSITORY_DIR / "javascript" / f"{name}.js").read_text("utf-8")
        for name in ("traintab", "traintab_timeline", "traintab_viewer")
    )
    (folder / "page.html").write_text(
        f'<!DOCTYPE html><meta charset="utf-8"><style>{style}</style><div class="traintab-previews">'
        f'<div id="ti_gallery_stage">{_STAGE}</div><div id="ti_gallery"></div></div>{viewer_html()}'
        f"<script>{scripts}</script>",
        encoding="utf-8",
    )
    page = browser.new_page(viewport={"width": 700, "height": 700})
    page.goto((folder / "page.html").as_uri())
    return page


def _answer(page: Any, folder: Path, last: int) -> None:
    """Give the page what the server says after so many steps."""
    for step in range(1, last + 1):
        path = folder / f"mira-{step}.png"
        path.exists() or Image.new("RGB", (8, 8), (step, 90, 90)).save(path)
    shown = [Preview(path=folder / f"mira-{step}.png", step=step) for step in range(1, last + 1)]
    text = timeline_html(shown, lambda path: path, key="run", label="Previews by step")
    text = text.replace(file_route(), "file://")
    page.evaluate("text => { document.querySelector('#ti_gallery').innerHTML = text }", text)


def test_a_step_that_is_looked_at_stays_while_newer_ones_come(tmp_path: Path, browser: Any) -> None:
    page = _alone(tmp_path, browser)
    told, strip = page.locator(".traintab-stage output"), page.locator(".traintab-stage .traintab-strip")
    _answer(page, tmp_path, 12)
    wait_until(lambda: told.text_content() == "Step 12")
    _answer(page, tmp_path, 14)
    wait_until(lambda: told.text_content() == "Step 14")

    page.locator(".traintab-stage-slider").focus()
    page.keyboard.press("Home")
    wait_until(lambda: told.text_content() == "Step 1")
    first = strip.locator("img").first.element_handle()
    strip.evaluate("strip => { strip.scrollLeft = 90 }")
    _answer(page, tmp_path, 16)
    wait_until(lambda: strip.locator("a").count() == 16)
    assert told.text_content() == "Step 1" and strip.evaluate("strip => strip.scrollLeft") == 90
    assert first.evaluate("image => image.isConnected"), "the pictures that were there have been made anew"
    assert page.evaluate("document.activeElement.className") == "traintab-stage-slider"

    page.get_by_role("button", name="Newest").click()
    page.locator(".traintab-large").click()
    _answer(page, tmp_path, 17)
    page.keyboard.press("ArrowRight")
    place = page.locator(".traintab-viewer-place")
    wait_until(lambda: place.inner_text() == "17 / 17", told=place.inner_text)
    page.close()


# What the browser was asked to show, beside its showing it.
_NOTED = """window.told = [];
const Shown = window.Notification;
window.Notification = class extends Shown {
  constructor(title, options) { super(title, options); window.told.push([title, options.body]); }
};"""


def test_a_training_is_started_by_keys_and_its_end_is_told(
    tiny_server: Server, new_tab: Callable[[Server], Tab], pictures: Path
) -> None:
    tab = new_tab(tiny_server)
    tab.page.context.grant_permissions(["notifications"])
    tab.page.add_init_script(_NOTED)
    tab.open(tiny_server.url)
    tab.type("train_new_embedding_name", "mira")
    _field(tab, "train_new_embedding_name").press("Control+Enter")
    tab.read("Created mira with 1 vector")
    tab.train_panel()
    tab.fill_in({"train_dataset_directory": str(pictures), "train_steps": "1000000"})
    tab.page.get_by_label("Notify me when done").check()
    tab.page.get_by_text("This browser will tell you").wait_for()
    _field(tab, "train_steps").press("Control+Enter")
    tab.wait_for_step(1)
    tab.click("train_interrupt_training")
    tab.wait_for_status("interrupted")
    wait_until(lambda: "✔" in tab.page.title(), told=tab.page.title)
    ((title, body),) = tab.page.evaluate("window.told")
    told = tab.page.locator("#ti_output").inner_text()
    assert title == "Interrupted: Training of mira" and body.split() == told.split() != []
    tab.page.keyboard.press("Shift")
    wait_until(lambda: tab.page.title() == "Train Tab", told=tab.page.title)
    tab.open(tiny_server.url)
    wait_until(tab.page.get_by_label("Notify me when done").is_checked)


def _field(tab: Tab, elem_id: str) -> Any:
    return tab.page.locator(f"#{elem_id} input, #{elem_id} textarea").first
