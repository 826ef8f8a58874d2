"""Our training of a shipped example, with the defaults: what `time_to_likeness.py` measures.

All is charged to this process: imports, loading the model, creating the embedding, encoding the pictures,
training with its files. The last line printed is JSON: for each step asked for the CPU seconds until then,
and the vectors.

    python our_inversion.py character --at 20 40 [--set learning_rate=0.01 num_vectors=2 …]
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "modules"))

import torch

from traintab.configs import CreateConfig, TrainingConfig, options_of, replace_fields
from traintab.embeddings.embedding import Embedding
from traintab.examples import example_named
from traintab.models.loading import load_model
from traintab.paths import Paths
from traintab.training.create import create_embedding
from traintab.training.events import StepCompleted, TrainingStarted
from traintab.training.run import start_training

NAME = "zq-concept"


def main() -> None:
    """Train to the last of the steps asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("example")
    parser.add_argument("--model", default="demo")
    parser.add_argument("--at", type=int, nargs="+", required=True, help="the steps to tell of")
    parser.add_argument("--set", nargs="*", default=[], metavar="FIELD=VALUE", help="other than the defaults")
    options = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        paths = Paths.under(Path(folder))
        create, train = configs(options.example, options.model, options.set, paths)
        print(json.dumps({"told": list(told_steps(create, train, paths, options.at))}))


def configs(
    example: str, model: str, changes: Sequence[str], paths: Paths
) -> tuple[CreateConfig, TrainingConfig]:
    """The defaults, with what only the concept can decide: its pictures, its word and its template."""
    chosen = example_named(example, paths)
    given = dict(change.split("=", 1) for change in changes)
    of_create = {name: given.pop(name) for name in options_of(CreateConfig) if name in given}
    word = {"name": NAME, "initialization_text": chosen.create["initialization_text"]}
    material = {"data_dir": str(chosen.folder), "template": chosen.train["template"], "model": model}
    return (
        replace_fields(CreateConfig(), {**word, **of_create}),
        replace_fields(TrainingConfig(embedding_name=NAME), {**material, **given}),
    )


def told_steps(
    create: CreateConfig, train: TrainingConfig, paths: Paths, steps: Sequence[int]
) -> Iterator[dict[str, Any]]:
    """What there is at each of `steps`; where the run ends before the last, it ends there."""
    model = load_model(train.model, paths)
    create_embedding(create, model=model, paths=paths)
    embeddings_now: Callable[[], tuple[Embedding, ...]] | None = None
    for event in start_training(train, model=model, paths=paths, should_stop=lambda: False):
        if isinstance(event, TrainingStarted):
            embeddings_now = event.current_embeddings
        if isinstance(event, StepCompleted) and event.step in steps and embeddings_now is not None:
            (vectors,) = embeddings_now()[0].vectors.values()
            yield {"step": event.step, "seconds": time.process_time(), "vectors": vectors.tolist()}
            if event.step == max(steps):
                return


if __name__ == "__main__":
    main()
