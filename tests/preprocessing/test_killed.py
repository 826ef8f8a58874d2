"""A run that is killed loses nothing but time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from traintab.paths import REPOSITORY_DIR
from traintab.preprocessing.events import PictureDone, PictureUnchanged, PreprocessFinished
from traintab.preprocessing.record import RECORD_NAME

from .runs import Runs, of_kind


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such signal")
def test_a_run_that_was_killed_is_gone_on_with(source: Path, out: Path, again: Runs, tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (96, 96, 3), dtype=np.uint8)
    for number in range(400):
        Image.fromarray(np.roll(noise, number, axis=1)).save(source / f"{number:03}.png", compress_level=0)
        (source / f"{number:03}.txt").write_text(f"picture {number}", encoding="utf-8")
    (source / "000.png").write_bytes(b"no picture")
    command = [sys.executable, REPOSITORY_DIR / "extension.py", "--current-env", "preprocess", source, out]
    sizes = ["--width", "64", "--height", "64"]
    with subprocess.Popen([*command, *sizes], stdout=subprocess.DEVNULL) as run:
        deadline = time.monotonic() + 60
        while len(list(out.glob("0*.txt"))) < 30:
            assert time.monotonic() < deadline
            assert run.poll() is None
            time.sleep(0.005)
        run.send_signal(signal.SIGKILL)
    there = len(list(out.glob("0*.png")))
    assert there < 399, "it was not killed in time"
    events = again()
    unchanged, done = len(of_kind(events, PictureUnchanged)), len(of_kind(events, PictureDone))
    assert unchanged + done == 399
    # Each thread was at one picture, whose caption may have been missing.
    assert there - (os.cpu_count() or 1) <= unchanged <= there
    assert isinstance(events[-1], PreprocessFinished)
    names = {path.name for path in out.iterdir() if not path.name.startswith(".")}
    assert names == {f"{n:05}-0-{n:03}.{kind}" for n in range(1, 400) for kind in ("png", "txt")}
    whole = Runs(source, tmp_path / "whole")
    whole()
    assert all((out / name).read_bytes() == (tmp_path / "whole" / name).read_bytes() for name in names)
    assert len((out / RECORD_NAME).read_bytes().splitlines()) == 1 + 400
