"""The shipped examples, trained with their own settings until they stop by themselves.

Prints for each where it stopped and why, how much of the fall of its evaluation it had behind it, and what
that took; with --out the pictures of before and after lie there side by side.

    python benchmarks/automatic_stop.py [--out FOLDER] [--threads 1] [--set FIELD=VALUE …] [NAME …]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "modules"))

import torch
from PIL import Image

from traintab.configs import GenerationConfig, TrainingConfig, replace_fields
from traintab.embeddings.library import EmbeddingLibrary
from traintab.examples import Example, find_examples
from traintab.models.loading import load_model
from traintab.models.model import Model
from traintab.paths import Paths
from traintab.sampling.txt2img import txt2img
from traintab.training.create import create_embedding
from traintab.training.events import Evaluated, TrainingFinished
from traintab.training.run import start_training

NAME = "zq-concept"


def main() -> None:
    """Train the examples named, or all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--set", nargs="*", default=[], metavar="FIELD=VALUE", help="other settings")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    changes = {"preview_every": "0", **dict(change.split("=", 1) for change in options.set)}
    with tempfile.TemporaryDirectory() as folder:
        for example in find_examples(Paths.under(Path(folder))):
            if not options.names or example.name in options.names:
                paths = Paths.under(Path(folder) / example.name)
                measure(example, changes, paths, options.out)


def measure(example: Example, changes: dict[str, str], paths: Paths, out: Path | None) -> None:
    """Train one example and print what it came to; its pictures go to `out`."""
    model = load_model("demo", paths, device="cpu")
    create_embedding(example.create_config(NAME), model=model, paths=paths)
    config = replace_fields(example.training_config(NAME, "demo"), changes)
    before = drawn(model, config, paths) if out else None
    losses: list[float] = []
    began, computed = time.perf_counter(), time.process_time()
    for event in start_training(config, model=model, paths=paths, should_stop=lambda: False):
        if isinstance(event, Evaluated):
            losses.append(event.loss)
        elif isinstance(event, TrainingFinished):
            tell(example.name, config, event, losses)
    minutes, seconds = (time.perf_counter() - began) / 60, time.process_time() - computed
    print(f"    {minutes:.1f} minutes, {seconds:.1f} CPU seconds")
    if out and before:
        side_by_side(before, drawn(model, config, paths), out / f"{example.name}.png")


def tell(name: str, config: TrainingConfig, end: TrainingFinished, losses: list[float]) -> None:
    """Where it ended and why, and how far its evaluation had fallen."""
    first, last, lowest = losses[0], losses[-1], min(losses)
    share = (first - last) / (first - lowest) if lowest < first else 0.0
    print(
        f"{name}: {end.reason} at step {end.step} of {config.optimization.steps}, best step {end.best_step};"
        f" evaluation {first:.4f} -> {last:.4f}, lowest {lowest:.4f} ({100 * share:.0f} % of the fall)"
    )


def drawn(model: Model, config: TrainingConfig, paths: Paths) -> Image.Image:
    """The example's preview with the embedding as it is now."""
    library = EmbeddingLibrary(paths.embeddings_dir)
    library.refresh()
    prompt = config.preview.preview_prompt.replace("[name]", NAME)
    (picture,) = txt2img(model, GenerationConfig(prompt=prompt, seed=1), library.embeddings(model.widths))
    return picture.image


def side_by_side(left: Image.Image, right: Image.Image, path: Path) -> None:
    """Write the two pictures as one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    sheet = Image.new("RGB", (left.width + right.width, max(left.height, right.height)))
    sheet.paste(left, (0, 0))
    sheet.paste(right, (left.width, 0))
    sheet.save(path)


if __name__ == "__main__":
    main()
