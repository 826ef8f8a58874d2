"""Concepts to evaluate: the built-in ones, and those a file or a folder outside describes."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml
from PIL import Image

from ...errors import ConfigError
from ..artist import draw_small
from ..concepts import CONCEPTS, DrawnConcept
from ..draw import draw_concept
from ..judge import Concept, Judge
from ..world import ATTRIBUTES

TRAINING_PICTURES = 7
REAL_PICTURES = 24
TEMPLATES = {"character": "subject_filewords.txt", "style": "style.txt", "object": "subject.txt"}
_SUFFIXES = {".png", ".jpg", ".jpeg", ".webp"}


@dataclass(frozen=True, kw_only=True)
class TrainedConcept:
    """A concept ready to train: a picture folder, what the judge compares with, and real pictures."""

    name: str
    kind: str
    noun: str
    folder: Path
    template: str
    judged: Concept
    real: list[Image.Image]
    shown: list[Image.Image]


def drawn(concept: DrawnConcept, folder: Path, seed: int) -> TrainedConcept:
    """Draw the training pictures of `concept` into `folder`, and others, never trained on, as the real
    ones.
    """
    target = folder / concept.name
    paths = draw_concept(concept, target, TRAINING_PICTURES, captions=concept.kind == "character")
    first = 30_000_000 + 1000 * seed
    real = [
        draw_small(concept.sample(random.Random(f"real {concept.name} {seed} {number}")), first + number)
        for number in range(REAL_PICTURES)
    ]
    return TrainedConcept(
        name=concept.name,
        kind=concept.kind,
        noun=concept.noun,
        folder=target,
        template=TEMPLATES[concept.kind],
        judged=Concept(attributes=concept.attributes),
        real=real,
        shown=[Image.open(path).convert("RGB") for path in paths],
    )


def from_pictures(folder: Path, judge: Judge, noun: str = "", kind: str = "") -> TrainedConcept:
    """The concept that a folder of pictures shows, as the judge reads it."""
    paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in _SUFFIXES)
    if not paths:
        raise ConfigError(
            f"Reading the concept in {folder}: there are no pictures; expected png, jpg or webp files."
        )
    pictures = [Image.open(path).convert("RGB") for path in paths]
    judged = judge.concept_of(pictures)
    seen = judged.attributes.get("kind", "girl")
    kind = kind or ("object" if seen == "thing" else "character")
    has_captions = any(path.with_suffix(".txt").exists() for path in paths)
    template = TEMPLATES[kind] if has_captions else TEMPLATES[kind].replace("_filewords", "")
    return TrainedConcept(
        name=f"{folder.resolve().name}-concept".replace(" ", "-"),
        kind=kind,
        noun=noun or ("toy" if seen == "thing" else seen),
        folder=folder,
        template=template,
        judged=judged,
        real=pictures,
        shown=pictures[:TRAINING_PICTURES],
    )


def load_concepts(source: Path | None, judge: Judge, folder: Path, seed: int) -> list[TrainedConcept]:
    """The concepts of `source`: None for the built-in ones, a folder of pictures, or a YAML or JSON list.

    Each entry of a list has `name`, `noun`, `kind` (character, style or object) and either `attributes` or
    `pictures`, a folder beside the file. Raises ConfigError with the entry and what is wrong with it.
    """
    if source is None:
        return [drawn(concept, folder, seed) for concept in CONCEPTS]
    if source.is_dir():
        return [from_pictures(source, judge)]
    if not source.is_file():
        raise ConfigError(f"Reading concepts: there is no file or folder {source}.")
    entries = yaml.safe_load(source.read_text(encoding="utf-8"))
    if not isinstance(entries, list):
        raise ConfigError(
            f"Reading concepts from {source}: expected a list of entries with name and attributes."
        )
    concepts = []
    for entry in entries:
        if "pictures" in entry:
            place = source.parent / str(entry["pictures"])
            concepts.append(
                from_pictures(place, judge, str(entry.get("noun", "")), str(entry.get("kind", "")))
            )
        else:
            concepts.append(drawn(described(entry, source), folder, seed))
    return concepts


def described(entry: Mapping[str, object], source: Path) -> DrawnConcept:
    """The concept of one entry of a concept file, its attributes completed to plain ones and checked."""
    given = entry.get("attributes")
    if not isinstance(given, Mapping) or "name" not in entry:
        raise ConfigError(
            f"Reading concepts from {source}: {entry!r} needs a name, and attributes or pictures."
        )
    attributes = {str(key): str(value) for key, value in given.items()}
    for key, value in attributes.items():
        if key not in ATTRIBUTES or value not in ATTRIBUTES[key]:
            known = ", ".join(ATTRIBUTES.get(key, tuple(ATTRIBUTES)))
            raise ConfigError(
                f"Reading concepts from {source}: {key}: {value} is unknown; expected one of {known}."
            )
    if "eye color" in attributes:
        attributes.setdefault("other eye color", attributes["eye color"])
    if "hair color" in attributes:
        attributes.setdefault("hair blend", "plain")
    kind = "style" if set(attributes) == {"style"} else "character"
    kind = str(entry.get("kind", "object" if "shape" in attributes else kind))
    noun = str(
        entry.get("noun", {"style": "style", "object": "toy"}.get(kind, attributes.get("kind", "girl")))
    )
    return DrawnConcept(name=str(entry["name"]), kind=kind, noun=noun, attributes=attributes)
