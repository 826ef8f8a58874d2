"""What each preset and recipe learns on the demo model: how like its concept, in how many steps and seconds.

Each is trained as its YAML file says, on the shipped example that it suits, with the example's word where the
preset names none and the example's prompts. Long recipes are cut at `--most-steps`, and the table says so. A
score is `time_to_likeness.py`'s. Negative embeddings have no score: what they keep out is no concept.

    .venv/bin/python benchmarks/presets.py [NAME …] [--most-steps 1000] [--pictures 4]
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from measuring import versions
from time_to_likeness import HERE, Likeness

from traintab.configs import CreateConfig, TrainingConfig, from_mapping
from traintab.embeddings.formats import read_embedding_file
from traintab.examples import Example, example_named
from traintab.models.loading import load_model
from traintab.paths import Paths
from traintab.presets import Preset, find_presets
from traintab.training.create import create_embedding
from traintab.training.events import TrainingFinished
from traintab.training.run import start_training

NAME = "zq-concept"


@dataclass(frozen=True)
class Learned:
    """`vectors` `[num_vectors, width]` after `steps`, in CPU seconds; `is_cut` when the recipe has more."""

    vectors: list[list[float]]
    steps: int
    seconds: float
    is_cut: bool


def main() -> None:
    """A row of a table for each preset."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help="presets; all where none is named")
    parser.add_argument("--most-steps", type=int, default=1000)
    parser.add_argument("--pictures", type=int, default=4, help="how many are judged for each prompt")
    options = parser.parse_args()
    torch.set_num_threads(1)
    print(versions())
    print(
        "| preset | on | vectors | steps | CPU seconds | word alone | after |\n|---|---|---|---|---|---|---|"
    )
    presets = find_presets(Paths.under(HERE.parent))[0]
    for name in options.names or presets:
        print(_row(presets[name], options), flush=True)


def _row(preset: Preset, options: argparse.Namespace) -> str:
    example = example_named(concept_of(preset), Paths.under(HERE.parent))
    learned = train(preset, example, options.most_steps)
    likeness = Likeness("demo", example, options.pictures)
    cells = [preset.name, example.name, len(learned.vectors), _steps(learned), f"{learned.seconds:.0f}"]
    if preset.name == "negative":
        cells += ["", "not judged"]
    else:
        before = likeness.of_word(str(example.create["initialization_text"]))
        cells += [f"{before:.2f}", f"{likeness.of(learned.vectors):.2f}"]
    return "| " + " | ".join(map(str, cells)) + " |"


def _steps(learned: Learned) -> str:
    return f"{learned.steps}{' (cut)' if learned.is_cut else ''}"


def concept_of(preset: Preset) -> str:
    """The example that it suits, told from its template or its name."""
    if str(preset.train.get("template", "")).startswith("style"):
        return "style"
    return "object" if preset.name == "object" else "character"


def train(preset: Preset, example: Example, most_steps: int) -> Learned:
    """Create and train as the preset says, in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        paths = Paths.under(Path(folder))
        create, config = _configs(preset, example, most_steps)
        began = time.process_time()
        model = load_model("demo", paths)
        create_embedding(create, model=model, paths=paths)
        steps = {
            event.step: event.path
            for event in start_training(config, model=model, paths=paths, should_stop=lambda: False)
            if isinstance(event, TrainingFinished)
        }
        ((step, path),) = steps.items()
        seconds = time.process_time() - began
        (vectors,) = read_embedding_file(path).embedding.vectors.values()
        is_cut = step == config.optimization.steps < int(preset.training_values()["steps"])
        return Learned(vectors.tolist(), step, seconds, is_cut)


def _configs(preset: Preset, example: Example, most_steps: int) -> tuple[CreateConfig, TrainingConfig]:
    word = {"initialization_text": example.create["initialization_text"]}
    values: dict[str, Any] = dict(preset.training_values())
    fixed: Mapping[str, Any] = {
        "embedding_name": NAME,
        "data_dir": str(example.folder),
        "model": "demo",
        "steps": min(int(values["steps"]), most_steps),
        "preview_every": 0,
        "width": None,
        "height": None,
    }
    return (
        from_mapping(CreateConfig, {**word, **preset.creation_values(), "name": NAME}),
        from_mapping(TrainingConfig, {**values, **fixed}),
    )


if __name__ == "__main__":
    main()
