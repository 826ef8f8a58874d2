"""Many fields are looked at by one request, and only when one has changed."""

from __future__ import annotations

import json
from typing import Any

import gradio as gr
import pytest

from traintab.ui.form_watch import FormWatch, leaving


def page(handler: Any) -> Any:
    with gr.Blocks() as blocks:
        fields = [gr.Textbox(), gr.Slider(0, 1), gr.Checkbox(), gr.Dropdown([]), gr.Number(), gr.Radio([])]
        watch = FormWatch(fields, handler, [gr.HTML()])
        watch.after(gr.Button().click)
    return blocks


def test_leaving_any_field_is_the_pages_own_event_and_a_change_one_request(build: Any) -> None:
    blocks = build(lambda: page(lambda *values: repr(values)))
    left, changed, after = blocks.get_config_file()["dependencies"]
    assert len(left["targets"]) == 7 and len(left["inputs"]) == 6, "a choice counts when it is made, and left"
    assert left["backend_fn"] is False is after["backend_fn"]
    assert [kind for _, kind in changed["targets"]] == ["change"] and len(changed["inputs"]) == 1
    assert left["outputs"] == after["outputs"] == changed["inputs"]


def test_the_handler_gets_the_fields_values_and_nothing_else(build: Any) -> None:
    blocks = build(lambda: page(lambda *values: repr(values)))
    (handler,) = [event.fn for event in blocks.fns.values() if event.fn is not None]
    values = ["a", 0.5, True, None, 3, "x"]
    assert handler(json.dumps(values)) == repr(tuple(values)) == handler(json.dumps([*values, 1234567]))


def test_none_of_these_events_is_public(build: Any) -> None:
    events = build(lambda: page(lambda *values: "")).get_config_file()["dependencies"]
    assert {event["api_visibility"] for event in events} == {"private"}


def test_where_gradio_joins_no_events_each_is_the_pages_own_and_a_change_one_request(
    build: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(gr, "on")
    *left, changed, after = build(lambda: page(lambda *values: "")).get_config_file()["dependencies"]
    assert [(len(one["targets"]), len(one["inputs"]), one["backend_fn"]) for one in left] == [
        (1, 6, False)
    ] * 7
    assert changed["backend_fn"] and len(changed["inputs"]) == 1
    assert after["backend_fn"] is False


def test_before_the_page_has_gathered_anything_nothing_changes(build: Any) -> None:
    def two() -> Any:
        with gr.Blocks() as blocks:
            FormWatch([gr.Textbox()], lambda *values: ("", ""), [gr.HTML(), gr.HTML()])
        return blocks

    (handler,) = [event.fn for event in build(two).fns.values() if event.fn is not None]
    assert handler("") == (gr.skip(), gr.skip())


def test_a_text_counts_when_it_is_left_and_a_choice_when_it_is_made(build: Any) -> None:
    def kinds() -> list[list[str]]:
        with gr.Blocks():
            made = [gr.Textbox(), gr.Slider(0, 1), gr.Checkbox(), gr.Dropdown([])]
            return [[event.event_name for event in leaving(field)] for field in made]

    assert build(kinds) == [["blur"], ["release"], ["input"], ["blur", "input"]]
