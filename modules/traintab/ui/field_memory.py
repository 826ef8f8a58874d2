"""Every field is kept as soon as the user leaves it, so that a closed browser loses no setting."""

from __future__ import annotations

from typing import Any

from .gradio_compat import listen
from .page import Page

__all__ = ["remember_fields"]


def remember_fields(page: Page) -> None:
    """Let all fields of the page's forms be remembered; called when they are made."""
    for form in page.forms:
        for name, component in zip(form.names, form.components, strict=True):
            _remember_field(page, form.section, name, component)


def _remember_field(page: Page, section: str, name: str, component: Any) -> None:
    event = next(
        getattr(component, kind) for kind in ("blur", "release", "input") if hasattr(component, kind)
    )
    listen(
        event, lambda value: page.remembered.remember(section, {name: value}), component, None, at_once=True
    )
