"""What the page asks of any version of gradio."""

from __future__ import annotations

from typing import Any

import gradio as gr

from traintab.ui.gradio_compat import listen, listen_to_form, listen_to_latest, skip


def test_gradio_watches_one_output_of_an_event_and_none_of_one_without_progress(build: Any) -> None:
    def page() -> Any:
        with gr.Blocks() as blocks:
            button, texts = gr.Button(), [gr.Textbox(), gr.Textbox()]
            listen(button.click, lambda: ("", ""), None, texts, at_once=True)
            listen_to_latest(texts[0].change, lambda text: text, texts[0], texts[1], at_once=True)
            listen(button.click, lambda: ("", ""), None, texts)
        return blocks

    events = build(page).get_config_file()["dependencies"]
    shown = [(len(event["outputs"]), len(event["show_progress_on"])) for event in events]
    assert shown == [(2, 0), (1, 0), (2, 1)]


def test_many_fields_reach_the_server_as_one_text_and_the_handler_one_by_one(build: Any) -> None:
    def page() -> Any:
        with gr.Blocks() as blocks:
            button, fields = gr.Button(), [gr.Number(), gr.Textbox(), gr.Checkbox(), gr.Dropdown([])]
            listen_to_form(button.click, lambda *values: repr(values), fields, [gr.Textbox()])
        return blocks

    blocks = build(page)
    on_page, on_server = blocks.get_config_file()["dependencies"]
    assert on_page["backend_fn"] is False and len(on_page["inputs"]) == 4
    assert len(on_server["inputs"]) == 1
    (handler,) = [event.fn for event in blocks.fns.values() if event.fn is not None]
    assert handler('[0.5, "a \\"b\\"", true, null]') == repr((0.5, 'a "b"', True, None))


def test_a_private_event_takes_no_public_name(build: Any) -> None:
    def interrupt() -> str:
        return ""

    def page() -> Any:
        with gr.Blocks() as blocks:
            button, text = gr.Button(), gr.Textbox()
            listen(button.click, interrupt, None, text, at_once=True)
            listen_to_latest(text.change, interrupt, None, text)
            listen(button.click, lambda: "", None, text, api_name="interrupt")
        return blocks

    events = build(page).get_config_file()["dependencies"]
    assert [event["api_name"] == "interrupt" for event in events] == [False, False, True]
    assert [event["api_visibility"] for event in events] == ["private", "private", "public"]


def test_a_single_output_gets_the_value_and_not_a_tuple_of_one(build: Any) -> None:
    def make() -> Any:
        with gr.Blocks() as blocks:
            message = gr.HTML()
            listen(gr.Button().click, lambda: (skip(),), None, [message])
        return blocks

    (event,) = build(make).fns.values()
    assert event.fn() == skip()
