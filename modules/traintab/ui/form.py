"""Components from the options of a config, and their values back by field name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import gradio as gr

from ..configs import Option, all_options

__all__ = ["Form", "Handler"]

Handler = Callable[..., Any]

_MOST_CHOICES_OF_A_RADIO = 3
_LARGEST_SLIDER = 200


class Form:
    """The fields of one config on the page.

    `config_type` is the config's; `section` is where their values are remembered. `field(name)` makes the
    component of a field, in the layout where it is called; `bound(handler)` turns a handler of a mapping into
    one of the components' values in order, which is what gradio calls. Element ids that begin with `area`
    begin with `section` here, so that a config can have a form in each of two tabs.
    """

    def __init__(self, config_type: type, section: str, *, area: str = "") -> None:
        self.config_type = config_type
        self.section = section
        self._area = area or section
        self.options = all_options(config_type)
        self._fields: dict[str, Any] = {}

    def field(self, name: str, **overrides: Any) -> Any:
        """The component of a field; `overrides` are gradio's keywords that the option can't know.

        `choices` make it a dropdown into which other values can be typed; `radio` shows all of the option's
        choices side by side, however many there are.
        """
        declared = self.options[name]
        keywords = {
            "label": declared.label,
            "info": declared.help,
            "value": declared.default,
            "elem_id": self._elem_id(declared),
        }
        component = _component(declared, {**keywords, **overrides})
        self._fields[name] = component
        return component

    def _elem_id(self, declared: Option) -> str:
        elem_id = declared.elem_id or f"traintab_{declared.name}"
        rest = elem_id.removeprefix(f"{self._area}_")
        return elem_id if rest == elem_id else f"{self.section}_{rest}"

    @property
    def names(self) -> list[str]:
        """Field names in the order in which they were made."""
        return list(self._fields)

    @property
    def components(self) -> list[Any]:
        """The components in that order."""
        return list(self._fields.values())

    def __getitem__(self, name: str) -> Any:
        return self._fields[name]

    def bound(self, handler: Handler) -> Callable[..., Any]:
        """`handler` as gradio calls it: with the components' values in order, then any others."""

        def call(*values: Any) -> Any:
            count = len(self._fields)
            return handler(self.values(values[:count]), *values[count:])

        return call

    def values(self, values: tuple[Any, ...]) -> dict[str, Any]:
        """The values by field name."""
        return dict(zip(self._fields, values, strict=True))

    def updates(self, values: Mapping[str, Any]) -> list[Any]:
        """For each component its new value, or nothing for fields that `values` doesn't name.

        What a field can't show, as an edited or older settings file may have it, is left out too: gradio
        would refuse everything else of the form with it.
        """
        known = {
            name: value
            for name, value in values.items()
            if name in self._fields and _can_show(self.options[name], value)
        }
        return [gr.update(value=known[name]) if name in known else gr.update() for name in self._fields]


def _can_show(declared: Option, value: Any) -> bool:
    """Whether it is one of the choices, or of the component's kind; a number may be emptied."""
    if declared.choices:
        return value in declared.choices
    if declared.type is bool:
        return isinstance(value, bool)
    if declared.type in (int, float) and not declared.optional:
        return value is None or (isinstance(value, (int, float)) and not isinstance(value, bool))
    return value is None or isinstance(value, (str, int, float))


def _component(declared: Option, keywords: dict[str, Any]) -> Any:
    """The component that suits the option's type, range and choices.

    A number that may be left out is a text box, because gradio's number boxes show nothing as 0.
    """
    if "choices" in keywords:
        return gr.Dropdown(allow_custom_value=True, **keywords)
    if declared.choices:
        radio = keywords.pop("radio", len(declared.choices) <= _MOST_CHOICES_OF_A_RADIO)
        kind = gr.Radio if radio else gr.Dropdown
        return kind(choices=list(declared.choices), **{"elem_classes": ["traintab-choices"], **keywords})
    if declared.type is bool:
        return gr.Checkbox(**{"elem_classes": ["traintab-checkbox"], **keywords})
    if declared.type in (int, float) and not declared.optional:
        return _number(declared, keywords)
    return gr.Textbox(**{"max_lines": 1, **keywords})


def _number(declared: Option, keywords: dict[str, Any]) -> Any:
    """A slider for a short range, else a box; the box takes any number, because our own check says more."""
    low, high = declared.minimum, declared.maximum
    if low is not None and high is not None and high <= _LARGEST_SLIDER:
        return gr.Slider(minimum=low, maximum=high, step=declared.step, **keywords)
    return gr.Number(**keywords)
