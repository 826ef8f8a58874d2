"""What memory a process keeps, looked at in a process that did nothing else before."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from traintab.paths import REPOSITORY_DIR

CHECKS = Path(__file__).with_name("kept_memory_checks.py")


def test_memory_is_kept_while_training_and_goes_back_afterwards() -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:xdist", "-p", "no:cacheprovider", str(CHECKS)]
    done = subprocess.run(command, cwd=REPOSITORY_DIR, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    assert "passed" in done.stdout
