from dataclasses import dataclass
from typing import Any

import gradio as gr
import pytest

from traintab.configs import PreprocessConfig, option
from traintab.ui.form import Form


@dataclass(frozen=True, kw_only=True)
class Sample:
    word: str = option("a", "Word", "A word.", elem_id="the_word")
    count: int = option(3, "Count", "How many.", minimum=1, maximum=75, step=1)
    steps: int = option(3, "Steps", "How many.", minimum=1, maximum=100_000, step=1)
    width: int | None = option(None, "Width", "Pixels.", minimum=64, maximum=2048, step=8)
    kind: str = option("x", "Kind", "Which.", choices=("x", "y"))
    sampler: str = option("a", "Sampler", "Which.", choices=("a", "b", "c", "d"))
    flag: bool = option(True, "Flag", "Whether.")


@pytest.fixture(scope="module")
def form(build: Any) -> Form:
    def make() -> Form:
        form = Form(Sample, "sample")
        with gr.Blocks():
            for name in form.options:
                form.field(name)
        return form

    return build(make)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("word", gr.Textbox),
        ("count", gr.Slider),
        ("steps", gr.Number),
        ("width", gr.Textbox),
        ("kind", gr.Radio),
        ("sampler", gr.Dropdown),
        ("flag", gr.Checkbox),
    ],
)
def test_the_component_suits_the_option(form: Form, name: str, kind: type) -> None:
    assert type(form[name]) is kind


def test_label_help_default_and_element_id_come_from_the_option(form: Form) -> None:
    word = form["word"]
    assert (word.label, word.info, word.value, word.elem_id) == ("Word", "A word.", "a", "the_word")
    assert form["count"].elem_id == "traintab_count"


def test_a_dropdown_with_choices_of_the_moment_takes_other_values_too(build: Any) -> None:
    def make() -> Any:
        with gr.Blocks():
            return Form(Sample, "sample").field("word", choices=["a", "b"])

    field = build(make)
    assert isinstance(field, gr.Dropdown) and field.allow_custom_value


def test_many_choices_stand_side_by_side_where_that_is_asked_for(build: Any) -> None:
    def make() -> list[Any]:
        with gr.Blocks():
            form = Form(PreprocessConfig, "preprocess")
            return [form.field("caption"), form.field("background", radio=True)]

    dropdown, radio = build(make)
    assert isinstance(dropdown, gr.Dropdown) and isinstance(radio, gr.Radio)
    assert [value for value, _ in radio.choices] == ["keep", "color", "transparent", "mask"]


def test_values_come_by_field_name_and_others_after_them(form: Form) -> None:
    handler = form.bound(lambda values, *rest: (values["steps"], rest))
    assert handler("w", 1, 500, "", "x", "a", False, "more") == (500, ("more",))


def test_updates_name_only_the_fields_they_know(form: Form) -> None:
    updates = form.updates({"steps": 9, "unknown": 1})
    assert updates[2]["value"] == 9
    assert all("value" not in update for index, update in enumerate(updates) if index != 2)


def test_a_choice_that_does_not_exist_is_left_out(form: Form) -> None:
    updates = dict(zip(form.names, form.updates({"sampler": "z", "kind": "y", "word": "z"}), strict=True))
    assert "value" not in updates["sampler"]
    assert (updates["kind"]["value"], updates["word"]["value"]) == ("y", "z")


@pytest.mark.parametrize(
    ("name", "value"), [("steps", "many"), ("steps", True), ("flag", "maybe"), ("word", ["a"]), ("word", {})]
)
def test_a_value_that_the_field_can_not_show_is_left_out(form: Form, name: str, value: object) -> None:
    updates = dict(zip(form.names, form.updates({name: value}), strict=True))
    assert "value" not in updates[name]


def test_a_number_that_was_emptied_stays_empty(form: Form) -> None:
    updates = dict(zip(form.names, form.updates({"steps": None}), strict=True))
    assert updates["steps"]["value"] is None


def test_a_second_form_of_a_config_has_element_ids_of_its_own(build: Any) -> None:
    def make() -> list[Any]:
        with gr.Blocks():
            form = Form(Sample, "there", area="the")
            return [form.field("word"), form.field("flag")]

    assert [field.elem_id for field in build(make)] == ["there_word", "traintab_flag"]


@pytest.mark.parametrize("section", ["create", "preprocess", "train", "txt2img", "img2img", "saving"])
def test_every_option_of_every_config_can_stand_on_the_page(fields: dict[str, Form], section: str) -> None:
    form = fields[section]
    assert form.names == list(form.options)
    assert [form[name].label for name in form.names] == [option.label for option in form.options.values()]
