"""Signals as they come: to a process of its own, with SIGINT ignored as a shell's background jobs have it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image

from traintab.cli import main
from traintab.paths import REPOSITORY_DIR

SIGNALS = [signal.SIGINT, signal.SIGTERM]


@contextmanager
def started(*arguments: object) -> Iterator[subprocess.Popen[str]]:
    """The program in the background; killed when the test is over, however that went."""
    process = subprocess.Popen(
        [sys.executable, str(REPOSITORY_DIR / "extension.py"), "--current-env", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_saves_and_exits_with_130(tiny_model_dir: Path, tmp_path: Path, number: int) -> None:
    (tmp_path / "pictures").mkdir()
    Image.new("RGB", (64, 64), "red").save(tmp_path / "pictures" / "a.png")
    shared = ("--data-dir", str(tmp_path / "data"), "--model", str(tiny_model_dir))
    assert main(["create", "cat", *shared]) == 0
    train = ("train", "cat", "--data", tmp_path / "pictures", "--steps", 100_000, "--preview-every", 0)
    with started(*train, "--json", *shared) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if json.loads(line).get("step") == 5:
                process.send_signal(number)
                break
        out, err = process.communicate(timeout=300)
    assert process.returncode == 130
    last = json.loads(out.splitlines()[-1])
    assert last["event"] == "training_interrupted"
    assert last["step"] >= 5
    assert err.splitlines()[-1].endswith("train cat --resume")


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_while_the_model_loads_exits_with_130_at_once(
    tiny_model_dir: Path, tmp_path: Path, number: int
) -> None:
    data = tmp_path / "data"
    with started("create", "cat", "--data-dir", data, "--model", tiny_model_dir) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("Loading")
        process.send_signal(number)
        _, err = process.communicate(timeout=300)
    assert process.returncode == 130
    assert len(err.splitlines()) == 1
    assert not list((data / "embeddings").glob("*.pt"))
