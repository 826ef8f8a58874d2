"""Loads the package by its place, as `extension.py` and the web UI's tab do."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path


def load_traintab(root: Path) -> None:
    """Load `modules/traintab` by its place, because hosts own a package that is called `modules`."""
    folder = root / "modules" / "traintab"
    spec = importlib.util.spec_from_file_location(
        "traintab", folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    if "traintab" in sys.modules or spec is None or spec.loader is None:
        return
    sys.modules["traintab"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sys.modules["traintab"])


load_traintab(Path(__file__).resolve().parent.parent)
