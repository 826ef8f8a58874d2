"""The host when the program is an extension: A1111, Forge, Forge Neo, reForge or SD.Next.

This file alone touches the host's modules. What a host can do is looked for in them, never concluded from
its name or version; those beside it (`webui_*.py`) work on what they are given.
"""

from __future__ import annotations

import importlib
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

from ..paths import Paths
from .webui_embeddings import HostEmbeddings
from .webui_folders import paths_of
from .webui_model import HostModel
from .webui_settings import changed_settings, logins_of

__all__ = ["WebUIHost"]

_JOB = "Train Tab"
# Its own directml and openvino devices aren't ones that training knows: there it chooses itself, and says so.
_KNOWN_DEVICES = ("cuda", "xpu", "mps", "cpu")


class WebUIHost:
    """What the web UI that runs in this process has, and how it is asked to step aside."""

    shares_device = True

    def __init__(self) -> None:
        self._shared = host_module("shared")
        self._model = HostModel(host_module("sd_models"), self._shared.opts)
        self._embeddings = HostEmbeddings(loaded_host_module, self._model.loaded)
        self._queue_lock = host_module("call_queue").queue_lock
        self._is_borrowed = False
        self._stale = threading.Event()
        self.paths: Paths = paths_of(host_module("paths"), self._shared, host_module("sd_models"))

    @property
    def name(self) -> str:
        """`a1111`, `forge`, `reforge` or `sdnext`, by what they have; for the page and the log only."""
        if loaded_host_module("modeldata") is not None:
            return "sdnext"
        if self._model.is_loaded_by_parameters:
            return "forge"
        return "reforge" if "modules_forge" in sys.modules else "a1111"

    @property
    def settings(self) -> Mapping[str, object]:
        """As they are now: what was never changed is no choice of the user's, and is left out."""
        return changed_settings(self._shared.opts)

    @property
    def has_train_tab(self) -> bool:
        """Whether the host itself trains embeddings, in a tab that is called *Train* too."""
        own = loaded_host_module("textual_inversion.textual_inversion")
        return own is not None and hasattr(own, "train_embedding")

    @property
    def device(self) -> str | None:
        """The one the user started the host with, `cuda:1` for example."""
        device = str(host_module("devices").device)
        return device if device.partition(":")[0] in _KNOWN_DEVICES else None

    @property
    def precision(self) -> str:
        """`fp32` where the host was told that the card can't do half precision."""
        return "fp32" if str(host_module("devices").dtype) == "torch.float32" else "auto"

    def checkpoints(self) -> list[str]:
        """Paths of the host's checkpoints, the one it draws with first."""
        return self._model.checkpoints()

    def current_checkpoint(self) -> str:
        """What the host draws with."""
        return self._model.current()

    @contextmanager
    def borrow_gpu(self) -> Iterator[None]:
        """The host draws nothing meanwhile: who presses *Generate* waits, and is drawn for afterwards."""
        with self._queue_lock, ExitStack() as given_back:
            self._is_borrowed = True
            given_back.callback(self._end)
            ticket = self._shared.state.begin(_JOB)
            # SD.Next's `begin` gives an id that its `end` wants; the others' `end` takes nothing.
            given_back.callback(self._shared.state.end, *([] if ticket is None else [ticket]))
            given_back.enter_context(self._model.away())
            yield

    def _end(self) -> None:
        """In this order: who finds it borrowed has said before that the embeddings are stale."""
        self._is_borrowed = False
        self._refresh_if_stale()

    def interrupted(self) -> bool:
        """The host's *Interrupt*; what it means for the host's own pictures is not for us."""
        return self._is_borrowed and bool(self._shared.state.interrupted)

    def embeddings_changed(self) -> None:
        """Have the host read the folder again: now, or as soon as it, or we, are done with the device."""
        self._stale.set()
        if self._is_borrowed:
            return
        if self._queue_lock.acquire(False):
            try:
                self._refresh_if_stale()
            finally:
                self._queue_lock.release()
        else:
            threading.Thread(target=self._refresh_in_turn, name="traintab-host", daemon=True).start()

    def _refresh_in_turn(self) -> None:
        with self._queue_lock:
            self._refresh_if_stale()

    def _refresh_if_stale(self) -> None:
        if self._stale.is_set():
            self._stale.clear()
            self._embeddings.read_again()

    @property
    def logins(self) -> dict[str, str]:
        """Names and passwords that the host asks of who comes; none when everybody may."""
        return logins_of(self._shared.cmd_opts)

    @property
    def offers_api(self) -> bool:
        """Whether the user started the host with its HTTP API."""
        return bool(getattr(self._shared.cmd_opts, "api", False))

    def add_options(self, make: Callable[[Any, Callable[..., Any]], None]) -> None:
        """Call `make(opts, OptionInfo)`, which adds a section to the host's settings."""
        make(self._shared.opts, self._shared.OptionInfo)


def host_module(name: str) -> Any:
    """A module of the host's package `modules`; raises ImportError when the host has none of that name."""
    return importlib.import_module(f"modules.{name}")


def loaded_host_module(name: str) -> Any | None:
    """The same, only where the host has imported it: to look whether it has something costs nothing."""
    return sys.modules.get(f"modules.{name}")
