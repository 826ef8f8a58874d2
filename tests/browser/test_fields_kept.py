"""What is typed is there in the next browser, and two tabs forget nothing of each other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import yaml

from .conftest import Server, Tab, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]


def kept(server: Server, form: str) -> dict[str, Any]:
    file = server.data_dir / "settings.yaml"
    everything = yaml.safe_load(file.read_text(encoding="utf-8")) if file.exists() else {}
    return dict(everything.get(form) or {})


def test_each_tab_keeps_what_was_changed_in_it_and_nothing_else(
    tiny_server: Server, new_tab: Callable[[Server], Tab]
) -> None:
    first, second = new_tab(tiny_server), new_tab(tiny_server)
    for tab in (first, second):
        tab.train_panel()
    first.fill_in({"train_steps": "321", "train_embedding_learn_rate": "0.004"})
    wait_until(lambda: len(kept(tiny_server, "train")) == 2)
    second.fill_in({"train_batch_size": "3"})
    second.page.locator("#train_group_dataset > .label-wrap").click()
    second.page.locator("#train_shuffle_tags input").first.check()
    wait_until(lambda: len(kept(tiny_server, "train")) == 4)
    assert kept(tiny_server, "train") == {
        "steps": 321,
        "learning_rate": "0.004",
        "batch_size": 3,
        "shuffle_tags": True,
    }
    second.fill_in({"train_steps": "99"})
    wait_until(lambda: kept(tiny_server, "train")["steps"] == 99)
    first.go_to("txt2img", "tabs")
    first.fill_in({"txt2img_prompt": "mira by the sea"})
    wait_until(lambda: kept(tiny_server, "txt2img") == {"prompt": "mira by the sea"})

    first.open(tiny_server.url)
    first.train_panel()
    assert [first.value(f"train_{name}") for name in ("steps", "embedding_learn_rate", "batch_size")] == [
        "99",
        "0.004",
        "3",
    ]
    first.go_to("txt2img", "tabs")
    assert first.value("txt2img_prompt") == "mira by the sea"
