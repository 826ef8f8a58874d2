"""What a user has changed is remembered, and a page that is opened holds it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import gradio as gr
import pytest

from traintab.ui.field_memory import FieldMemory
from traintab.ui.form_watch import FormWatch
from traintab.ui.page import Page


@pytest.fixture
def page(fake_studio: Any, tmp_path: Path) -> Page:
    return Page(studio=fake_studio(tmp_path))


def built(build: Any, page: Page) -> Any:
    """A page of a few fields: those of the training are watched, the others not."""

    def make() -> Any:
        with gr.Blocks() as blocks:
            fields = [page.train.field(name) for name in ("steps", "width", "shuffle_tags")]
            fields += [page.txt2img.field("prompt")]
            watch = FormWatch(fields[:3], lambda *_: "", [gr.HTML()])
            memory = FieldMemory(page, watch)
            memory.fill(blocks.load, lambda: ["opened"], [gr.HTML()])
        return blocks

    return build(make)


def filled(blocks: Any) -> dict[int, Any]:
    """What a page that is opened is told, by the places of its components."""
    (load,) = [fn.fn for fn in blocks.fns.values() if fn.fn and fn.targets[0][1] == "load"]
    return {int(place): value for place, value in json.loads(load()).items()}


def keepers(blocks: Any) -> list[Any]:
    """For each form the handler of what was changed in it."""
    return [fn.fn for fn in blocks.fns.values() if fn.fn and fn.targets[0][1] == "change" and not fn.outputs]


def keep(blocks: Any, form: int, changed: list[tuple[int, Any]]) -> None:
    """A form's changed fields, as a page tells them."""
    keepers(blocks)[form](json.dumps([changed, 1]))


TRAIN, TXT2IMG = 2, 3


def test_what_was_changed_is_remembered_by_its_name_and_nothing_else(build: Any, page: Page) -> None:
    blocks = built(build, page)
    keep(blocks, TRAIN, [(0, 250), (2, True)])
    keep(blocks, TXT2IMG, [(0, "mira by the sea")])
    assert page.remembered.values("train") == {"steps": 250, "shuffle_tags": True}
    assert page.remembered.values("txt2img") == {"prompt": "mira by the sea"}


def test_a_page_that_tells_of_no_change_changes_nothing(build: Any, page: Page) -> None:
    page.remembered.remember("train", {"steps": 250})
    blocks = built(build, page)
    for handler in keepers(blocks):
        handler("")
    assert page.remembered.values("train") == {"steps": 250}


def test_an_opened_page_gets_what_is_remembered_as_its_fields_show_it(build: Any, page: Page) -> None:
    page.remembered.remember("train", {"steps": 250, "width": 512})
    answer = filled(built(build, page))
    fields = answer[9], answer[10], answer[11]
    assert answer[0] == "opened"
    assert [field.get("value") for field in fields] == [250, "512", None], "a text box shows numbers as text"


def test_each_form_is_told_what_it_shows_so_that_it_knows_what_was_changed(build: Any, page: Page) -> None:
    page.remembered.remember("train", {"steps": 250, "width": 512})
    answer = filled(built(build, page))
    assert json.loads(answer[1 + TRAIN]) == [[250], ["512"], [page.train["shuffle_tags"].value]]
    assert json.loads(answer[1 + TXT2IMG]) == [[page.txt2img["prompt"].value]]


def test_a_number_that_no_page_can_read_leaves_the_rest_readable(build: Any, page: Page) -> None:
    page.remembered.remember("train", {"steps": float("nan"), "width": 512})
    answer = filled(built(build, page))
    assert (answer[9]["value"], answer[10]["value"]) == (None, "512")


def test_however_many_fields_a_form_has_few_events(build: Any, page: Page) -> None:
    events = built(build, page).get_config_file()["dependencies"]
    by_field = [event for event in events if len(event["targets"]) > 1]
    assert len(by_field) == 1, "the training's fields are gathered once, for the watch and the memory"
    assert not by_field[0]["backend_fn"]
