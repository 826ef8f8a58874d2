"""How much a training step costs beside what it can't do without.

The floor is forward and backward through the bare text encoder and UNet, with inputs that never change:
no data, no prompts, no noise, no optimizer, no events, no files. Both run in turns in one process, so
that a busy machine slows both alike, and the ratio of the medians is printed; 1.00 would be no overhead.

    .venv/bin/python benchmarks/training_step.py [--model demo] [--batch-size 4] [--rounds 30]
"""

from __future__ import annotations

import argparse
import contextlib
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import torch
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "modules"))

from traintab.configs import CreateConfig, TrainingConfig, replace_fields  # noqa: E402
from traintab.models.loading import load_model  # noqa: E402
from traintab.models.model import Model  # noqa: E402
from traintab.paths import Paths  # noqa: E402
from traintab.training.create import create_embedding  # noqa: E402
from traintab.training.events import StepCompleted, TrainingEvent  # noqa: E402
from traintab.training.run import start_training  # noqa: E402

WARM_UP = 3
COLORS = ("red", "green", "blue", "yellow", "purple", "orange", "white", "black")


def main() -> None:
    """Measure and print one line for each way of training."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--model", default="demo")
    parser.add_argument("--batch-size", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=30)
    options = parser.parse_args()
    torch.set_num_threads(1)
    model = load_model(options.model, Paths.under(ROOT))
    print(f"{model.name} on {model.device}, batches of {options.batch_size}, {options.rounds} rounds")
    ways = {"one vector": {}, "shuffled tags": {"shuffle_tags": True}}
    for name, fields in ways.items():
        with tempfile.TemporaryDirectory() as folder:
            steps = our_steps(model, Path(folder), {"batch_size": options.batch_size, **fields})
            with contextlib.closing(steps):
                floor, ours = in_turns(floor_of(model, options.batch_size), steps, options.rounds)
        print(f"{name}: {ours / floor:.2f} times the floor ({1000 * ours:.0f} ms to {1000 * floor:.0f} ms)")


def in_turns(floor: Callable[[], None], steps: Iterator[TrainingEvent], rounds: int) -> tuple[float, float]:
    """Median seconds of the floor and of our step."""

    def our_step() -> None:
        while not isinstance(next(steps), StepCompleted):
            pass

    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(WARM_UP + rounds):
        for work, seconds in zip((floor, our_step), times, strict=True):
            began = time.perf_counter()
            work()
            seconds.append(time.perf_counter() - began)
    return statistics.median(times[0][WARM_UP:]), statistics.median(times[1][WARM_UP:])


def floor_of(model: Model, batch_size: int) -> Callable[[], None]:
    """Forward and backward of the bare networks, down to the text encoder's input."""
    text_encoder, side = model.text_encoders[0], model.default_size // model.vae_scale
    embeds = torch.zeros(batch_size, text_encoder.max_tokens, text_encoder.width, device=model.device)
    embeds.requires_grad_()
    input_ids = torch.zeros(batch_size, text_encoder.max_tokens, dtype=torch.long, device=model.device)
    latents = torch.randn(batch_size, model.latent_channels, side, side, device=model.device)
    timesteps = torch.full((batch_size,), 500, device=model.device)

    def work() -> None:
        handle = text_encoder.embedding_layer.register_forward_hook(lambda *_: embeds)
        loss = model.predict(latents, timesteps, text_encoder.forward(input_ids).states).square().mean()
        torch.autograd.backward(loss)
        handle.remove()
        embeds.grad = None
        if model.device.type == "cuda":
            torch.cuda.synchronize()

    return work


def our_steps(model: Model, folder: Path, fields: dict[str, object]) -> Generator[TrainingEvent, None, None]:
    """A real run, files and all, that never comes to its end."""
    pictures = folder / "pictures"
    pictures.mkdir()
    for color in COLORS:
        side = model.default_size
        Image.new("RGB", (side, side), color).save(pictures / f"{color}.png")
        (pictures / f"{color}.txt").write_text(f"1girl, {color} hair, hat, smile", encoding="utf-8")
    paths = Paths.under(folder / "data")
    create_embedding(CreateConfig(name="zq"), model=model, paths=paths)
    config = replace_fields(
        TrainingConfig(embedding_name="zq"), {"data_dir": str(pictures), "preview_every": 0, **fields}
    )
    return start_training(config, model=model, paths=paths, should_stop=lambda: False)


if __name__ == "__main__":
    main()
