"""What `from traintab import …` offers."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import traintab

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize("name", traintab.__all__)
def test_every_public_name_can_be_imported(name: str) -> None:
    assert getattr(traintab, name) is not None


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'tarining'"):
        _ = traintab.tarining


def test_importing_the_package_loads_nothing_heavy() -> None:
    program = (
        f"import sys; sys.path.insert(0, {str(ROOT / 'modules')!r}); import traintab;"
        "print([m for m in ('torch', 'numpy', 'diffusers', 'gradio', 'PIL') if m in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
