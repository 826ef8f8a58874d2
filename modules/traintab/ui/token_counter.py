"""The line beside a prompt's label: how much room it takes, and which names are known, while one types."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple
from weakref import WeakKeyDictionary

import gradio as gr

from ..errors import TrainTabError
from ..model_slot import ModelState
from ..studio import Studio
from .gradio_compat import listen_to_latest, skip
from .page import Page
from .pulse import now_and_then

if TYPE_CHECKING:
    from ..conditioning.counting import TokenCount, TokenCounter
    from ..models.model import Model

__all__ = ["Counters", "TokenLine", "count_html", "counted", "follow_prompts"]


class Counters:
    """Keeps a `TokenCounter` for as long as the model, the embeddings and their sizes are the same.

    It is kept beside the model, not instead of it: when another one is chosen, the old one makes room.
    """

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._kept: WeakKeyDictionary[Model, dict[bool, tuple[Any, TokenCounter]]] = WeakKeyDictionary()

    def count(self, prompt: str | None, *, is_negative: bool) -> TokenCount | None:
        """The count of a prompt; None while no model is loaded or the folder can't be read."""
        return self.count_all([(prompt, is_negative)])[0]

    def count_all(self, prompts: Sequence[tuple[str | None, bool]]) -> list[TokenCount | None]:
        """The same for prompts and whether each is a negative one; the folders are looked at once."""
        if self._studio.model_status.state is not ModelState.READY:
            return [None] * len(prompts)
        try:
            model = self._studio.model
            embeddings = self._studio.embeddings(model.widths)
            num_vectors = {name: embedding.num_vectors for name, embedding in embeddings.items()}
            return [
                self._current(model, num_vectors, prompt or "").count(prompt or "", is_negative=is_negative)
                for prompt, is_negative in prompts
            ]
        except TrainTabError:
            return [None] * len(prompts)

    def _current(self, model: Model, num_vectors: Mapping[str, int], prompt: str) -> TokenCounter:
        """LoRA files are looked for only where a prompt may name one."""
        from ..conditioning.counting import TokenCounter
        from ..models.lora_files import find_loras

        may_name = "<" in prompt
        loras = list(find_loras(self._studio.paths.lora_dirs)) if may_name else []
        kept = self._kept.setdefault(model, {})
        made_for, counter = kept.get(may_name, (None, None))
        if counter is None or made_for != (num_vectors, loras):
            counter = TokenCounter(model.text_encoders[0], num_vectors, loras)
            kept[may_name] = (num_vectors, loras), counter
        return counter


def count_html(count: TokenCount | None) -> str:
    """`12/75`, the embeddings recognised, and the network tags that nothing can be applied for."""
    if count is None:
        return '<div class="traintab-tokens" data-tokens="">–/75</div>'
    names = "".join(
        f'<span class="traintab-known" title="This embedding is used">'
        f'<span translate="no">{html.escape(name)}</span></span>'
        for name in count.recognised
    )
    unknown = "".join(
        f'<span class="traintab-unknown" title="There is no such file">{html.escape(tag)} not found</span>'
        for tag in count.unknown_networks
    )
    chunks = f" in {count.chunks} chunks" if count.chunks > 1 else ""
    figures = f'<span class="traintab-count">{count.tokens}/{count.capacity}{chunks}</span>'
    return f'<div class="traintab-tokens" data-tokens="{count.tokens}">{names}{unknown}{figures}</div>'


class TokenLine(NamedTuple):
    """A prompt's component and its line."""

    prompt: Any
    line: Any
    is_negative: bool

    @classmethod
    def over(cls, make_prompt: Callable[[], Any], elem_id: str, *, is_negative: bool = False) -> TokenLine:
        """Make the line and the prompt in the current layout; the style moves the one into the other."""
        line = gr.HTML(count_html(None), elem_id=elem_id, elem_classes=["traintab-slot", "traintab-counter"])
        return cls(make_prompt(), line, is_negative)


def follow_prompts(page: Page, lines: Sequence[TokenLine]) -> None:
    """Count while one types, and again when the model or the embeddings are others."""
    studio = page.studio
    counters, seen = Counters(studio), gr.State([])
    for one in lines:
        handler = partial(_line, counters, one.is_negative)
        listen_to_latest(one.prompt.change, handler, [one.prompt], [one.line], at_once=True)
    look = counted(counters, [one.is_negative for one in lines])
    inputs, outputs = [seen, *(one.prompt for one in lines)], [seen, *(one.line for one in lines)]
    version = now_and_then(lambda: (studio.model_status, sorted(studio.embeddings())))
    page.pulse.follow(version, look, inputs, outputs)


def _line(counters: Counters, is_negative: bool, text: str | None) -> str:
    return count_html(counters.count(text, is_negative=is_negative))


def counted(counters: Counters, negative: Sequence[bool]) -> Callable[..., tuple[Any, ...]]:
    """A function of what a browser has seen and of its prompts: what it sees then, and changed lines."""

    def look(seen: list[str], *texts: str | None) -> tuple[Any, ...]:
        now = [count_html(count) for count in counters.count_all(list(zip(texts, negative, strict=True)))]
        return tuple([skip()] * (len(now) + 1)) if now == seen else (now, *now)

    return look
