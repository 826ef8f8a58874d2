"""`queue run` killed in the middle: the queue is whole, and the training comes to the same vectors."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from traintab.embeddings.formats import read_embedding
from traintab.jobs import Queue, QueueStatus
from traintab.paths import REPOSITORY_DIR

STEPS = 40


@pytest.mark.long
def test_a_killed_queue_goes_on_to_the_same_vectors(
    line: Any, cat: Path, pictures: Path, tiny_model_dir: Path
) -> None:
    fresh = cat.read_bytes()
    run = ("--data", pictures, "--model", tiny_model_dir, "--save-every", 5, "--preview-every", 0)
    assert line("train", "cat", *run, "--steps", STEPS).status == 0
    expected = read_embedding(cat).vectors["clip_l"]
    cat.write_bytes(fresh)
    for steps in (STEPS, STEPS + 3):
        assert line("queue", "add", "cat", *run, "--steps", steps).status == 0

    command = [
        sys.executable,
        str(REPOSITORY_DIR / "extension.py"),
        "queue",
        "run",
        "--current-env",
        "--json",
    ]
    command += ["--data-dir", str(line.data_dir)]
    # The tests have one thread, and the same bits come from the same number of threads alone.
    environment = {**os.environ, "OMP_NUM_THREADS": str(torch.get_num_threads())}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        for text in process.stdout:
            if json.loads(text).get("step") == STEPS // 2 + 3:
                process.kill()
                break

    queue = Queue(line.data_dir / "jobs" / "queue")
    assert [entry.status for entry in queue.entries()] == [QueueStatus.RUNNING, QueueStatus.WAITING]
    assert not queue.is_worked_off()
    again = line("queue", "run", "--json")
    starts = [event for event in again.objects if event["event"] == "training_started"]
    assert again.status == 0 and [start["step"] for start in starts] == [STEPS // 2, STEPS]
    (copy,) = Path(starts[0]["path"]).glob(f"embeddings/cat-{STEPS}.*")
    assert torch.equal(read_embedding(copy).vectors["clip_l"], expected)
    assert [entry.status for entry in queue.entries()] == [QueueStatus.FINISHED] * 2
