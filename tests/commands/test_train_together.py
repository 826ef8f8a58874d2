"""A training that two processes share, as `accelerate launch` and `torchrun` start them.

The first one runs in the test's own process, the other one beside it.
"""

from __future__ import annotations

import csv
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import torch
from PIL import Image

from traintab.embeddings.formats import read_embedding
from traintab.paths import REPOSITORY_DIR

from .conftest import Answer, Line

Together = Callable[..., tuple[Answer, subprocess.CompletedProcess[str]]]


@pytest.fixture
def many(pictures: Path) -> Path:
    """Nine pictures, so that a batch of four is left over at an epoch's end."""
    for index, color in enumerate(("white", "black", "gray", "pink", "brown", "orange")):
        Image.new("RGB", (64, 80), color).save(pictures / f"{index + 3} {color} cat.png")
    return pictures


def launched(rank: int, port: int) -> dict[str, str]:
    own = {"RANK": rank, "LOCAL_RANK": rank, "WORLD_SIZE": 2, "MASTER_PORT": port}
    return {**{name: str(value) for name, value in own.items()}, "MASTER_ADDR": "127.0.0.1"}


@contextmanager
def other_process(line: Line, arguments: tuple[object, ...], port: int) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, REPOSITORY_DIR / "extension.py", "--current-env", *arguments]
    process = subprocess.Popen(
        [*map(str, command), "--data-dir", str(line.data_dir)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1", **launched(1, port)},
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.fixture
def together(line: Line, monkeypatch: pytest.MonkeyPatch) -> Together:
    """Runs a command in two processes, and gives how each ended; `meanwhile(other)` beside them."""

    def run(
        *arguments: object,
        other: tuple[object, ...] | None = None,
        meanwhile: Callable[[subprocess.Popen[str]], None] | None = None,
    ) -> tuple[Answer, subprocess.CompletedProcess[str]]:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        with other_process(line, other or arguments, port) as process, monkeypatch.context() as patch:
            for name, value in launched(0, port).items():
                patch.setenv(name, value)
            if meanwhile is not None:
                threading.Thread(target=meanwhile, args=(process,), daemon=True).start()
            first = line(*arguments)
            out, err = process.communicate(timeout=120)
        return first, subprocess.CompletedProcess([], process.returncode, out, err)

    return run


def train_cat(model: Path, pictures: Path, **settings: object) -> tuple[object, ...]:
    named = ("cat", "--data", pictures, "--model", model)
    chosen = {
        "preview_every": 0,
        "write_csv_every": 1,
        "save_every": 0,
        "learning_rate": 0.01,
        "latent_sampling_method": "random",
        "shuffle_tags": "true",
        **settings,
    }
    return ("train", *named, "--set", *(f"{name}={value}" for name, value in chosen.items()))


def losses(data_dir: Path) -> list[float]:
    (table,) = data_dir.rglob("textual_inversion_loss.csv")
    with table.open(encoding="utf-8") as stream:
        return [float(row["loss"]) for row in csv.DictReader(stream)]


def vectors(cat: Path) -> torch.Tensor:
    return read_embedding(cat).vectors["clip_l"]


def test_two_processes_train_what_one_does_with_a_batch_twice_as_large(
    line: Line, together: Together, cat: Path, many: Path, tiny_model_dir: Path, tmp_path: Path
) -> None:
    start = cat.read_bytes()
    settings = {"steps": 6, "gradient_accumulation_steps": 2, "evaluate_every": 3}
    first, other = together(*train_cat(tiny_model_dir, many, batch_size=2, **settings))
    assert (first.status, other.returncode) == (0, 0), (first.err, other.stderr)
    assert (other.stdout, other.stderr) == ("", "")
    assert "finished at step 6" in first.out
    shared, shared_losses = vectors(cat), losses(line.data_dir)

    line.data_dir = tmp_path / "alone"
    alone = line.data_dir / "embeddings" / "cat.pt"
    alone.parent.mkdir(parents=True)
    alone.write_bytes(start)
    assert line(*train_cat(tiny_model_dir, many, batch_size=4, **settings)).status == 0
    assert losses(line.data_dir) == pytest.approx(shared_losses, abs=1e-6)
    torch.testing.assert_close(vectors(alone), shared, atol=1e-6, rtol=1e-6)


@pytest.mark.long
def test_a_signal_to_one_process_stops_both_after_the_same_step_and_they_can_go_on(
    line: Line, together: Together, cat: Path, many: Path, tiny_model_dir: Path, tmp_path: Path
) -> None:
    start, command = cat.read_bytes(), train_cat(tiny_model_dir, many, batch_size=2, steps=40)
    first, other = together(*command)
    assert (first.status, other.returncode) == (0, 0), (first.err, other.stderr)
    whole = vectors(cat)

    line.data_dir = tmp_path / "stopped"
    stopped = line.data_dir / "embeddings" / "cat.pt"
    stopped.parent.mkdir(parents=True)
    stopped.write_bytes(start)

    def stop(other: subprocess.Popen[str]) -> None:
        wait_for_step(line.data_dir, 5)
        other.send_signal(signal.SIGTERM)

    first, other = together(*command, meanwhile=stop)
    assert (first.status, other.returncode) == (130, 130), (first.err, other.stderr)
    assert "train cat --resume" in first.err
    assert 5 <= len(losses(line.data_dir)) < 40
    first, other = together("train", "cat", "--resume")
    assert (first.status, other.returncode) == (0, 0), (first.err, other.stderr)
    assert torch.equal(vectors(stopped), whole)


@pytest.mark.long
def test_when_a_process_is_killed_the_other_keeps_the_last_good_state_and_says_so(
    line: Line, together: Together, cat: Path, many: Path, tiny_model_dir: Path
) -> None:
    def kill(other: subprocess.Popen[str]) -> None:
        wait_for_step(line.data_dir, 5)
        other.kill()

    command = train_cat(tiny_model_dir, many, batch_size=2, steps=10_000)
    first, _ = together(*command, meanwhile=kill)
    assert first.status == 1
    assert "Another process of this training ended" in first.err
    step = read_embedding(cat).step
    assert step is not None and 5 <= step <= len(losses(line.data_dir))


@pytest.mark.long
def test_what_is_wrong_is_said_once(
    line: Line, together: Together, cat: Path, many: Path, tiny_model_dir: Path
) -> None:
    first, other = together(*train_cat(tiny_model_dir, many, learning_rate="x"))
    assert (first.status, other.returncode) == (2, 2)
    assert len(first.err.splitlines()) == 1
    assert (other.stdout, other.stderr) == ("", "")
    right, wrong = (train_cat(tiny_model_dir, many, steps=steps) for steps in (5, 0))
    first, other = together(*right, other=wrong)
    assert (first.status, other.returncode) == (1, 2)
    assert len(other.stderr.splitlines()) == 1 and "steps" in other.stderr  # nobody else could say it
    assert "Another process of this training ended" in first.err
    assert not list(line.data_dir.rglob("textual_inversion_loss.csv"))


def wait_for_step(data_dir: Path, step: int) -> None:
    for _ in range(3000):
        tables = list(data_dir.rglob("textual_inversion_loss.csv"))
        if tables and len(tables[0].read_text("utf-8").splitlines()) > step:
            return
        time.sleep(0.1)
