"""The real trainer, killed and stopped at random moments in processes of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="forks a warm process")

CAMPAIGN = Path(__file__).with_name("campaign.py")


def campaign(kind: str, count: int, model_dir: Path, folder: Path) -> dict[str, Any]:
    """What `campaign.py` reports."""
    command = [sys.executable, str(CAMPAIGN), kind, str(count), "1", str(model_dir), str(folder / kind)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    assert report["wrong"] == [], done.stderr
    assert report["signals"] == count
    assert report["completed_runs"] >= 1
    return report


def test_killed_at_20_random_moments_a_run_ends_bit_identical(tiny_model_dir: Path, tmp_path: Path) -> None:
    found = campaign("kill", 20, tiny_model_dir, tmp_path)["found"]
    assert len({each.partition(",")[0] for each in found}) > 3  # they came at different steps


def test_stopped_by_20_sigterms_at_random_steps_a_run_ends_bit_identical(
    tiny_model_dir: Path, tmp_path: Path
) -> None:
    campaign("terminate", 20, tiny_model_dir, tmp_path)


@pytest.mark.long
@pytest.mark.timeout(7200)
def test_killed_at_200_random_moments_a_run_ends_bit_identical(tiny_model_dir: Path, tmp_path: Path) -> None:
    report = campaign("kill", 200, tiny_model_dir, tmp_path)
    print(json.dumps(report))
    assert any("in the middle of a file" in each for each in report["found"])
