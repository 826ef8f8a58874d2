"""CPU seconds until an embedding is as like its concept as plain textual inversion makes it.

Plain textual inversion (`plain_inversion.py`, as diffusers' example does it: AdamW 5e-4, batch 1, 1 vector,
fp32, no caches) takes 3,000 steps; what the judge then says of its pictures is to be reached. Ours
(`our_inversion.py`) trains with its own defaults. Each runs in a process of its own on one thread and is
charged with everything: imports, loading, encoding, training. Drawing and judging pictures isn't charged.

A score is the mean of two things the judge finds: the share of the concept's attributes that are right,
and how like the training pictures the features are. Both ways' pictures have the same prompts and seeds.
Ours has reached the score at the first of two steps in a row that do.

    .venv/bin/python benchmarks/time_to_likeness.py [--keep FOLDER] [--set learning_rate=0.01 …]

`--keep` saves what plain textual inversion made in a folder, and takes it from there as long as model and
pictures are the same: it takes some minutes a concept. `--set` tries other settings than the defaults.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from measuring import in_process, versions

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "modules"))

import torch  # noqa: E402
from PIL import Image  # noqa: E402

from traintab.configs import GenerationConfig  # noqa: E402
from traintab.demo.concepts import EXAMPLES  # noqa: E402
from traintab.demo.judge import Concept, Judge  # noqa: E402
from traintab.embeddings.embedding import Embedding  # noqa: E402
from traintab.examples import Example, find_examples  # noqa: E402
from traintab.models.loading import load_model  # noqa: E402
from traintab.paths import Paths  # noqa: E402
from traintab.sampling.txt2img import txt2img  # noqa: E402

NAME, SEED = "zq-concept", 1000
OUR_STEPS = (10, 15, 20, 25, 30, 40, 50, 60, 80, 100, 125, 150, 200, 250, 300, 400, 500, 700, 1000)
PROMPTS = {
    "character": ("a photo of {}", "a drawing of {}", "{}", "a picture of {}"),
    "style": ("a girl in the style of {}", "a boy in the style of {}", "a portrait in the style of {}"),
    "object": ("a photo of {}", "a picture of {}", "a drawing of {}", "a photo of one {}"),
}
GOAL, AIM = 20, 60


@dataclass(frozen=True)
class Reached:
    """A score with what it took: `steps`, and the CPU `seconds` of the whole process until then."""

    steps: int
    seconds: float
    score: float


class Likeness:
    """How like a concept the pictures are that an embedding, or a word, gives."""

    def __init__(self, model_spec: str, example: Example, pictures: int) -> None:
        self._pictures = pictures
        self._model = load_model(model_spec, Paths.under(HERE.parent))
        self._judge = Judge.load()
        self._prompts = PROMPTS[example.name]
        shown = [Image.open(path) for path in sorted(example.folder.glob("*.png"))]
        features = self._judge.concept_of(shown).features
        self._concept = Concept(attributes=EXAMPLES[example.name].attributes, features=features)

    def of(self, vectors: Sequence[Sequence[float]]) -> float:
        """0 to 1 for an embedding's rows `[num_vectors, width]`."""
        name = self._model.text_encoders[0].name
        return self._of_prompts(NAME, {NAME: Embedding(name=NAME, vectors={name: torch.tensor(vectors)})})

    def of_word(self, word: str) -> float:
        """0 to 1 for a word that the model knows."""
        return self._of_prompts(word, {})

    def _of_prompts(self, word: str, embeddings: dict[str, Embedding]) -> float:
        pictures = []
        for number, prompt in enumerate(self._prompts):
            seed = SEED + number * self._pictures
            config = GenerationConfig(prompt=prompt.format(word), seed=seed, batch_size=self._pictures)
            pictures += [drawn.image for drawn in txt2img(self._model, config, embeddings)]
        return self._judge.score(pictures, self._concept)


def judged(told: Sequence[dict[str, Any]], likeness: Likeness) -> Iterator[Reached]:
    """Each step's score, drawn only when it is asked for."""
    for each in told:
        yield Reached(each["step"], each["seconds"], likeness.of(each["vectors"]))


def first_lasting(scores: Iterator[Reached], goal: float) -> Reached | None:
    """The first of two in a row that reach the goal; None when there is no such pair."""
    before = None
    for reached in scores:
        print(f"    step {reached.steps}: {reached.score:.3f} in {reached.seconds:.1f} s", flush=True)
        is_there = reached.score >= goal
        if is_there and before is not None:
            return before
        before = reached if is_there else None
    return None


