"""After a training: one button that opens txt2img with a prompt for what was learned."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import gradio as gr

from ..configs import TrainingConfig, from_mapping
from ..errors import NothingToDoError, TrainTabError
from ..jobs import JobSnapshot
from ..paths import Paths
from .gradio_compat import listen
from .messages import guarded
from .page import Page

__all__ = ["UseInTxt2img", "can_draw", "prompt_for", "prompt_to_use", "use_in_txt2img"]

_NAME = "[name]"
_CAPTION = re.compile(r",?\s*(?:\bof\s+)?\[filewords\],?")


class UseInTxt2img:
    """The button that nobody sees until something was learned, made in the layout where it is constructed."""

    def __init__(self) -> None:
        self.button = gr.Button(
            "Use in txt2img", variant="primary", elem_id="train_use_in_txt2img", visible=False, min_width=150
        )

    def wire(self, page: Page, message: Any, tabs: Any) -> None:
        """Let it work; `tabs` are the page's, `message` stands in the job view."""
        handler = guarded(lambda: use_in_txt2img(page), outputs=3)
        outputs = [message, tabs, page.txt2img["prompt"]]
        listen(self.button.click, handler, None, outputs, at_once=True)


def can_draw(job: JobSnapshot) -> bool:
    """Whether the last job left an embedding to draw with: a training that took a step, and rests."""
    return job.kind == "train" and not job.status.is_active and bool(job.folder) and job.step > 0


def use_in_txt2img(page: Page) -> tuple[Any, ...]:
    """No message, the page's tab, and the prompt; raises NothingToDoError where nothing was trained."""
    prompt = prompt_to_use(page)
    page.remembered.remember(page.txt2img.section, {"prompt": prompt})
    return "", gr.update(selected="txt2img"), gr.update(value=prompt)


def prompt_to_use(page: Page) -> str:
    """A prompt for what was learned last; raises NothingToDoError where nothing was."""
    request = page.studio.resuming.last_request()
    if not can_draw(page.studio.snapshot()) or not request:
        raise NothingToDoError("There is nothing to draw with yet: train an embedding first.")
    return prompt_for(request, page.studio.paths)


def prompt_for(request: Mapping[str, Any], paths: Paths) -> str:
    """A prompt for the embedding of a training: that of its previews, or the first of its template."""
    config = from_mapping(TrainingConfig, request)
    wanted = config.preview.preview_prompt.strip()
    if not wanted:
        lines = _lines(config.dataset.template, paths)
        wanted = next((_without_caption(line) for line in lines if _NAME in line), _NAME)
    return wanted.replace(_NAME, config.embedding_name)


def _lines(template: str, paths: Paths) -> tuple[str, ...]:
    from ..prompts.templates import load_template
    from ..training.picture_checks import find_template

    try:
        return load_template(find_template(template, paths)).lines
    except TrainTabError:
        return ()  # deleted since: the name alone is a prompt too


def _without_caption(line: str) -> str:
    """`a painting of [filewords], in the style of [name]` where there is no caption to stand there."""
    return " ".join(_CAPTION.sub(" ", line).split()).strip(" ,")
