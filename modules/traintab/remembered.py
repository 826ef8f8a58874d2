"""What the page remembers between visits, in `settings.yaml`."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import yaml

from .configs import from_mapping
from .errors import ConfigError, StorageError
from .files import write_text_atomically

__all__ = ["Remembered"]

Config = TypeVar("Config")

_LOGGER = logging.getLogger(__name__)


class Remembered:
    """Values of form fields by section; a file that is lost or broken means the defaults."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = threading.Lock()

    def values(self, section: str) -> dict[str, Any]:
        """What was remembered of a section."""
        found = self._read().get(section)
        return dict(found) if isinstance(found, Mapping) else {}

    def config(self, section: str, config_type: type[Config]) -> Config:
        """The config of what was remembered of a section; its defaults where that is broken."""
        try:
            return from_mapping(config_type, self.values(section))
        except ConfigError:
            return config_type()

    def remember(self, section: str, values: Mapping[str, Any]) -> None:
        """Keep these values beside those that are there; a full disk is told in the log only."""
        with self._lock:
            everything = self._read()
            known = everything.get(section)
            changed = {**(known if isinstance(known, Mapping) else {}), **values}
            if changed != known:
                self._write({**everything, section: changed})

    def replace(self, section: str, values: Mapping[str, Any]) -> None:
        """Have these values of a section and no others."""
        with self._lock:
            everything = self._read()
            if everything.get(section) != values:
                self._write({**everything, section: dict(values)})

    def forget(self, sections: Iterable[str]) -> None:
        """Have nothing of these sections any more, so that their defaults are what counts."""
        left_out = set(sections)
        with self._lock:
            everything = self._read()
            if left_out & set(everything):
                self._write({name: values for name, values in everything.items() if name not in left_out})

    def _write(self, everything: Mapping[str, Any]) -> None:
        try:
            text = yaml.safe_dump(dict(everything), sort_keys=True, allow_unicode=True)
            write_text_atomically(self._file, text)
        except StorageError as error:
            _LOGGER.warning("%s", error)

    def _read(self) -> dict[str, Any]:
        try:
            loaded = yaml.safe_load(self._file.read_text(encoding="utf-8"))
        except (OSError, ValueError, yaml.YAMLError):
            return {}
        return dict(loaded) if isinstance(loaded, Mapping) else {}
