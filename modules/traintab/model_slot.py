"""The one model in memory: loaded once, by whoever needs it first."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from .errors import ModelError, TrainTabError

if TYPE_CHECKING:
    from .models.model import Model

__all__ = ["Load", "ModelSlot", "ModelState", "ModelStatus"]

Load = Callable[[str, Callable[[str], None]], "Model"]
AUTO = "auto"


class ModelState(str, Enum):
    """What is in the slot."""

    EMPTY = "empty"
    LOADING = "loading"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class ModelStatus:
    """The slot at one moment: `spec` is the name, path or hub id asked for, `message` a sentence."""

    spec: str
    state: ModelState = ModelState.EMPTY
    message: str = ""


class ModelSlot:
    """Holds the model for `spec`; `load(spec, report)` makes it. Every load goes through one lock."""

    def __init__(self, spec: str, load: Load) -> None:
        self._load = load
        self._lock = threading.Lock()
        self._status_lock = threading.Lock()
        self._model: Model | None = None
        self._precision = AUTO
        self._loaded = ("", 0, AUTO)
        self._reloads = 0
        self._status = ModelStatus(spec=spec)

    @property
    def status(self) -> ModelStatus:
        """What the page shows; read without waiting for a load."""
        return self._status

    @property
    def precision(self) -> str:
        """In which precision the model is wanted now, as `load_model` takes it."""
        return self._precision

    def token_count(self) -> Callable[[str], int] | None:
        """What counts a text's tokens as the model does; None while it isn't loaded. Never waits."""
        model = self._model
        if model is None:
            return None
        return lambda text: len(model.text_encoders[0].tokenize_all([text])[0])

    @contextmanager
    def on_device(self) -> Iterator[None]:
        """A block of work with models: of use where somebody else wants the device too, nobody does here."""
        yield

    @contextmanager
    def lent(self, spec: str, precision: str) -> Iterator[Model]:
        """The model `spec` in a precision, for everybody while the block runs; `get` gives that one too.

        Afterwards the device's usual precision is wanted again, which the next `get` loads.
        """
        self.choose(spec)
        self._precision = precision
        try:
            yield self.get()
        finally:
            self._precision = AUTO

    def get(self) -> Model:
        """The model asked for last, loaded when it isn't yet; waits for a load that is under way.

        Raises what the loader raises, a ModelError when no model can be made of `spec`.
        """
        with self._lock:
            spec = self._status.spec
            if self._model is None or self._loaded != (spec, self._reloads, self._precision):
                self._fill(spec)
            if self._model is None:
                raise ModelError(f"The model {spec} is not loaded; choose a model and try again.")
            return self._model

    def choose(self, spec: str) -> None:
        """Ask for another model; the next `get` loads it, and the old one makes room first."""
        with self._status_lock:
            if spec != self._status.spec or self._status.state is ModelState.FAILED:
                self._status = ModelStatus(spec=spec)

    def select(self, spec: str) -> None:
        """Ask for another model, and load it in the background."""
        self.choose(spec)
        self.load_in_background()

    def reload(self) -> None:
        """Load the model asked for again, in the background: how it is to be loaded has changed."""
        with self._status_lock:
            self._reloads += 1
            self._status = ModelStatus(spec=self._status.spec)
        self.load_in_background()

    def unload(self) -> None:
        """Have no model any more; the next `get` loads it again. Waits for a load that is under way."""
        with self._lock:
            if self._model is None:
                return
            self._model = None
            with self._status_lock:
                self._status = ModelStatus(spec=self._status.spec)

    def load_in_background(self) -> None:
        """Load on a thread of its own; the outcome is told by `status`. Does nothing when it is there."""
        with self._status_lock:
            if self._status.state is not ModelState.EMPTY:
                return
            spec = self._status.spec
            self._status = ModelStatus(spec=spec, state=ModelState.LOADING, message=f"Loading {spec}.")
        threading.Thread(target=self._try_to_load, name="traintab-model", daemon=True).start()

    def _try_to_load(self) -> None:
        """A failure is in `status` already; nobody waits for this thread."""
        try:
            self.get()
        except TrainTabError:
            return

    def _fill(self, spec: str) -> None:
        """Load `spec`; called with the lock held."""
        self._model, reloads, precision = None, self._reloads, self._precision
        self._tell(spec, ModelState.LOADING, f"Loading {spec}.")
        try:
            self._model = self._load(spec, lambda message: self._tell(spec, ModelState.LOADING, message))
        except TrainTabError as error:
            self._tell(spec, ModelState.FAILED, str(error))
            raise
        except Exception as error:  # libraries raise anything for a broken checkpoint
            sentence = (
                f"Loading the model {spec} failed ({type(error).__name__}: {error}). Choose another model."
            )
            self._tell(spec, ModelState.FAILED, sentence)
            raise ModelError(sentence) from error
        self._loaded = spec, reloads, precision
        self._tell(spec, ModelState.READY, f"{self._model.name} is ready on {self._model.device}.")

    def _tell(self, spec: str, state: ModelState, message: str) -> None:
        """Change the status, unless another model has been asked for meanwhile."""
        with self._status_lock:
            if self._status.spec == spec:
                self._status = ModelStatus(spec=spec, state=state, message=message)
