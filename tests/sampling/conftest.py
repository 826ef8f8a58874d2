"""The tiny model, loaded once."""

from __future__ import annotations

from pathlib import Path

import pytest

from traintab.models.loading import load_model
from traintab.models.model import Model
from traintab.paths import Paths


@pytest.fixture(scope="session")
def tiny_model(tiny_model_dir: Path) -> Model:
    return load_model(str(tiny_model_dir), Paths.under(tiny_model_dir.parent), device="cpu")
