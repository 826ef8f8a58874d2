"""The real trainer, killed and stopped at random moments in processes of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="forks a warm process"),
    pytest.mark.timeout(3600),  # half a minute's work, and much waiting on a busy machine
]

CAMPAIGN = Path(__file__).with_name("campaign.py")
Reports = dict[str, dict[str, Any]]


def campaign(model_dir: Path, folder: Path, **kinds: int) -> Reports:
    """What `campaign.py` reports of each kind."""
    asked = [f"{kind}={count}" for kind, count in kinds.items()]
    command = [sys.executable, str(CAMPAIGN), "1", str(model_dir), str(folder), *asked]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    reports: Reports = json.loads(done.stdout)
    print(done.stderr, reports)
    return reports


def check(report: dict[str, Any], signals: int) -> None:
    """Every run ended as if nobody had disturbed it."""
    assert report["wrong"] == []
    assert report["signals"] == signals
    assert report["completed_runs"] >= 1


@pytest.fixture(scope="module")
def reports(tiny_model_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Reports:
    return campaign(tiny_model_dir, tmp_path_factory.mktemp("kills") / "runs", kill=20, terminate=20)


def test_killed_at_20_random_moments_a_run_ends_bit_identical(reports: Reports) -> None:
    check(reports["kill"], 20)
    assert len({found.partition(",")[0] for found in reports["kill"]["found"]}) > 3  # at different steps


def test_stopped_by_20_sigterms_at_random_steps_a_run_ends_bit_identical(reports: Reports) -> None:
    check(reports["terminate"], 20)


@pytest.mark.long
@pytest.mark.timeout(14400)
def test_killed_at_200_random_moments_a_run_ends_bit_identical(tiny_model_dir: Path, tmp_path: Path) -> None:
    report = campaign(tiny_model_dir, tmp_path / "runs", kill=200)["kill"]
    check(report, 200)
    assert any("in the middle of a file" in found for found in report["found"])
