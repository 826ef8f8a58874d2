"""Between our tab and the web UI's own txt2img: its fields are read, and a prompt is put there.

They are components of another page than ours; `javascript/traintab_host.js` finds them by the ids that all
web UIs have.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from .gradio_compat import hidden_text, listen, listen_in_page, listen_to_script
from .messages import guarded
from .page import Page
from .preview_source import read_from_txt2img
from .train_tab import TrainTab
from .use_in_txt2img import prompt_to_use

__all__ = ["HostTxt2img", "txt2img_values"]

_READ = "() => [window.trainTabHost.read()]"
_USE = "(prompt) => { window.trainTabHost.use(prompt); return []; }"
_NUMBERS = ("num_inference_steps", "seed")
# Their fields are texts, because they may be left out.
_OPTIONAL = ("guidance_scale", "width", "height")


def txt2img_values(told: str) -> dict[str, Any]:
    """The web UI's fields by `GenerationConfig`'s names; what it doesn't have, or left open, is left out.

    A scale or a number of steps below one is SD.Next's word for its own default.
    """
    found = json.loads(told or "{}")
    fields = {key: str(value).strip() for key, value in found.items()} if isinstance(found, Mapping) else {}
    values: dict[str, Any] = {key: fields.get(key, "") for key in ("prompt", "negative_prompt", "sampler")}
    for key in (*_NUMBERS, *_OPTIONAL):
        number = _number(fields.get(key, ""))
        if number is not None and (number >= 1 or key == "seed"):
            values[key] = f"{number:g}" if key in _OPTIONAL else int(number)
    return values


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


class HostTxt2img:
    """Two hidden texts, made in the layout where it is constructed: what is read, and what is put there."""

    def __init__(self) -> None:
        self._read, self._prompt = hidden_text(), hidden_text()

    def wire(self, page: Page, train: TrainTab) -> None:
        """Let *Read parameters from txt2img* and *Use in txt2img* work."""
        filled = [train.train.message, *page.train.components]
        read = guarded(lambda told: read_from_txt2img(page, txt2img_values(told)), outputs=len(filled))
        event = listen_to_script(train.train.read_from_txt2img.click, _READ, read, self._read, filled)
        train.watch.after(event.then)
        message = train.job.components["message"]
        use = guarded(lambda: ("", prompt_to_use(page)), outputs=2)
        given = listen(train.job.use.button.click, use, None, [message, self._prompt], at_once=True)
        listen_in_page(given.then, _USE, [self._prompt], None)
