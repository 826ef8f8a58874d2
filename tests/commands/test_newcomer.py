"""What a newcomer does on the command line, with the demo model: from nothing to a picture."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from PIL import Image

from traintab.demo.judge import example_score
from traintab.paths import REPOSITORY_DIR, Paths

EXAMPLE = Paths.under().demo_examples_dir / "character"
TRAINING = (
    "--template",
    "subject_filewords.txt",
    "--steps",
    "300",
    "--batch-size",
    "4",
    "--learning-rate",
    "0.002",
)
YES = 0.75
"""The share of the concept's attributes from which on the judge says that a picture shows it."""


def interrupt(step: int, *arguments: str) -> dict[str, Any]:
    """Run a command in a process of its own, press Ctrl+C when it has done `step`; its last event."""
    program = [sys.executable, str(REPOSITORY_DIR / "extension.py"), "--current-env", "--json", *arguments]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        events = []
        for line in process.stdout:
            events.append(json.loads(line))
            if events[-1].get("step") == step and events[-1]["event"] == "step_completed":
                process.send_signal(signal.SIGINT)
    assert process.returncode == 130
    return dict(events[-1])


def draw(line: Any, folder: Path) -> float:
    """The judge's score, 0 to 1, of four pictures of the word."""
    answer = line("txt2img", "a photo of mira-doll", "--seed", 11, "--count", 4, "--out", folder / "doll.png")
    assert answer.status == 0
    return example_score([Image.open(path).convert("RGB") for path in sorted(folder.glob("doll*.png"))])


def test_create_preprocess_train_interrupt_resume_and_draw(line: Any, tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    assert line("create", "mira-doll", "--init-text", "girl", "--vectors", "3").status == 0
    assert "8 pictures written" in line("preprocess", EXAMPLE, ready).out
    before = draw(line, tmp_path / "before")

    train = ("train", "mira-doll", "--data", str(ready), *TRAINING)
    stopped = interrupt(25, *train, "--data-dir", str(line.data_dir))
    assert stopped["event"] == "training_interrupted"
    assert 25 <= stopped["step"] < 300
    resumed = line("train", "mira-doll", "--resume", "--json")
    assert resumed.objects[0]["step"] == stopped["step"]
    assert resumed.objects[-1]["event"] == "training_finished"

    after = draw(line, tmp_path / "after")
    assert before < 0.5 and after >= YES, (before, after)

    assert line(*train).status == 2
    further = line(*train, "--steps", 305, "--json")
    assert (further.objects[0]["step"], further.objects[-1]["step"]) == (300, 305)
