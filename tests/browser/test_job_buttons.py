"""The buttons beside a training that are pressed less often than *Interrupt* and *Resume*."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from traintab.embeddings.formats import read_embedding

from .conftest import Server, Tab, wait_until
from .test_http_api import ask
from .test_nothing_is_lost import FOREVER, begin_training, interrupt

pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.timeout(1500)]

KINDS = {1: ".safetensors", 2: ".pt", 3: ".safetensors", 4: ".png"}
LAST = 12


def run_folders(server: Server) -> dict[str, Path]:
    return {path.parent.name: path.parent for path in server.data_dir.glob("textual_inversion/*/*/run.yaml")}


def vectors(path: Path) -> Any:
    return read_embedding(path).vectors["clip_l"]


def said(tab: Tab) -> str:
    return str(tab.page.locator("#ti_output").inner_text())


def test_samples_and_copies_are_asked_for_questions_answered_and_files_downloaded(
    tiny_server: Server, new_tab: Callable[[Server], Tab], pictures: Path, tmp_path: Path
) -> None:
    tab = new_tab(tiny_server)
    check_asking(tab, tiny_server, pictures)
    check_answers(tab, tiny_server, pictures)
    check_best_step(tab, tiny_server, pictures)
    check_downloads(tab, tiny_server, tmp_path)


def begin(server: Server, name: str, pictures: Path, **settings: Any) -> None:
    assert ask(server, "create_embedding", name=name)["status"] == "ok"
    begun = ask(server, "train", embedding_name=name, data_dir=str(pictures), **settings)
    assert begun["event"] == "training_started", begun


def check_asking(tab: Tab, server: Server, pictures: Path) -> None:
    """A training without previews and copies gives both when they are asked for."""
    begin(server, "ada", pictures, steps=int(FOREVER), preview_every=0, save_every=0, evaluate_every=0)
    tab.wait_for_step(2)
    assert tab.page.locator("#ti_gallery_stage .traintab-large img").count() == 0
    tab.click("train_sample_now")
    tab.page.locator("#ti_gallery_stage .traintab-large img").first.wait_for()
    copies = run_folders(server)["ada"] / "embeddings"
    assert not list(copies.glob("*"))
    tab.click("train_save_now")
    wait_until(lambda: len(list(copies.glob("ada-*.pt"))) == 1)
    interrupt(tab)


def check_answers(tab: Tab, server: Server, pictures: Path) -> None:
    """A run whose settings were changed goes on as it was, or begins anew."""
    begin_training(tab, pictures)
    left = interrupt(tab)
    tab.fill_in({"train_embedding_learn_rate": "0.001"})
    tab.click("train_resume_training")
    tab.click("train_resume_as_it_was")
    tab.wait_for_step(left + 2)
    interrupt(tab)
    folder = run_folders(server)["mira"]
    assert "learning_rate: '0.005'" in (folder / "run.yaml").read_text(encoding="utf-8")
    tab.click("train_resume_training")
    tab.click("train_resume_anew")
    again = folder.with_name("mira-2") / "run.yaml"
    wait_until(again.exists)
    assert "learning_rate: '0.001'" in again.read_text(encoding="utf-8")
    tab.wait_for_step(1)
    interrupt(tab)


def check_best_step(tab: Tab, server: Server, pictures: Path) -> None:
    """From step 4 on the rate is far too high, so that the best step is an early one."""
    settings = {"steps": LAST, "learning_rate": "0.005:4, 9", "preview_every": 6, "save_every": 2}
    begin(server, "zoe", pictures, **settings, evaluate_every=2)
    wait_until(lambda: (tab.job("status"), tab.step) == ("finished", LAST))
    embedding = server.data_dir / "embeddings" / "zoe.pt"
    assert read_embedding(embedding).step == LAST
    told = tab.page.locator("#ti_best")
    told.get_by_text("Best evaluation: step").wait_for()
    best = int(told.inner_text().split("step ")[1].split(" ")[0])
    tab.click("train_use_best_step")
    wait_until(lambda: f"zoe is step {best} of its training now" in said(tab), told=lambda: said(tab))
    assert read_embedding(embedding).step == best < LAST


def check_downloads(tab: Tab, server: Server, tmp_path: Path) -> None:
    """The step that is used now, in every kind, and a prompt for it."""
    used = vectors(server.data_dir / "embeddings" / "zoe.pt")
    for number, suffix in KINDS.items():
        with tab.page.expect_download() as download:
            tab.click(f"train_share_{number}")
        saved = tmp_path / f"{number}-{download.value.suggested_filename}"
        assert saved.name.endswith(f"zoe{suffix}")
        download.value.save_as(saved)
        assert torch.allclose(vectors(saved), used, atol=1e-6), suffix
    tab.click("train_use_in_txt2img")
    wait_until(lambda: "zoe" in tab.value("txt2img_prompt"))
