"""One answer for a whole page: a text with what is new, which the page itself lays out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson

from .gradio_compat import hidden_text, listen, listen_in_page, value_in_page

__all__ = ["Scattered"]

_LAY_OUT = """(answer) => {
  const news = answer ? JSON.parse(answer) : {};
  return Array.from({length: COUNT}, (_, place) => place in news ? news[place] : {__type__: "update"});
}"""


class Scattered:
    """Components of which an event changes a few; made in the layout where it is constructed.

    For each component that an event could change, changed or not, gradio 6 makes the component anew on the
    server, nearly a millisecond each: a question that has no answer would cost as much as half a training
    step. Here the event has one output, a text, whatever it changes. `laid_out` is the page's own event that
    puts the values into the components.
    """

    def __init__(self, components: Sequence[Any]) -> None:
        self._answer = hidden_text("", max_lines=1)
        # A State lives on the server and can't be among them: the page lays the values out by itself.
        script = _LAY_OUT.replace("COUNT", str(len(components)))
        self.laid_out = listen_in_page(self._answer.change, script, [self._answer], list(components))

    def listen(self, event: Any, handler: Callable[..., Mapping[int, Any]], inputs: Any) -> Any:
        """Bind `handler` to an event; it gives new values by their components' places, as the page takes
        them: texts, numbers, and `gr.update(…)`.
        """

        def answer(*values: Any) -> str:
            news = {place: value_in_page(new) for place, new in handler(*values).items()}
            # Not `json`: a browser can't read the NaN that it writes.
            return orjson.dumps(news, option=orjson.OPT_NON_STR_KEYS).decode() if news else ""

        return listen(event, answer, inputs, [self._answer], at_once=True)
