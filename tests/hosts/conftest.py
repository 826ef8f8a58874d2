"""A web UI around the test: `enter("forge")` puts a fake one where its modules are looked for."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

_FOLDER = Path(__file__).resolve().parent / "fake_hosts"


def _fake_hosts() -> Any:
    """The package beside this file, by its place: the tests are no packages."""
    name = "traintab_fake_hosts"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(
            name, _FOLDER / "__init__.py", submodule_search_locations=[str(_FOLDER)]
        )
        assert spec is not None and spec.loader is not None
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


KINDS = tuple(_fake_hosts().KINDS)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that wants a `kind` is run in each host, unless it names its own."""
    own = [mark.args[0] for mark in metafunc.definition.iter_markers("parametrize")]
    if "kind" in metafunc.fixturenames and "kind" not in own:
        metafunc.parametrize("kind", KINDS)


@pytest.fixture
def enter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Any]]:
    """Enters a host; in the end nothing may have been asked for that it isn't known to have."""
    entered: list[Any] = []

    def enter_host(kind: str) -> Any:
        for name in [name for name in sys.modules if name.partition(".")[0] in ("modules", "modules_forge")]:
            monkeypatch.delitem(sys.modules, name)
        host = _fake_hosts().KINDS[kind](tmp_path / "host")
        monkeypatch.setitem(sys.modules, "modules", ModuleType("modules"))
        for name, part in host.modules.items():
            full = name if name == "modules_forge" else f"modules.{name}"
            monkeypatch.setitem(sys.modules, full, part)
        entered.append(host)
        return host

    yield enter_host
    for host in entered:
        assert host.unknown == [], "the adapter asked for what no such host is known to have"
        assert host.violations == []
        assert not host.lock.is_held


@pytest.fixture
def host(enter: Callable[[str], Any], kind: str) -> Any:
    """The fake host of this kind, entered."""
    return enter(kind)
