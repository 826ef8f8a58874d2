"""Web UIs that aren't there: what the measured ones have, with the place that tells it, and nothing else.

A place is a row of the table of host APIs that was measured in the live programs (`docs/web-uis.md`), or a
file of the host's source where the row is silent. A question for anything else is kept in `FakeHost.unknown`,
which the tests want to be empty: a fake host knows no more than is known of the real one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from .a1111 import a1111
from .forge import forge, forge_neo
from .parts import FakeHost, Part
from .reforge import reforge
from .sdnext import sdnext

__all__ = ["KINDS", "FakeHost", "Part"]

KINDS: Mapping[str, Callable[[Path], FakeHost]] = {
    "a1111": a1111,
    "forge": forge,
    "forge neo": forge_neo,
    "reforge": reforge,
    "sdnext": sdnext,
}
