"""The lines of the chosen prompt template, below its field."""

from __future__ import annotations

import html
from typing import Any

import gradio as gr

from ..errors import TrainTabError
from .gradio_compat import listen, listen_to_latest
from .page import Page

__all__ = ["TemplateLines", "template_html"]

_SHOWN_AT_MOST = 100


class TemplateLines:
    """The fold, made in the layout where it is constructed."""

    def __init__(self) -> None:
        self.shown = gr.HTML(elem_id="train_template_lines", elem_classes=["traintab-slot"])

    def wire(self, page: Page, load: Any) -> None:
        """Show them when another is chosen, and when the page opens."""
        template = page.train["template"]

        def look(name: str | None) -> str:
            return template_html(page, name or "")

        listen_to_latest(template.change, look, [template], [self.shown], at_once=True)
        listen(load, lambda: look(_remembered(page)), None, [self.shown], at_once=True)


def _remembered(page: Page) -> str:
    """The template that the field will hold once the page is filled in."""
    default = page.train.options["template"].default
    return str(page.remembered_values(page.train).get("template") or default)


def template_html(page: Page, name: str) -> str:
    """A closed fold with the lines; nothing for a template that isn't there, which the training tells."""
    from ..prompts.templates import load_template
    from ..training.picture_checks import find_template

    try:
        template = load_template(find_template(name, page.studio.paths))
    except TrainTabError:
        return ""
    lines, shown = template.lines, template.lines[:_SHOWN_AT_MOST]
    listed = "".join(f"<li>{html.escape(line)}</li>" for line in shown)
    more = f"<p>{len(lines) - len(shown)} more lines.</p>" if len(lines) > len(shown) else ""
    count = "1 prompt" if len(lines) == 1 else f"{len(lines)} prompts"
    return (
        f'<details class="traintab-template"><summary>{count} in {html.escape(template.name)}</summary>'
        "<p>[name] stands for the embedding, [filewords] for a picture's caption.</p>"
        f'<ol translate="no">{listed}</ol>{more}</details>'
    )
