"""SD2 and SDXL on the command line: created, trained, interrupted, resumed and exported for diffusers."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from traintab.commands.training_report import TrainingReport
from traintab.embeddings.formats import read_embedding
from traintab.paths import REPOSITORY_DIR
from traintab.training.events import StepCompleted

SUFFIXES = {"sd1": ".pt", "sd2": ".pt", "sdxl": ".safetensors"}
WIDTHS = {"sd1": {"clip_l": 768}, "sd2": {"clip_h": 1024}, "sdxl": {"clip_l": 768, "clip_g": 1280}}
SETTINGS = ("--preview-every", 0, "--save-every", 0, "--template", "subject.txt")


def stop_at(step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Press Ctrl-C when that step is told, once."""
    real, sent = TrainingReport.add, []

    def add(self: TrainingReport, event: Any) -> None:
        real(self, event)
        if isinstance(event, StepCompleted) and event.step == step and not sent:
            sent.append(step)
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(TrainingReport, "add", add)


@pytest.mark.parametrize("family", ["sd2", "sdxl"])
def test_a_folder_is_trained_on_interrupted_resumed_and_exported(
    line: Any, pictures: Path, tiny_families: Any, family: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tiny_families.folder(family)
    file = line.data_dir / "embeddings" / f"cat{SUFFIXES[family]}"
    assert line("create", "cat", "--init-text", "girl", "--vectors", 2, "--model", folder).status == 0
    untrained = read_embedding(file).vectors
    stop_at(2, monkeypatch)

    train = ("train", "cat", "--data", pictures, "--model", folder, "--steps", 4, *SETTINGS)
    assert line(*train).status == 130
    assert read_embedding(file).step == 2
    resumed = line("train", "cat", "--resume", "--json")
    assert resumed.status == 0, resumed.err

    trained = read_embedding(file)
    assert (trained.step, trained.widths) == (4, WIDTHS[family])
    assert all(not torch.equal(trained.vectors[name], before) for name, before in untrained.items())
    out = line.data_dir / "cat-for-diffusers.safetensors"
    assert line("embeddings", "convert", file, out, "--format", "diffusers").status == 0
    written = [load_file(path)["cat"] for path in sorted(line.data_dir.glob("cat-for-diffusers*"))]
    assert all(map(torch.equal, written, trained.vectors.values()))


def program(*arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(REPOSITORY_DIR / "extension.py"), "--current-env", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.long
@pytest.mark.timeout(1500)
@pytest.mark.parametrize("family", ["sd1", "sd2", "sdxl"])
def test_the_same_in_processes_of_their_own(family: str, tiny_families: Any, tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    Image.new("RGB", (64, 64), "red").save(tmp_path / "pictures" / "a.png")
    model = ("--model", tiny_families.folder(family))
    data = ("--data-dir", tmp_path / "data")
    train = ("train", "cat", "--data", tmp_path / "pictures", *SETTINGS, "--json", *data, *model)
    created = program("create", "cat", *data, *model)
    assert (created.communicate(), created.returncode)[1] == 0

    running = program(*train, "--steps", 100_000)
    assert running.stdout is not None
    for said in running.stdout:
        if json.loads(said).get("step") == 2:
            running.send_signal(signal.SIGTERM)
            break
    out, _ = running.communicate(timeout=900)
    assert running.returncode == 130
    step = json.loads(out.splitlines()[-1])["step"]

    resumed = program("train", "cat", "--resume", "--steps", step + 2, "--json", *data)
    out, err = resumed.communicate(timeout=900)
    assert resumed.returncode == 0, err
    trained = read_embedding(tmp_path / "data" / "embeddings" / f"cat{SUFFIXES[family]}")
    assert (trained.step, trained.widths) == (step + 2, WIDTHS[family])
