"""Does textual inversion work? Concepts without a word, trained with the project's own trainer."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from ...configs import (
    CreateConfig,
    DatasetConfig,
    OptimizationConfig,
    OutputsConfig,
    PreviewConfig,
    TrainingConfig,
)
from ...embeddings.embedding import Embedding
from ...embeddings.formats import read_embedding
from ...models.model import Model
from ...paths import Paths
from ...training.create import create_embedding
from ...training.events import TrainingFinished
from ...training.run import start_training
from ..judge import Judge
from .outside import TrainedConcept
from .sampler import sample

STEPS, LEARNING_RATE, VECTORS = 300, "0.005", 3
PICTURES = 12
CHANGES = (
    ("red", "hoodie", "yellow"),
    ("blue", "sweater", "orange"),
    ("green", "jacket", "white"),
    ("yellow", "kimono", "purple"),
    ("purple", "shirt", "green"),
    ("white", "hoodie", "blue"),
)
TEMPLATES = {"character": "subject_filewords.txt", "style": "style.txt", "object": "subject.txt"}


@dataclass(frozen=True, kw_only=True)
class InversionResult:
    """Scores 0 to 1 of one concept: the starting word, the trained embedding, and real drawings.

    `obeyed` and `obeyed_before` are the shares of prompted changes that the judge found, with the embedding
    and with the starting word in its place.
    """

    name: str
    kind: str
    noun: str
    before: float
    after: float
    real: float
    obeyed: float
    obeyed_before: float
    seconds: float
    pictures: tuple[list[Image.Image], list[Image.Image], list[Image.Image]]


def train_concept(model: Model, concept: TrainedConcept, folder: Path) -> tuple[Embedding, float]:
    """Train an embedding for `concept` below `folder`; the embedding and the seconds it took."""
    paths = Paths.under(folder)
    create = CreateConfig(name=concept.name, initialization_text=concept.noun, num_vectors=VECTORS)
    create_embedding(create, model=model, paths=paths)
    config = TrainingConfig(
        embedding_name=concept.name,
        dataset=DatasetConfig(data_dir=str(concept.folder), template=concept.template),
        optimization=OptimizationConfig(steps=STEPS, learning_rate=LEARNING_RATE, batch_size=4),
        outputs=OutputsConfig(save_every=0),
        preview=PreviewConfig(preview_every=0),
    )
    started = time.monotonic()
    events = start_training(config, model=model, paths=paths, should_stop=lambda: False)
    finished = [event for event in events if isinstance(event, TrainingFinished)]
    return read_embedding(finished[-1].path), time.monotonic() - started


def _prompts(concept: TrainedConcept, word: str) -> list[str]:
    forms = {
        "character": ("a photo of {}", "a drawing of {}", "{}", "a picture of {}"),
        "style": ("a girl in the style of {}", "a boy in the style of {}", "a portrait in the style of {}"),
        "object": ("a photo of {}", "a picture of {}", "a drawing of {}", "a photo of one {}"),
    }[concept.kind]
    return [forms[number % len(forms)].format(word) for number in range(PICTURES)]


def _changed_prompts(concept: TrainedConcept, word: str) -> list[str]:
    prompts = []
    for clothes_color, clothes, background in CHANGES:
        if concept.kind == "object":
            prompts.append(f"a photo of {word}, {background} background")
        elif concept.kind == "character":
            prompts.append(f"a photo of {word}, {clothes_color} {clothes}, {background} background")
        else:
            prompts.append(f"a girl in a {clothes_color} {clothes}, in the style of {word}")
    return prompts


def _obeyed(judge: Judge, concept: TrainedConcept, pictures: Sequence[Image.Image]) -> float:
    """The share of changes that are seen; what a style doesn't show (its colours) isn't asked for."""
    right = []
    for seen, (clothes_color, clothes, background) in zip(judge.values(pictures), CHANGES, strict=True):
        if concept.kind != "style":
            right.append(seen["background color"] == background)
        if concept.kind == "character":
            right.append(seen["clothes color"] == clothes_color)
        if concept.kind != "object":
            right.append(seen["clothes"] == clothes)
    return sum(right) / len(right)


def measure_concept(model: Model, judge: Judge, concept: TrainedConcept, seed: int) -> InversionResult:
    """Train `concept`, sample with its embedding and with its starting word, and ask the judge."""
    with tempfile.TemporaryDirectory() as folder:
        embedding, seconds = train_concept(model, concept, Path(folder))
    known = {concept.name: embedding}
    before = sample(model, _prompts(concept, concept.noun), seed)
    after = sample(model, _prompts(concept, concept.name), seed, known)
    changed = sample(model, _changed_prompts(concept, concept.name), seed, known)
    changed_before = sample(model, _changed_prompts(concept, concept.noun), seed)
    return InversionResult(
        name=concept.name,
        kind=concept.kind,
        noun=concept.noun,
        before=judge.score(before, concept.judged),
        after=judge.score(after, concept.judged),
        real=judge.score(concept.real, concept.judged),
        obeyed=_obeyed(judge, concept, changed),
        obeyed_before=_obeyed(judge, concept, changed_before),
        seconds=seconds,
        pictures=(concept.shown, after, changed),
    )
