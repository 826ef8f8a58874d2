"""Our training as the benchmarks run it: a real run with its files, and the floor that does the same."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any
from unittest import mock

import torch
from floor import Encoder, Floor
from measuring import one_thread
from PIL import Image
from torch import nn

from traintab.conditioning.tokenized import tokenize_prompt
from traintab.configs import CreateConfig, TrainingConfig, replace_fields
from traintab.models.loading import load_model
from traintab.models.model import Model
from traintab.paths import Paths
from traintab.training import run as training_run
from traintab.training.create import create_embedding
from traintab.training.events import StepCompleted, TrainingStarted
from traintab.training.session import Session
from traintab.training.state import TrainingState

EXTENSION = Path(__file__).resolve().parent.parent / "extension.py"
NAME, TEMPLATE = "zq", "a photo of [name], [filewords]"
COLORS = ("black", "blue", "green", "orange", "purple", "red", "white", "yellow")
# The floor knows nothing of these.
PLAIN = {
    "evaluate_every": 0,
    "automatic_stop": False,
    "preview_every": 0,
    "steps": 1_000_000,
    "timesteps_per_picture": 1,
    "stratified_timesteps": False,
    "norm_control": "off",
    "gradient_checkpointing": "off",
}


def load(shape: str, models: Path, precision: str, device: str) -> Model:
    """The model of a shape by our loader, its UNet in the precision."""
    spec = "demo" if shape == "demo" else str(models / shape)
    return load_model(spec, Paths.under(models), device=device, precision=precision)


def write_pictures(size: int, count: int, folder: Path) -> None:
    """Pictures of `size` pixels with captions of their own, at most one for each color."""
    folder.mkdir()
    for color in COLORS[:count]:
        Image.new("RGB", (size, size), color).save(folder / f"{color}.png")
        (folder / f"{color}.txt").write_text(caption_of(color), encoding="utf-8")


def caption_of(color: str) -> str:
    """What is told of the picture of a color."""
    return f"1girl, {color} hair, hat, smile"


class OurRun:
    """A real run, files and all, that never comes to its end; encoded when the block begins."""

    def __init__(self, model: Model, size: int, batch_size: int) -> None:
        self.model = model
        self.size = size
        self.batch_size = batch_size
        self._stack = contextlib.ExitStack()
        self.session: Session
        self.state: TrainingState

    def __enter__(self) -> OurRun:
        folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory()))
        write_pictures(self.size, max(2, self.batch_size), folder / "pictures")
        (folder / "one line.txt").write_text(TEMPLATE + "\n", encoding="utf-8")
        paths = Paths.under(folder / "data")
        create_embedding(CreateConfig(name=NAME), model=self.model, paths=paths)
        config = replace_fields(
            TrainingConfig(embedding_name=NAME),
            {
                **PLAIN,
                "data_dir": str(folder / "pictures"),
                "template": str(folder / "one line.txt"),
                "width": self.size,
                "height": self.size,
                "batch_size": self.batch_size,
            },
        )
        self._stack.enter_context(mock.patch.object(training_run, "train", self._watched(training_run.train)))
        events = training_run.start_training(config, model=self.model, paths=paths, should_stop=lambda: False)
        self._events = self._stack.enter_context(contextlib.closing(events))
        while not isinstance(next(self._events), TrainingStarted):
            pass
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def step(self) -> None:
        """Go on until a step is completed."""
        while not isinstance(next(self._events), StepCompleted):
            pass

    def _watched(self, train: Any) -> Any:
        """`train`, whose session and state are kept for the proof."""

        def watched(session: Session, state: TrainingState, **options: Any) -> Any:
            self.session, self.state = session, state
            return train(session, state, **options)

        return watched


def floor_for(run: OurRun) -> tuple[Floor, dict[str, float]]:
    """The floor on the run's first pictures, having shown that it computes what our step computes.

    Also gives how far apart loss and gradient are, relative to their size; ends the program above 1e-5.
    """
    run.step()  # the state is known from the first step on
    pictures = list(range(run.batch_size))
    with _recorded_noise(run.model) as drawn:
        loss, _prompt = run.session.batch_loss(pictures, run.state)
    vectors = run.state.vectors
    gradients = torch.autograd.grad(loss, list(vectors.values()))
    latents, noise, timesteps = drawn
    floor = floor_of(run.model, run.size, latents.detach().clone(), vectors)
    least = floor.loss(pictures, noise, timesteps)
    floor_gradients = torch.autograd.grad(least, [encoder.vectors for encoder in floor.encoders])
    apart = {
        "loss_apart": _apart([loss], [least]),
        "gradient_apart": _apart(gradients, floor_gradients),
    }
    if max(apart.values()) > 1e-5:
        raise SystemExit(f"The floor computes something else: {apart}.")
    return floor, apart


@contextlib.contextmanager
def _recorded_noise(model: Model) -> Iterator[list[torch.Tensor]]:
    """Latents, noise and timesteps of the passes inside the block."""
    drawn: list[torch.Tensor] = []
    add_noise = model.noise_scheduler.add_noise

    def recorded(latents: torch.Tensor, noise: torch.Tensor, timesteps: torch.Tensor) -> torch.Tensor:
        drawn[:] = latents, noise, timesteps
        return add_noise(latents, noise, timesteps)

    with mock.patch.object(model.noise_scheduler, "add_noise", recorded):
        yield drawn


def floor_of(model: Model, size: int, latents: torch.Tensor, vectors: Mapping[str, torch.Tensor]) -> Floor:
    """The floor for `latents` `[b, c, h, w]` of our first pictures, beginning with `vectors`."""
    device = model.device
    prompts = [
        TEMPLATE.replace("[name]", NAME).replace("[filewords]", caption_of(color))
        for color in COLORS[: len(latents)]
    ]
    encoders = []
    for encoder in model.text_encoders:
        own = vectors[encoder.name].detach().to(device, torch.float32, copy=True)
        tokenized = [tokenize_prompt(prompt, encoder, {NAME: len(own)}) for prompt in prompts]
        places = [[place.position for place in each.placements] for each in tokenized]
        encoders.append(
            Encoder(
                module=encoder.module,
                input_ids=torch.cat([each.input_ids for each in tokenized]).to(device),
                places=torch.tensor(places, device=device),
                vectors=nn.Parameter(own),
                skipped=encoder.output_layer.skipped_layers,
                eos_id=encoder.eos_id,
            )
        )
    sizes = torch.tensor([[size, size, 0, 0, size, size]], dtype=torch.float32, device=device)
    return Floor(
        encoders=encoders,
        unet=model.unet,
        dtype=model.dtype,
        alphas_cumprod=model.noise_scheduler.alphas_cumprod.to(device),
        latents=latents,
        prompt_of=list(range(len(latents))),
        predicts_v=model.prediction_type == "v_prediction",
        time_ids=sizes if model.family == "sdxl" else None,
    )


def _apart(ours: Any, floors: Any) -> float:
    """The largest difference relative to the largest value."""
    return max(
        float((own - least).detach().abs().max() / least.detach().abs().max().clamp_min(1e-30))
        for own, least in zip(ours, floors, strict=True)
    )


def timed_run(spec: str, folder: Path, *, size: int, steps: int, options: list[str]) -> dict[str, float]:
    """One `train` on the command line: seconds on the clock and on the processor, and the most memory.

    `folder` holds `pictures` and `data` with an embedding called NAME in it, which is begun anew.
    """
    command = [sys.executable, str(EXTENSION), "--current-env"]
    where = ["--data-dir", str(folder / "data"), "--model", spec, "--json"]
    create = [*command, "create", NAME, "--overwrite", *where]
    subprocess.run(create, check=True, stdout=subprocess.DEVNULL, env=one_thread())
    train = [*command, "train", NAME, "--data", str(folder / "pictures"), "--steps", str(steps), *where]
    train += ["--width", str(size), "--height", str(size), *options]
    began, firsts = time.perf_counter(), {}
    with subprocess.Popen(train, stdout=subprocess.PIPE, text=True, env=one_thread()) as process:
        for line in process.stdout or ():
            event = json.loads(line)["event"]
            if event not in firsts:
                firsts[event] = (time.perf_counter() - began, _cpu_seconds(process.pid))
        _pid, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(train)} ended with status {process.returncode}.")
    first_step = firsts["step_completed"]
    return {
        "seconds_to_first_step": first_step[0],
        "cpu_to_training": firsts["training_started"][1],
        "cpu_to_first_step": first_step[1],
        "cpu": usage.ru_utime + usage.ru_stime,
        "peak": usage.ru_maxrss * 1024,
    }


def _cpu_seconds(pid: int) -> float:
    """What a process has computed so far."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
