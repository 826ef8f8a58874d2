"""Previews that show what the tab *txt2img* would draw."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import ConfigError
from .generation_fields import RANDOM_SEED
from .gradio_compat import listen
from .messages import done, guarded
from .page import Page
from .send_to import as_previews

__all__ = ["read_from_txt2img", "wire_preview_source"]


def read_from_txt2img(page: Page, values: Mapping[str, Any]) -> tuple[Any, ...]:
    """A message, and the fields of the panel *Train* with the previews' among them as txt2img has them.

    Where txt2img draws another seed each time the previews keep their own, so that they can be compared.
    Raises ConfigError while there is no prompt to read.
    """
    if not str(values["prompt"]).strip():
        raise ConfigError("The tab txt2img has no prompt to read; write one there first.")
    previews = as_previews(values)
    if previews.get("preview_seed") == RANDOM_SEED:
        del previews["preview_seed"]
    page.remembered.remember(page.train.section, previews)
    text = "Previews show what txt2img draws now; the fields of the fold Preview tell what that is."
    return done(text), *page.train.updates(previews)


def wire_preview_source(page: Page, button: Any, message: Any) -> Any:
    """Let the button read txt2img's fields as they are when it is pressed; returns the event."""
    outputs = [message, *page.train.components]
    handler = page.txt2img.bound(lambda values: read_from_txt2img(page, values))
    handler = guarded(handler, outputs=len(outputs))
    return listen(button.click, handler, page.txt2img.components, outputs, at_once=True)
