"""A run goes on by other settings, and from an earlier step, when its user says so."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import Server, Tab, wait_until
from .test_nothing_is_lost import begin_training, interrupt

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1500)]


def test_changed_settings_are_asked_about_and_a_kept_step_is_continued_from(
    tiny_server: Server, new_tab: Callable[[Server], Tab], pictures: Path
) -> None:
    tab = new_tab(tiny_server)
    begin_training(tab, pictures)
    (run,) = tiny_server.data_dir.glob("textual_inversion/*/mira")
    wait_until(lambda: (run / "embeddings" / "mira-10.pt").exists())
    left = interrupt(tab)

    tab.fill_in({"train_embedding_learn_rate": "0.001"})
    tab.click("train_resume_training")
    question = tab.page.locator("#train_resume_differences")
    question.get_by_text("Embedding Learning rate").wait_for()
    assert "0.005" in question.inner_text() and "0.001" in question.inner_text()
    assert tab.job("status") == "interrupted"
    tab.click("train_resume_by_new")
    tab.wait_for_step(left + 2)
    assert "learning_rate: '0.001'" in (run / "run.yaml").read_text(encoding="utf-8")
    assert not question.is_visible()

    interrupt(tab)
    tab.page.get_by_text("Continue from an earlier step").click()
    tab.click("refresh_train_kept_step")
    tab.choose("train_kept_step", f"10 · {run.parent.name}/mira")
    tab.click("train_continue_from_step")
    branch = run.with_name("mira-2")
    wait_until(lambda: (branch / "state" / "status.json").exists())
    tab.wait_for_step(11)
    interrupt(tab)
    rows = (branch / "textual_inversion_loss.csv").read_text(encoding="utf-8").splitlines()
    assert rows[1].startswith("10,")
