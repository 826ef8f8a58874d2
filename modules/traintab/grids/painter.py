"""Draws a grid, a picture at a time, on the thread that may use the model."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, wait
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..configs import GridConfig, LoadingConfig
from ..errors import BusyError, ModelError
from ..model_slot import ModelSlot
from ..models.discovery import Checkpoint, resolve
from ..models.memory import on_device
from ..paths import Paths
from ..sampling.txt2img import txt2img
from .cells import CellShelf, Ingredients, model_facts
from .picture import write_picture
from .plan import GridPlan, Place, plan_grid
from .progress import GridProgress
from .snapshot import GridCell

if TYPE_CHECKING:
    from ..embeddings.embedding import Embedding
    from ..models.model import Model
    from ..sampling.generated import GeneratedImage

__all__ = ["GridMeans", "GridPainter"]

_SECONDS_BETWEEN_LOOKS = 0.2


@dataclass(frozen=True, kw_only=True)
class GridMeans:
    """What a grid takes.

    `between(task)` runs a task on the one thread that may use the model, `models` has the selected one and
    `loading()` says how it is loaded, `is_busy()` whether a job runs, which needs its model.
    `embeddings(widths)` are those in files now that fit, `changed()` is called when one was written.
    """

    paths: Callable[[], Paths]
    models: ModelSlot
    between: Callable[[Callable[[], Any]], Future[Any]]
    loading: Callable[[], LoadingConfig]
    is_busy: Callable[[], bool]
    embeddings: Callable[[Mapping[str, int]], Mapping[str, Embedding]]
    changed: Callable[[], None]


class GridPainter:
    """Draws what one config asks for, and tells `progress`; on a thread of its own."""

    def __init__(self, means: GridMeans, config: GridConfig, progress: GridProgress) -> None:
        self._means = means
        self._config = config
        self._progress = progress
        self._selected = self._last = means.models.status.spec
        self._checkpoints: dict[str, Checkpoint] = {}
        self._others: Mapping[str, Embedding] = {}

    def draw(self) -> None:
        """Draw what isn't there yet, and the labelled picture; raises TrainTabError.

        An interrupt leaves out what is to come. Another model than the selected one makes place for that
        again in the end.
        """
        plan = plan_grid(self._config, self._means.paths(), self._selected)
        self._others = self._means.embeddings(next(iter(plan.vectors[0].values())).widths)
        shelf = CellShelf(plan.run)
        missing, found = [], []
        for place in plan.places():
            there = shelf.find(plan.columns[place.column].step, self._ingredients(plan, place))
            if there is None:
                missing.append(place)
            else:
                found.append(_cell(place, *there, was_there=True))
        self._progress.show(plan, found)
        with self._means.models.on_device():
            try:
                self._draw_all(missing, plan, shelf)
            finally:
                self._put_back_model()
        cells = self._progress.snapshot.cells
        picture = write_picture(plan, cells)
        shelf.prune(cell.path for cell in cells)
        self._progress.finish(picture)

    def _draw_all(self, places: list[Place], plan: GridPlan, shelf: CellShelf) -> None:
        for place in places:
            began, step = time.perf_counter(), plan.columns[place.column].step
            ingredients = self._ingredients(plan, place)
            drawn = self._wait_for(partial(self._paint, ingredients, plan.model_of(place)))
            if drawn is None:
                return
            path = shelf.keep(step, ingredients, drawn)
            self._progress.add(_cell(place, path, drawn.infotext), time.perf_counter() - began)

    def _ingredients(self, plan: GridPlan, place: Place) -> Ingredients:
        """The column's vectors, and the other embeddings as their files are: not as they are in training."""
        vectors, spec = plan.vectors[place.column], plan.model_of(place)
        own = {name.casefold() for name in vectors}
        others = {name: one for name, one in self._others.items() if name.casefold() not in own}
        if spec not in self._checkpoints:
            self._checkpoints[spec] = resolve(spec, self._means.paths())
        return Ingredients(
            picture=plan.picture(place),
            embeddings={**vectors, **others},
            model=model_facts(self._checkpoints[spec], self._means.loading(), self._means.models.precision),
        )

    def _wait_for(self, task: Callable[[], GeneratedImage | None]) -> GeneratedImage | None:
        """What `task` gives when its turn has come; None when it was interrupted before or meanwhile."""
        self._progress.wait_for_turn()
        future: Future[GeneratedImage | None] = self._means.between(task)
        while not wait([future], _SECONDS_BETWEEN_LOOKS).done:
            if self._progress.interrupted() and future.cancel():
                return None
        return future.result()

    def _paint(self, ingredients: Ingredients, spec: str) -> GeneratedImage | None:
        """One picture by the model `spec`, on the thread that may use it."""
        if self._progress.interrupted():
            return None
        model = self._model(spec)
        self._progress.begin_picture()
        with on_device(model.vae, model.device):
            drawn = txt2img(
                model,
                ingredients.picture,
                ingredients.embeddings,
                interrupted=self._progress.interrupted,
                on_note=self._progress.note,
            )
        return drawn[0] if drawn else None

    def _model(self, spec: str) -> Model:
        """The model that is wanted next; nobody else may have chosen another meanwhile."""
        models = self._means.models
        if models.status.spec != self._last:
            raise ModelError(
                f"The grid was stopped: the model is {models.status.spec} now, and the grid was being drawn"
                f" with {self._last}. Draw it again; the pictures that are finished stay."
            )
        if spec != self._last and self._means.is_busy():
            raise BusyError(
                f"The grid was stopped: a running job needs its model, so {spec} can't be loaded. Draw it"
                " again when the job has ended; the pictures that are finished stay."
            )
        models.choose(spec)
        self._last = spec
        return models.get()

    def _put_back_model(self) -> None:
        """Select the model from before, unless a job or the user has chosen another meanwhile."""
        models = self._means.models
        if self._last != self._selected and models.status.spec == self._last and not self._means.is_busy():
            models.select(self._selected)


def _cell(place: Place, path: Path, infotext: str, *, was_there: bool = False) -> GridCell:
    return GridCell(
        row=place.row,
        column=place.column,
        seed=place.seed,
        path=path,
        infotext=infotext,
        was_there=was_there,
    )
