"""Every field is kept as soon as the user leaves it, so that a closed browser loses no setting."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import orjson

from .form import Form
from .form_watch import FormWatch, gathered_when_left
from .gradio_compat import goes_on_after_page_events, hidden_text, listen, listen_in_page
from .page import Page
from .scattered import Scattered

__all__ = ["FieldMemory"]

# `shown` holds each field's value when the page was opened, as a list of one, or null once the user has
# changed it. What was changed here is told every time: it may have been changed elsewhere since.
_CHANGED = """(shown, text) => {
  if (!shown || !text) return [shown, ""];
  const gathered = JSON.parse(text);
  const values = PLACES.map((place) => gathered[place]);
  const same = (one, other) => JSON.stringify(one ?? "") === JSON.stringify(other ?? "");
  const left = JSON.parse(shown).map((was, place) => was && same(was[0], values[place]) ? was : null);
  const changed = left.flatMap((was, place) => was ? [] : [[place, values[place]]]);
  return [JSON.stringify(left), changed.length ? JSON.stringify([changed, Date.now()]) : ""];
}"""


class FieldMemory:
    """Remembers the fields of the page's forms; made in the layout when all of them are there.

    The page itself finds out what was changed, so that a form has a few events, however many fields: gradio 6
    searches all events for each component of a page that is opened. What `watch` gathers of its forms' fields
    serves here too.
    """

    def __init__(self, page: Page, watch: FormWatch) -> None:
        self._page = page
        self._shown = [self._remember(form, watch) for form in page.forms]

    def _remember(self, form: Form, watch: FormWatch) -> Any:
        """Remember what is changed in this form; gives the text for what it shows when the page is opened."""
        shown, changed = hidden_text(), hidden_text()
        fields = form.components
        if watch.has(fields):
            text, places = watch.text, watch.places(fields)
        else:
            text, places = gathered_when_left(fields), list(range(len(fields)))
        script = _CHANGED.replace("PLACES", str(places))
        listen_in_page(text.change, script, [shown, text], [shown, changed], each=True)
        listen(changed.change, lambda text: self._keep(form, text), changed, None, at_once=True)
        return shown

    def _keep(self, form: Form, changed: str) -> None:
        if not changed:
            return
        pairs, _ = orjson.loads(changed)
        names, fields = form.names, form.components
        values = {names[place]: fields[place].preprocess(value) for place, value in pairs}
        self._page.remembered.remember(form.section, values)

    def fill(self, load: Any, opened: Callable[[], list[Any]], outputs: list[Any]) -> Any:
        """When a browser opens the page, fill all fields with what is remembered, and `outputs` by `opened`.

        Gives the event after which all of it is there.
        """
        forms = self._page.forms
        filled = [*outputs, *self._shown, *(component for form in forms for component in form.components)]

        def fill() -> list[Any]:
            updates = [form.updates(self._page.remembered_values(form)) for form in forms]
            shown = [_as_text(form.components, its) for form, its in zip(forms, updates, strict=True)]
            return [*opened(), *shown, *(update for its in updates for update in its)]

        def scatter() -> dict[int, Any]:
            pairs = enumerate(zip(filled, fill(), strict=True))
            return {place: _as_shown(component, update) for place, (component, update) in pairs}

        if not goes_on_after_page_events(load):
            return listen(load, fill, None, filled, at_once=True)
        scattered = Scattered(filled)
        scattered.listen(load, scatter, None)
        return scattered.laid_out


def _as_text(components: Sequence[Any], updates: Sequence[Any]) -> str:
    """What a form shows after these updates, as the page has it."""
    shown = [
        [_as_shown(component, update).get("value", component.value)]
        for component, update in zip(components, updates, strict=True)
    ]
    return orjson.dumps(shown).decode()


def _as_shown(component: Any, update: Any) -> Any:
    """An update with its value as gradio would hand it to the page: a text box shows numbers as text."""
    if not isinstance(update, dict) or "value" not in update:
        return update
    return {**update, "value": component.postprocess(update["value"])}