def plain_of(example: Example, model_dir: Path, steps: int, keep: Path | None) -> list[dict[str, Any]]:
    """What plain textual inversion makes of a concept, from the folder `keep` if it is there."""
    kept = None if keep is None else keep / f"plain-{example.name}-{_fingerprint(example, model_dir)}.json"
    at = [steps // 4, steps // 2, steps]
    if kept is not None and kept.exists():
        told: list[dict[str, Any]] = json.loads(kept.read_text(encoding="utf-8"))
        if [each["step"] for each in told] == at:
            return told
    word, kind = str(example.create["initialization_text"]), _plain_kind(example)
    arguments = [str(model_dir), str(example.folder), "--word", word, "--kind", kind, "--at", *map(str, at)]
    told = in_process(HERE / "plain_inversion.py", *arguments)["told"]
    if kept is not None:
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps(told), encoding="utf-8")
    return told


def compare(example: Example, options: argparse.Namespace, model_dir: Path) -> tuple[Reached, Reached | None]:
    """Plain textual inversion after its steps, and ours when it is as good."""
    print(f"{example.name}, from the word {example.create['initialization_text']!r}", flush=True)
    likeness = Likeness(options.model, example, options.pictures)
    print(f"  the word alone: {likeness.of_word(str(example.create['initialization_text'])):.3f}")
    told = plain_of(example, model_dir, options.plain_steps, options.keep)
    print("  plain textual inversion", flush=True)
    plain = [_said(reached) for reached in judged(told, likeness)][-1]
    print("  ours", flush=True)
    at = [str(step) for step in OUR_STEPS if step <= options.most_steps]
    changes = ["--set", *options.set] if options.set else []
    arguments = [example.name, "--model", options.model, "--at", *at, *changes]
    ours = in_process(HERE / "our_inversion.py", *arguments)["told"]
    return plain, first_lasting(judged(ours, likeness), plain.score)


def main() -> None:
    """Compare concept by concept, and in all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--model", default="demo", help="demo, or the folder of a model like it")
    parser.add_argument("--concepts", nargs="+", choices=sorted(PROMPTS), default=sorted(PROMPTS))
    parser.add_argument("--plain-steps", type=int, default=3000)
    parser.add_argument("--most-steps", type=int, default=300, help="how far ours is trained at most")
    parser.add_argument("--pictures", type=int, default=4, help="how many are judged for each prompt")
    parser.add_argument("--keep", type=Path, metavar="FOLDER")
    parser.add_argument("--set", nargs="+", default=[], metavar="FIELD=VALUE")
    options = parser.parse_args()
    torch.set_num_threads(1)
    paths = Paths.under(HERE.parent)
    model_dir = paths.demo_model_dir if options.model == "demo" else Path(options.model)
    print(f"{versions()}; settings: {' '.join(options.set) or 'the defaults'}")
    chosen = [example for example in find_examples(paths) if example.name in options.concepts]
    results = {example.name: compare(example, options, model_dir) for example in chosen}
    for name, (plain, ours) in results.items():
        print(f"{name:10} {_row(plain, ours)}")
    reached = [ours for _, ours in results.values() if ours is not None]
    if len(reached) < len(results):
        print(f"Ours reached {len(reached)} of {len(results)} within {options.most_steps} steps.")
        return
    share = sum(plain.seconds for plain, _ in results.values()) / sum(ours.seconds for ours in reached)
    print(f"In all ours took 1/{share:.1f} of the CPU seconds (target at least 1/{GOAL}, aim 1/{AIM}).")


def _row(plain: Reached, ours: Reached | None) -> str:
    began = f"plain {plain.score:.3f} in {plain.seconds:.0f} s;"
    if ours is None:
        return f"{began} ours never"
    ratio = plain.seconds / ours.seconds
    return f"{began} ours {ours.score:.3f} in {ours.seconds:.1f} s, {ours.steps} steps: 1/{ratio:.1f}"


def _said(reached: Reached) -> Reached:
    print(f"    step {reached.steps}: {reached.score:.3f} in {reached.seconds:.0f} s", flush=True)
    return reached


def _plain_kind(example: Example) -> str:
    return "style" if example.name == "style" else "object"


def _fingerprint(example: Example, model_dir: Path) -> str:
    """Changes with the model's weights and with the pictures."""
    digest = hashlib.sha256()
    for path in sorted([*model_dir.rglob("*.safetensors"), *example.folder.glob("*.png")]):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


if __name__ == "__main__":
    main()
