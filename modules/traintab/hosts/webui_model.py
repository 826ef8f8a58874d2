"""The web UI's model: which one it is, and out of the way while ours computes."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from .webui_folders import absolute

__all__ = ["HostModel", "asked"]

_LOGGER = logging.getLogger(__name__)


class HostModel:
    """`sd_models` is the host's module of that name, `opts` its settings.

    `shared.sd_model` is never touched: to read it loads a model where there is none.
    """

    def __init__(self, sd_models: Any, opts: Any) -> None:
        self._sd_models = sd_models
        self._opts = opts
        self._selected: tuple[object, int] | None = None
        self._current = ""

    @property
    def is_loaded_by_parameters(self) -> bool:
        """Whether the next picture's model is described first and loaded then, as Forge does."""
        return hasattr(self._sd_models.model_data, "forge_loading_parameters")

    def loaded(self) -> Any | None:
        """The model in memory; None when there is none, or only a stand-in for one."""
        model = self._sd_models.model_data.sd_model
        stand_in = getattr(self._sd_models, "FakeInitialModel", ())
        return None if isinstance(model, stand_in) else model

    def checkpoints(self) -> list[str]:
        """Files and diffusers folders, as absolute paths: the selected one, then the others as listed."""
        found = [self.current(), *(_path_of(info) for info in self._listed())]
        return [path for path in dict.fromkeys(found) if path]

    def _listed(self) -> list[Any]:
        return list(self._sd_models.checkpoints_list.values())

    def current(self) -> str:
        """The selected one's path, or empty.

        The host is asked again only when the user has chosen another: it tells of every answer in its log.
        """
        selected = (getattr(self._opts, "sd_model_checkpoint", None), len(self._sd_models.checkpoints_list))
        if selected != self._selected:
            self._selected = selected
            self._current = _path_of(self._select())
        return self._current

    def _select(self) -> Any | None:
        try:
            return self._sd_models.select_checkpoint()
        except FileNotFoundError:  # how A1111 and Forge say that the user has no model at all
            return None

    @contextmanager
    def away(self) -> Iterator[None]:
        """The host's model off the device for the length of the block, and back whatever happens."""
        model = self.loaded()
        if model is None:
            yield
            return
        try:
            asked("give the device's memory free", lambda: self._put_away(model))
            yield
        finally:
            asked("bring its model back", lambda: self._bring_back(model))

    def _put_away(self, model: Any) -> None:
        """A1111 and reForge move the model to the CPU, Forge unloads all; SD.Next drops it."""
        unload = self._sd_models.unload_model_weights
        first = next(iter(inspect.signature(unload).parameters), "")
        unload("model" if first == "op" else model)

    def _bring_back(self, model: Any) -> None:
        """Forge moves its model back by itself, and SD.Next loads it again, when they draw next."""
        if self._sd_models.model_data.sd_model is not model:
            return
        for name in ("load_model_to_device", "send_model_to_device"):
            if hasattr(self._sd_models, name):
                getattr(self._sd_models, name)(model)
                return


def _path_of(info: Any | None) -> str:
    """Where a checkpoint lies; empty for one that the host lists though it isn't on the disk."""
    filename = getattr(info, "filename", None)
    if not filename:
        return ""
    path = absolute(filename)
    return str(path) if path.exists() else ""


def asked(doing: str, what: Callable[[], object]) -> None:
    """Have the host do something; that it fails is told in the log, and costs us nothing but that."""
    try:
        what()
    except Exception:  # the host's own code, and other extensions hooked into it: anything may come
        _LOGGER.warning("Train Tab: the web UI failed to %s; it goes on without.", doing, exc_info=True)
