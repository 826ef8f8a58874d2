"""What fake hosts are made of."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any


class Part(ModuleType):
    """A module or an object of a host, with what is known of it.

    `has(place, name=value)` says where it is told that there is such an attribute, `lacks(place, name)` that
    there is none. Any other name that is asked for goes to `unknown`.
    """

    def __init__(self, name: str, unknown: list[str]) -> None:
        super().__init__(name)
        self.__dict__["_told"] = {}
        self.__dict__["_absent"] = {}
        self.__dict__["_unknown"] = unknown

    def has(self, place: str, **values: Any) -> Part:
        self.__dict__.update(values)
        self.__dict__["_told"].update(dict.fromkeys(values, place))
        return self

    def lacks(self, place: str, *names: str) -> Part:
        self.__dict__["_absent"].update(dict.fromkeys(names, place))
        return self

    def __getattr__(self, name: str) -> Any:
        if name not in self.__dict__["_absent"] and not name.startswith("__"):
            self.__dict__["_unknown"].append(f"{self.__name__}.{name}")
        raise AttributeError(name)


class Lock:
    """The queue's lock, as A1111's FIFOLock and threading.Lock are alike."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def acquire(self, blocking: bool = True) -> bool:
        return self._lock.acquire(blocking)

    def release(self) -> None:
        self._lock.release()

    @property
    def is_held(self) -> bool:
        return self._lock.locked()

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *_error: object) -> None:
        self.release()


class Model:
    """The host's model: where it is, and what else hangs on it."""

    def __init__(self, **parts: Any) -> None:
        self.device = "cuda"
        self.__dict__.update(parts)

    def to(self, device: str) -> Model:
        self.device = device
        return self


class Database:
    """What a host knows of the embeddings: the bytes of each file in the folder's root, by name."""

    def __init__(self, host: FakeHost, *, needs_model: bool = True) -> None:
        self.host = host
        self.known: dict[str, bytes] = {}
        self.reads = 0
        self._needs_model = needs_model

    def read(self) -> None:
        if not self.host.lock.is_held:
            self.host.violations.append("a database was read while the host may draw")
        if self._needs_model and self.host.model_data.sd_model is None:
            self.host.violations.append("a database was read without a model, which loads one")
        self.reads += 1
        files = sorted(self.host.embeddings_dir.glob("*.pt"))
        self.known = {file.stem: file.read_bytes() for file in files}


class FakeHost:
    """One host: its modules by name, and what happened to it."""

    def __init__(self, root: Path, name: str, *, label: str) -> None:
        self.root = root
        self.name = name
        self.label = label
        self.embeddings_dir = root / "embeddings"
        self.unknown: list[str] = []
        self.violations: list[str] = []
        self.events: list[str] = []
        self.modules: dict[str, Part] = {}
        self.databases: list[Database] = []
        self.lock = Lock()
        self.model_data = SimpleNamespace(sd_model=None)
        self.caches: Callable[[], list[Any]] = list
        self.settings: dict[str, Any] = {}
        self.labels: dict[str, Any] = {}
        self.checkpoints: dict[str, Any] = {}
        self.selections = 0
        self.tabs: list[Callable[[], Any]] = []
        self.sections: list[Callable[[], None]] = []
        self.started: list[Callable[[Any, Any], None]] = []
        self.module("script_callbacks").has(
            "callbacks",
            on_ui_tabs=self.tabs.append,
            on_ui_settings=self.sections.append,
            on_app_started=self.started.append,
        )
        for folder in ("embeddings", "models/Stable-diffusion", "models/VAE", "models/Lora"):
            (root / folder).mkdir(parents=True)

    def part(self, name: str) -> Part:
        return Part(name, self.unknown)

    def module(self, name: str) -> Part:
        self.modules[name] = part = self.part(f"modules.{name}")
        return part

    def database(self, *, needs_model: bool = True) -> Database:
        self.databases.append(Database(self, needs_model=needs_model))
        return self.databases[-1]

    def load_model(self) -> Model:
        """As when the user draws for the first time; a kind hangs its own parts on it."""
        self.model_data.sd_model = Model()
        return self.model_data.sd_model

    def add_checkpoint(self, path: Path, title: str) -> None:
        self.checkpoints[title] = SimpleNamespace(filename=str(path), title=title)

    def select(self, title: str) -> None:
        self.settings["sd_model_checkpoint"] = title

    def select_checkpoint(self) -> Any:
        """A1111's and Forge's; SD.Next gives None without models."""
        self.selections += 1
        if not self.checkpoints:
            raise FileNotFoundError("No checkpoints found.")
        chosen = self.settings.get("sd_model_checkpoint")
        return self.checkpoints.get(chosen) or next(iter(self.checkpoints.values()))

    def check_held(self, doing: str) -> None:
        """What a host does for us it does while its queue is ours."""
        self.events.append(doing)
        if not self.lock.is_held:
            self.violations.append(f"{doing} without the queue's lock")

    def fill_caches(self) -> None:
        """As after a picture was drawn."""
        for cache in self.caches():
            for place in range(len(cache)):
                cache[place] = "encoded with the old vectors"


class Options:
    """`shared.opts`: values, and what describes them; asked for an unknown one it raises AttributeError."""

    def __init__(self, host: FakeHost) -> None:
        self.data = host.settings
        self.data_labels = host.labels

    def __getattr__(self, name: str) -> Any:
        if name in self.__dict__.get("data", {}):
            return self.data[name]
        if name in self.__dict__.get("data_labels", {}):
            return self.data_labels[name].default
        raise AttributeError(name)

    def add_option(self, key: str, info: Any) -> None:
        self.data_labels[key] = info
        self.data.setdefault(key, info.default)


class OptionInfo:
    """`shared.OptionInfo`, as far as all hosts agree."""

    def __init__(self, default: Any = None, label: str = "", component: Any = None, *, section: Any = None):
        self.default, self.label, self.component, self.section = default, label, component, section
