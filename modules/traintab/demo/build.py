"""`demo build`: all stages in order, each resumable from the work directory.

    pool        drawings and their attributes, made once
    tokenizer   a byte-pair vocabulary of the world's words
    vae         the autoencoder, then latents encoded and the decoder refined
    text        the text encoder on captions alone, beside the judge on drawings
    reader      of latents, beside them: it tells the UNet what it left out
    unet        on latents and fresh captions
    export      a diffusers folder and the judge's weights

Every stage leaves a file when it is done and is skipped while that is there. Long stages run in processes
of one thread, started through `extension.py` with the stage in their environment: two for a stage on the
processor, one on a graphics card, where fewer hours do.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import torch

from ..errors import ModelError
from ..paths import REPOSITORY_DIR
from .characters import sample_picture
from .device import processes, training_device
from .export import export_model
from .judge import WEIGHTS
from .latents import encode_pool
from .pace import Report
from .pool import render_pool
from .tokenizer import build_tokenizer
from .train_judge import train_judge
from .train_latent_reader import train_latent_reader
from .train_text_encoder import train_text_encoder
from .train_unet import train_unet
from .train_vae import train_vae

POOL = 60_000
STAGE, HOURS = "TRAINTAB_STAGE", "TRAINTAB_HOURS"

Stage = Callable[[Path, float, Report], None]


class Running(NamedTuple):
    """A process of a stage, its log, and how many bytes of that have been passed on."""

    stage: str
    process: subprocess.Popen[bytes]
    log: Path
    told: int


SHARES = {"vae": 0.22, "text": 0.13, "judge": 0.13, "reader": 0.06, "decoder": 0.13, "unet": 0.5}
"""The part of the time that each stage trains for."""


def _stages() -> dict[str, Stage]:
    def decoder(work_dir: Path, minutes: float, report: Report) -> None:
        train_vae(work_dir, minutes, report, decoder_only=True)

    def latents(work_dir: Path, _: float, report: Report) -> None:
        encode_pool(work_dir, report)

    return {
        "vae": train_vae,
        "latents": latents,
        "decoder": decoder,
        "text": train_text_encoder,
        "judge": train_judge,
        "reader": train_latent_reader,
        "unet": train_unet,
    }


def build(work_dir: Path, *, report: Report, hours: float = 2.0) -> None:
    """Build the demo model and its judge into the package, in about `hours`: of a graphics card when torch
    has one, else of two free cores.

    Interrupted, it goes on where it was when called again with the same `work_dir`. Raises ModelError when
    a stage fails, with the end of what it said.
    """
    if STAGE in os.environ:
        torch.set_num_threads(1)
        stage = os.environ[STAGE]
        _stages()[stage](work_dir, 60 * float(os.environ[HOURS]) * SHARES.get(stage, 0.0), report)
        return
    work_dir.mkdir(parents=True, exist_ok=True)
    report(f"The stages' files are kept in {work_dir}; start again to go on after an interruption.")
    render_pool(work_dir / "pool", POOL, sample_picture, report)
    build_tokenizer(work_dir / "tokenizer")
    count = processes(training_device())
    _run(work_dir, ("vae",) * count, hours, report)
    _run(work_dir, ("latents",) * count, hours, report)
    _run(work_dir, ("text", "judge", "reader"), hours, report)
    _run(work_dir, ("decoder",) * count, hours, report)
    _run(work_dir, ("unet",) * count, hours, report)
    export_model(work_dir, Path(__file__).parent / "model")
    WEIGHTS.parent.mkdir(exist_ok=True)
    shutil.copyfile(work_dir / "judge.safetensors", WEIGHTS)
    report(f"The model is in {Path(__file__).parent / 'model'}; `demo evaluate` judges it.")


def _command(work_dir: Path) -> list[str]:
    """What runs this program once more, for one stage."""
    return [
        sys.executable,
        str(REPOSITORY_DIR / "extension.py"),
        "demo",
        "build",
        "--work-dir",
        str(work_dir),
    ]


def _run(work_dir: Path, stages: Sequence[str], hours: float, report: Report) -> None:
    """Processes side by side: one stage, both halves of one, or several stages; waits for all."""
    together = len(stages) > len(set(stages))
    for leftover in work_dir.glob("*_meeting"):
        leftover.unlink()
    running = []
    for rank, stage in enumerate(stages):
        places = {"TRAINTAB_RANK": str(rank), "TRAINTAB_WORLD": "2"} if together else {}
        own = {STAGE: stage, HOURS: str(hours), "OMP_NUM_THREADS": "1", **places}
        running.append(_start(work_dir, stage, work_dir / f"{stage}.{rank}.log", own))
    try:
        _follow(running, report)
    finally:
        for each in running:
            each.process.terminate()
            each.process.wait()


def _start(work_dir: Path, stage: str, log: Path, environment: dict[str, str]) -> Running:
    with log.open("ab") as output:
        told = output.tell()
        process = subprocess.Popen(
            _command(work_dir), env={**os.environ, **environment}, stdout=output, stderr=subprocess.STDOUT
        )
    return Running(stage, process, log, told)


def _follow(running: Sequence[Running], report: Report) -> None:
    """Pass on what the processes say until all have ended; raises ModelError when one fails."""
    waiting = list(running)
    while waiting:
        time.sleep(0.2)
        running_on = [each for each in waiting if each.process.poll() is None or _ended(each, report)]
        waiting = [_heard(each, report) for each in running_on]


def _ended(each: Running, report: Report) -> bool:
    """Tell the last words of a process that has ended; False, or ModelError when it failed."""
    _heard(each, report)
    if each.process.returncode:
        raise ModelError(
            f"Building the demo model: the stage {each.stage} ended with status {each.process.returncode};"
            f" the end of {each.log} says why. Start again to go on from its last resume point."
        )
    return False


def _heard(each: Running, report: Report) -> Running:
    """Report the whole lines that are new in the log."""
    fresh = each.log.read_bytes()[each.told :]
    whole = fresh[: fresh.rfind(b"\n") + 1]
    for line in whole.decode(errors="replace").splitlines():
        report(line)
    return each._replace(told=each.told + len(whole))
