"""Processes that average their gradients."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from traintab.demo.pair import Pair
from traintab.paths import REPOSITORY_DIR

PROGRAM = """
import importlib.util, sys
from pathlib import Path
folder = Path(sys.argv[1]) / "modules" / "traintab"
init = folder / "__init__.py"
spec = importlib.util.spec_from_file_location("traintab", init, submodule_search_locations=[str(folder)])
sys.modules["traintab"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(sys.modules["traintab"])
import torch
from traintab.demo.pair import Pair
pair = Pair(Path(sys.argv[2]))
weight = torch.nn.Parameter(torch.full((2,), float(pair.rank)))
pair.copy_from_first([weight])
weight.grad = torch.full((2,), 1.0 + 2 * pair.rank)
pair.average_gradients([weight, torch.nn.Parameter(torch.zeros(1))])
print(weight.tolist(), weight.grad.tolist(), pair.agree(0.5 + pair.rank))
pair.close()
"""


def test_one_process_alone_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TRAINTAB_WORLD", raising=False)
    pair = Pair(tmp_path / "meeting")
    weight = torch.nn.Parameter(torch.zeros(2))
    weight.grad = torch.tensor([1.0, 2.0])
    pair.average_gradients([weight])
    assert weight.grad.tolist() == [1.0, 2.0]
    assert pair.is_first
    assert pair.agree(0.25) == 0.25
    pair.close()


def test_two_processes_share_weights_gradients_and_time(tmp_path: Path) -> None:
    arguments = [
        sys.executable,
        "-W",
        "ignore",
        "-c",
        PROGRAM,
        str(REPOSITORY_DIR),
        str(tmp_path / "meeting"),
    ]
    places = [{"TRAINTAB_RANK": str(rank), "TRAINTAB_WORLD": "2"} for rank in range(2)]
    running = [
        subprocess.Popen(arguments, env={**os.environ, **place}, stdout=subprocess.PIPE, text=True)
        for place in places
    ]
    said = [process.communicate(timeout=120)[0].strip() for process in running]
    assert said == ["[0.0, 0.0] [2.0, 2.0] 0.5"] * 2
