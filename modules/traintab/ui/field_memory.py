"""Every field is kept as soon as the user leaves it, so that a closed browser loses no setting."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .gradio_compat import listen
from .page import Page

__all__ = ["fill_fields", "remember_fields"]


def remember_fields(page: Page) -> None:
    """Let all fields of the page's forms be remembered; called when they are made."""
    for form in page.forms:
        for name, component in zip(form.names, form.components, strict=True):
            _remember_field(page, form.section, name, component)


def fill_fields(page: Page, load: Any, opened: Callable[[], list[Any]], outputs: list[Any]) -> Any:
    """When a browser opens the page, fill all fields with what is remembered and `outputs` with `opened()`.

    Gives the event, which has one answer for all of it.
    """
    components = [component for form in page.forms for component in form.components]

    def fill() -> list[Any]:
        remembered = [form.updates(page.remembered_values(form)) for form in page.forms]
        return [*opened(), *(update for updates in remembered for update in updates)]

    return listen(load, fill, None, [*outputs, *components], at_once=True)


def _remember_field(page: Page, section: str, name: str, component: Any) -> None:
    event = next(
        getattr(component, kind) for kind in ("blur", "release", "input") if hasattr(component, kind)
    )
    listen(
        event, lambda value: page.remembered.remember(section, {name: value}), component, None, at_once=True
    )
