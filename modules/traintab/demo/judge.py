"""The judge: a small classifier that reads a picture's attributes, trained only on the artist's drawings.

It never saw a sample of the model, so it cannot have learned the model's habits. Held-out features and
combinations are known to it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.torch import load_file
from torch import Tensor, nn

from .world import ATTRIBUTES

WEIGHTS = Path(__file__).parent / "judge" / "judge.safetensors"
KEYS = tuple(ATTRIBUTES)
FEATURES = 192
SIZE = 128


@dataclass(frozen=True, kw_only=True)
class Concept:
    """What pictures are judged by: attributes with their values, and a mean feature vector where pictures
    gave it.

    `features`: float32 [192] of unit length, or None when the concept is given by attributes alone.
    """

    attributes: Mapping[str, str]
    features: Tensor | None = field(default=None, compare=False)


def convolution(ins: int, outs: int, stride: int) -> nn.Module:
    """A 3 x 3 convolution with group norm and SiLU."""
    return nn.Sequential(nn.Conv2d(ins, outs, 3, stride, 1), nn.GroupNorm(8, outs), nn.SiLU())


class JudgeNetwork(nn.Module):
    """Convolutions to 8 x 8, one hidden layer that keeps positions, and one linear head an attribute."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(
            convolution(3, 24, 2),
            convolution(24, 48, 2),
            convolution(48, 48, 1),
            convolution(48, 96, 2),
            convolution(96, 96, 1),
            convolution(96, 128, 2),
            convolution(128, 128, 1),
            nn.Conv2d(128, 32, 1),
            nn.Flatten(),
            nn.Linear(32 * 64, FEATURES),
            nn.SiLU(),
        )
        self.heads = nn.Linear(FEATURES, sum(len(values) for values in ATTRIBUTES.values()))

    def forward(self, images: Tensor) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Features [batch, 192] and a tuple of logits [batch, values], in the order of `ATTRIBUTES`.

        `images`: float [batch, 3, 128, 128] in -1 to 1.
        """
        features = self.body(images)
        sizes = [len(values) for values in ATTRIBUTES.values()]
        return features, self.heads(features).split(sizes, dim=-1)


def to_tensor(image: Image.Image) -> Tensor:
    """A picture of any size as the judge sees it: float32 [3, 128, 128] in -1 to 1."""
    small = image.convert("RGB").resize((SIZE, SIZE), Image.Resampling.LANCZOS)
    return torch.from_numpy(np.asarray(small).copy()).permute(2, 0, 1).float() / 127.5 - 1


class Judge:
    """Reads attributes from pictures and scores pictures against concepts."""

    def __init__(self, network: JudgeNetwork) -> None:
        self._network = network.eval()

    @classmethod
    def load(cls, path: Path = WEIGHTS) -> Judge:
        """The judge with the weights in `path` (the shipped ones by default)."""
        network = JudgeNetwork()
        network.load_state_dict({key: tensor.float() for key, tensor in load_file(path).items()})
        return cls(network)

    @torch.no_grad()
    def _read(self, images: Sequence[Image.Image]) -> tuple[Tensor, list[Tensor]]:
        features, logits = self._network(torch.stack([to_tensor(image) for image in images]))
        return nn.functional.normalize(features, dim=-1), [head.softmax(dim=-1) for head in logits]

    def attributes(self, image: Image.Image) -> dict[str, dict[str, float]]:
        """For every attribute the probability of each of its values."""
        _, heads = self._read([image])
        return {
            key: dict(zip(ATTRIBUTES[key], head[0].tolist(), strict=True))
            for key, head in zip(KEYS, heads, strict=True)
        }

    def values(self, images: Sequence[Image.Image]) -> list[dict[str, str]]:
        """For every picture the likeliest value of each attribute."""
        _, heads = self._read(images)
        best = [head.argmax(dim=-1).tolist() for head in heads]
        return [
            {key: ATTRIBUTES[key][column[row]] for key, column in zip(KEYS, best, strict=True)}
            for row in range(len(images))
        ]

    def score(self, images: Sequence[Image.Image], concept: Concept) -> float:
        """How well `images` show `concept`, 0 to 1: the share of attributes that are right.

        With features, the mean of that share and of the cosine similarity to the concept's pictures.
        """
        right = [
            sum(value[key] == wanted for key, wanted in concept.attributes.items()) / len(concept.attributes)
            for value in self.values(images)
        ]
        share = sum(right) / len(right)
        if concept.features is None:
            return share
        features, _ = self._read(images)
        similarity = float((features @ concept.features).clamp(min=0).mean())
        return (share + similarity) / 2

    def concept_of(self, images: Sequence[Image.Image], agreement: float = 0.7) -> Concept:
        """The concept that `images` share: the attributes most of them agree on, and their mean features."""
        values = self.values(images)
        shared: dict[str, str] = {}
        for key in KEYS:
            column = [value[key] for value in values]
            best = max(sorted(set(column)), key=column.count)
            if column.count(best) >= agreement * len(column):
                shared[key] = best
        is_thing = shared.get("kind") == "thing"
        for key in KEYS:
            thing_key = key in ("shape", "thing color", "second thing color", "thing pattern")
            if thing_key != is_thing and key not in ("kind", "background", "background color", "style"):
                shared.pop(key, None)
        features, _ = self._read(images)
        return Concept(attributes=shared, features=nn.functional.normalize(features.mean(dim=0), dim=-1))


@lru_cache(maxsize=1)
def shipped_judge() -> Judge:
    """The shipped judge, loaded once."""
    return Judge.load()


def example_score(images: Sequence[Image.Image], example: str = "character") -> float:
    """How well `images` show the shipped example called `example` (character, style or object), 0 to 1."""
    from .concepts import EXAMPLES

    return shipped_judge().score(images, Concept(attributes=EXAMPLES[example].attributes))
