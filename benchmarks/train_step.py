"""What a training step costs beside the work that can't be left out.

For models of real shapes with random weights, in float32 and bfloat16, this prints our step ÷ the floor
(`floor.py`, which imports nothing of ours and must first give the same loss and gradient), the peak memory
of training ÷ the floor's, the seconds from the start to the first step, and what a whole run costs. On the
processor seconds are those that the process has computed on one thread, and both work in turns, so that a
busy machine doesn't matter; on a card they are seconds that pass.

    .venv/bin/python benchmarks/train_step.py [--shape small sd1] [--precision fp32 bf16] [--rounds 20]
    .venv/bin/python benchmarks/train_step.py --device cuda --shape sd1 --precision bf16 --size 512
    .venv/bin/python benchmarks/train_step.py --device cuda --shape sdxl --precision bf16 --size 1024 \\
        --compile reduce-overhead      (torch.compile with CUDA graphs; "default" is without)
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

import torch

HERE = Path(__file__).resolve()
ROOT = HERE.parent.parent
sys.path.insert(0, str(ROOT / "modules"))
sys.path.insert(0, str(HERE.parent))

from measuring import clock_of, compared, forget_peak, in_process, in_turns, peak, versions  # noqa: E402
from our_training import COLORS, OurRun, floor_for, floor_of, load, timed_run, write_pictures  # noqa: E402
from random_models import SHAPES, model_folder  # noqa: E402

WARM_UP = 1
STEPS_FOR_THE_PEAK = 2  # the second has AdamW's memory too
STEPS_A_ROUND_ON_A_CARD = 10
GIB = 2**30


def main() -> None:
    """Measure what is asked for, each in a process of its own."""
    options = parsed()
    torch.set_num_threads(1)
    if options.only:
        print(json.dumps(MEASURED[options.only](options, options.shape[0], options.precision[0])))
        return
    print(versions(), flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        root = options.models or Path(scratch)
        for shape in options.shape:
            if shape != "demo":
                model_folder(shape, root)
            for precision in options.precision:
                told(options, root, shape, precision)


def parsed() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--shape", nargs="+", choices=(*SHAPES, "demo"), default=["small", "sd1"])
    parser.add_argument("--precision", nargs="+", choices=("fp32", "bf16", "fp16"), default=["fp32", "bf16"])
    parser.add_argument("--size", type=int, default=256, help="width and height of the pictures, in pixels")
    parser.add_argument("--batch-size", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--steps", type=int, default=100, help="of the whole run; 0 leaves it out")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--compile", choices=("default", "reduce-overhead"))
    parser.add_argument("--models", type=Path, help="a folder that keeps the models for the next time")
    parser.add_argument(
        "--what", nargs="+", choices=("speed", "memory", "run"), default=["speed", "memory", "run"]
    )
    parser.add_argument("--only", choices=tuple(MEASURED), help=argparse.SUPPRESS)
    return parser.parse_args()


def told(options: argparse.Namespace, root: Path, shape: str, precision: str) -> None:
    """Print the lines of a shape in a precision."""

    def measured(only: str) -> dict[str, float]:
        arguments = ["--only", only, "--shape", shape, "--precision", precision, "--models", str(root)]
        arguments += ["--size", str(options.size), "--batch-size", str(options.batch_size)]
        arguments += ["--rounds", str(options.rounds), "--device", options.device]
        arguments += ["--steps", str(options.steps)]
        return in_process(HERE, *arguments, *(["--compile", options.compile] if options.compile else []))

    print(f"{shape}, {precision}, {options.size} px, batches of {options.batch_size}", flush=True)
    if "speed" in options.what:
        speed = measured("speed")
        print(
            f"  loss and gradient differ by {speed['loss_apart']:.1e} and {speed['gradient_apart']:.1e}\n"
            f"  a step: {speed['ratio']:.3f} times the floor (quartiles {speed['ratio_low']:.3f} and"
            f" {speed['ratio_high']:.3f}, of the sums {speed['ratio_of_sums']:.3f};"
            f" {1000 * speed['our_seconds']:.1f} ms to {1000 * speed['floor_seconds']:.1f} ms)",
            flush=True,
        )
    if "memory" in options.what:
        floor, ours = measured("memory_of_floor"), measured("memory_of_ours")
        print(
            f"  peak memory: {ours['steps'] / floor['steps']:.3f} times the floor's while stepping"
            f" ({ours['steps'] / GIB:.2f} to {floor['steps'] / GIB:.2f} GiB),"
            f" {ours['run'] / floor['steps']:.3f} with encoding the pictures",
            flush=True,
        )
    if "run" in options.what and options.steps:
        for which, run in whole_runs(options, root, shape, precision).items():
            print(
                f"  {options.steps} steps, {which}: {run['cpu']:.1f} s of computing in all,"
                f" {run['cpu_to_training']:.1f} before training began; the first step was done after"
                f" {run['seconds_to_first_step']:.1f} s; peak {run['peak'] / GIB:.2f} GiB",
                flush=True,
            )


def speed(options: argparse.Namespace, shape: str, precision: str) -> dict[str, float]:
    """Our step and the floor's in turns, after the proof that they do the same."""
    model = load(shape, options.models, precision, options.device)
    if options.compile:
        model.unet.compile(mode=None if options.compile == "default" else options.compile)
    with OurRun(model, options.size, options.batch_size) as run:
        floor, apart = floor_for(run)
        steps = 1 if model.device.type == "cpu" else STEPS_A_ROUND_ON_A_CARD
        pictures = list(range(options.batch_size))

        def floors() -> None:
            for _ in range(steps):
                floor.step(pictures)

        def ours() -> None:
            for _ in range(steps):
                run.step()

        in_turns((floors, ours), WARM_UP, clock_of(model.device))
        seconds = in_turns((floors, ours), options.rounds, clock_of(model.device))
    return {**compared(*([each / steps for each in part] for part in seconds)), **apart}


