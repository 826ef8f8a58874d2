"""Below the button *Train Embedding*: what a training with these fields would be, and what to know first."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import gradio as gr

from ..configs import TrainingConfig, from_mapping
from ..datasets.known_pictures import KnownPictures
from ..errors import NothingToDoError, TrainTabError
from ..jobs import JobSnapshot
from ..measured_paces import MeasuredPaces, pace_asked
from ..model_slot import ModelState
from .before_start_html import before_start_html, not_ready_html, still_to_choose_html
from .form_watch import FormWatch
from .gradio_compat import hidden_text, listen_in_page
from .page import Page

if TYPE_CHECKING:
    from ..training.before_start import BeforeStart

__all__ = ["BeforeStartPart", "Looker"]

Values = Mapping[str, Any]

# The box as it is and as it was, and the message below the button: a refusal goes when what it tells stood in
# the box and does no longer, or when a box that was not ready is.
_WITHOUT_WHAT_IS_MENDED = """(box, before, message) => {
  const told = String(message ?? "").replace(/<[^>]*>/g, "");
  const isReady = (shown) => !/traintab-before-(wrong|empty|done)/.test(shown);
  const wasTold = (before ?? "").includes(told) && !(box ?? "").includes(told);
  const isMended = wasTold || (box && before && isReady(box) && !isReady(before));
  return [box, isMended && String(message).includes("traintab-failed") ? "" : message];
}"""


class BeforeStartPart:
    """The box, made in the layout where it is constructed."""

    def __init__(self) -> None:
        self.shown = gr.HTML(elem_id="train_before_start", elem_classes=["traintab-slot"])

    def wire(self, page: Page, watch: FormWatch, message: Any) -> None:
        """Look whenever a field was left, and when model, folder or job are others.

        `watch` gives the values of the preset, then of *Create embedding*, then of *Train*. What the button
        refused, as `message` below it says, goes when the box no longer finds it.
        """
        looker, studio, before = Looker(page), page.studio, 1 + len(page.create.components)

        def look(*values: Any) -> str:
            return looker.look(page.train.values(tuple(values[before : before + len(page.train.components)])))

        def version() -> object:
            job, status = studio.snapshot(), studio.model_status
            return job.id, job.status, bool(job.folder), status.spec, status.state

        watch.also(look, [self.shown])
        watch.follow(page.pulse, version, look, [self.shown])
        was = hidden_text()
        inputs, outputs = [self.shown, was, message], [was, message]
        listen_in_page(self.shown.change, _WITHOUT_WHAT_IS_MENDED, inputs, outputs, each=True)


class Looker:
    """Looks at the fields' values, one look at a time; the same look twice is done once.

    It keeps what it knows of pictures and embeddings, so that a look takes a moment.
    """

    def __init__(self, page: Page) -> None:
        self._page = page
        self._pictures = KnownPictures()
        self._lock = threading.Lock()

    def look(self, values: Values) -> str:
        """The box for these values; a sentence while something is missing or wrong."""
        if not values.get("embedding_name") or not _has_folder(values):
            return still_to_choose_html(bool(values.get("embedding_name")), _has_folder(values))
        try:
            with self._lock:
                return self._looked(values)
        except NothingToDoError as error:
            return not_ready_html(str(error), is_done=True)
        except TrainTabError as error:
            return not_ready_html(str(error))

    def _looked(self, values: Values) -> str:
        from ..training.before_start import look_before_start
        from ..training.looking import Looking
        from ..training.pace import expected_pace

        studio = self._page.studio
        config = from_mapping(TrainingConfig, {**values, "model": studio.model_status.spec})
        model = studio.model if studio.model_status.state is ModelState.READY else None
        looking = Looking(library=studio.library, look=self._pictures)
        found = look_before_start(config, studio.paths, model=model, looking=looking)
        found = _without_what_runs(found, studio.snapshot())
        asked = replace(
            pace_asked(found.config, found.default_size, model),
            batch_size=found.batch_size,
            accumulation=found.accumulation,
        )
        expected = expected_pace(asked, MeasuredPaces(studio.paths.cache_dir).known())
        return before_start_html(found, expected, None if model is None else _free_memory(model))


def _without_what_runs(found: BeforeStart, job: JobSnapshot) -> BeforeStart:
    """The run that is being trained isn't one that was left unfinished."""
    if not (job.status.is_active and job.folder):
        return found
    return replace(found, advice=tuple(one for one in found.advice if f" {job.folder} " not in one))


def _has_folder(values: Values) -> bool:
    return any(str(values.get(name) or "").strip() for name in ("data_dir", "dataset_config"))


def _free_memory(model: Any) -> int | None:
    """What a training could take of the device, in bytes, with what the model takes already."""
    from ..models.memory import memory_use

    use = memory_use(model.device)
    return None if use is None else use.total - use.others
