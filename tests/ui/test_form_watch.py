"""Many fields are looked at by one request, and only when one has changed."""

from __future__ import annotations

import json
from typing import Any

import gradio as gr
import pytest

from traintab.ui import form_watch
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


def test_where_the_page_can_not_gather_every_field_asks_by_itself(
    build: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(form_watch, "_can_gather", lambda event: False)
    events = build(lambda: page(lambda *values: "")).get_config_file()["dependencies"]
    assert [len(event["inputs"]) for event in events] == [6] * 8
    assert all(event["backend_fn"] for event in events)


def test_there_too_what_is_called_besides_hears_of_every_event_before_and_after(
    build: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(form_watch, "_can_gather", lambda event: False)

    def made() -> Any:
        with gr.Blocks() as blocks:
            watch = FormWatch([gr.Textbox(), gr.Checkbox()], lambda *values: "", [gr.HTML()])
            watch.after(gr.Button().click)
            watch.also(lambda *values: "", [gr.HTML()])
            watch.after(gr.Button().click)
        return blocks

    events = build(made).get_config_file()["dependencies"]
    heard: dict[tuple[int, str], int] = {}
    for event in events:
        for target in event["targets"]:
            heard[tuple(target)] = heard.get(tuple(target), 0) + 1
    assert list(heard.values()) == [2] * 4


def test_a_text_counts_when_it_is_left_and_a_choice_when_it_is_made(build: Any) -> None:
    def kinds() -> list[list[str]]:
        with gr.Blocks():
            made = [gr.Textbox(), gr.Slider(0, 1), gr.Checkbox(), gr.Dropdown([])]
            return [[event.event_name for event in leaving(field)] for field in made]

    assert build(kinds) == [["blur"], ["release"], ["input"], ["blur", "input"]]
