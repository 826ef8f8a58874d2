"""Sentences in the panels, and the boundary where an error becomes one."""

from __future__ import annotations

import html
import logging
from collections.abc import Callable
from functools import partial, wraps
from typing import Any

from ..errors import TrainTabError
from .gradio_compat import skip

__all__ = ["done", "failed", "guarded", "sentence_of"]

_LOGGER = logging.getLogger(__name__)


def done(text: str) -> str:
    """A sentence that says what was done, for a `gr.HTML`."""
    return _message("traintab-done", "status", text)


def failed(text: str) -> str:
    """A sentence that says what is wrong and what to do."""
    return _message("traintab-failed", "alert", text)


def guarded(
    handler: Callable[..., tuple[Any, ...]], *, outputs: int, message: int = 0
) -> Callable[..., tuple[Any, ...]]:
    """The panel boundary: whatever `handler` raises is shown in output number `message`.

    The other `outputs - 1` components stay as they are.
    """

    @wraps(handler)
    def call(*values: Any) -> tuple[Any, ...]:
        try:
            return handler(*values)
        except Exception as error:  # noqa: BLE001 - the last place that can tell the user
            others = [skip()] * (outputs - 1)
            return (*others[:message], failed(sentence_of(error)), *others[message:])

    if isinstance(handler, partial):
        del call.__wrapped__  # gradio 4 would look there for the names in the annotations
    return call


def sentence_of(error: Exception) -> str:
    """Our errors are sentences already; of any other, the program's output keeps the traceback."""
    if isinstance(error, TrainTabError):
        return str(error)
    _LOGGER.error("A handler of the page failed.", exc_info=error)
    kind = type(error).__name__
    return f"This went wrong in a way nobody foresaw ({kind}: {error}). Details are in the program's output."


def _message(kind: str, role: str, text: str) -> str:
    """Several lines are a text with a caret below the character in question."""
    if not text:
        return ""
    lines = " traintab-lines" if "\n" in text else ""
    return f'<div class="traintab-message {kind}{lines}" role="{role}">{html.escape(text)}</div>'