def memory_of_floor(options: argparse.Namespace, shape: str, precision: str) -> dict[str, float]:
    """The floor's peak with nothing in memory but what it uses: it has no VAE."""
    model = load(shape, options.models, precision, options.device)
    device, side = model.device, options.size // model.vae_scale
    latents = torch.randn(options.batch_size, model.latent_channels, side, side, device=device)
    vectors = {encoder.name: encoder.token_vectors("*") for encoder in model.text_encoders}
    floor = floor_of(model, options.size, latents, vectors)
    del model  # and its VAE
    forget_peak(device)
    for _ in range(STEPS_FOR_THE_PEAK):
        floor.step(list(range(options.batch_size)))
    return {"steps": peak(device)}


def memory_of_ours(options: argparse.Namespace, shape: str, precision: str) -> dict[str, float]:
    """Our peak while stepping, and from the encoding of the pictures on."""
    model = load(shape, options.models, precision, options.device)
    forget_peak(model.device)
    with OurRun(model, options.size, options.batch_size) as run:
        whole = peak(model.device)
        forget_peak(model.device)
        for _ in range(STEPS_FOR_THE_PEAK):
            run.step()
        steps = peak(model.device)
    return {"steps": steps, "run": max(whole, steps)}


def whole_runs(
    options: argparse.Namespace, root: Path, shape: str, precision: str
) -> dict[str, dict[str, float]]:
    """The command line twice with our defaults, everything charged: the latents' cache empty, then full."""
    spec = "demo" if shape == "demo" else str(root / shape)
    chosen = ["--set", f"precision={precision}"]
    with tempfile.TemporaryDirectory() as folder:
        write_pictures(options.size, len(COLORS), Path(folder) / "pictures")
        return {
            which: timed_run(spec, Path(folder), size=options.size, steps=options.steps, options=chosen)
            for which in ("pictures to encode", "latents on disk")
        }


MEASURED = {
    "speed": speed,
    "memory_of_floor": memory_of_floor,
    "memory_of_ours": memory_of_ours,
}

if __name__ == "__main__":
    main()
