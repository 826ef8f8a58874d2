"""Names made up on the fly: one token vector that stands for any set of attributes.

A hundred proper names are too few for a text encoder to learn that a name can mean any combination. So a
share of the captions calls its subject by a name nobody has heard of, whose input vector is composed from
the attributes it stands for. This fills the space of input vectors that textual inversion later searches.
Only the build uses it; the shipped model holds nothing but ordinary tokens.
"""

from __future__ import annotations

import random
from typing import Any

import torch
from torch import Tensor, nn

from .encoding import CLASSES, KEYS, NUMBER_COLUMNS, NUMBERED, CaptionBatch
from .world import Attributes

NOISE = 0.01
LONGEST = 0.8
"""No name is longer than about a word's vector (0.3 to 0.8): training starts from words and searches there,
so names that lie further out would be practised in vain."""


class NameComposer(nn.Module):
    """Composes input vectors from attributes: a sum of one learned vector a value, and a linear map of the
    numbers of style and form, no longer than `LONGEST`.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.values = nn.ModuleList(nn.Embedding(len(CLASSES[key]), width) for key in KEYS)
        self.numbers = nn.Linear(len(NUMBERED), width, bias=False)
        for table in self.values:
            nn.init.normal_(table.weight, std=0.02)  # type: ignore[arg-type]
        nn.init.normal_(self.numbers.weight, std=0.02)

    def forward(self, classes: Tensor, numbers: Tensor, made_up: Tensor) -> Tensor:
        """Vectors [batch, width] from class numbers [batch, attributes], numbers [batch, 26] and what
        counts.
        """
        total: Tensor = self.numbers(numbers * made_up[:, list(NUMBER_COLUMNS)])
        for column, (key, table) in enumerate(zip(KEYS, self.values, strict=True)):
            if key == "style":
                continue
            part = table(classes[:, column].clamp(min=0))
            total = total + part * (made_up[:, column] & (classes[:, column] >= 0))[:, None]
        length = torch.linalg.vector_norm(total, dim=1, keepdim=True)
        limited: Tensor = total * (LONGEST / length.clamp(min=LONGEST))
        return limited


def made_up_keys(attributes: Attributes, rng: random.Random) -> tuple[str, ...]:
    """The attributes a made-up name stands for: a character, a style, an object, or any handful of things."""
    person = attributes["kind"] != "thing"
    draw = rng.random()
    if draw < 0.25:
        return ("style",)
    if person and draw < 0.7:
        head = [key for key in attributes if key in KEYS and key not in ("style", "expression")]
        head = [key for key in head if not key.startswith(("background", "clothes"))]
        if rng.random() < 0.4:
            head += ["clothes", "clothes color"]
        return tuple(key for key in head if rng.random() < 0.9)
    keep = rng.uniform(0.4, 1.0)
    return tuple(key for key in attributes if key in KEYS and rng.random() < keep)


class NameInjection:
    """While active, made-up names and a little noise enter where the text encoder looks up its tokens."""

    def __init__(self, text_encoder: nn.Module, composer: NameComposer) -> None:
        self.composer = composer
        self._batch: CaptionBatch | None = None
        self._classes = self._numbers = torch.empty(0)
        table = text_encoder.get_input_embeddings()  # type: ignore[operator]
        table.register_forward_hook(self._replace)

    def expect(self, batch: CaptionBatch, classes: Tensor, numbers: Tensor) -> None:
        """Announce the batch that the next forward pass of the text encoder will see."""
        self._batch, self._classes, self._numbers = batch, classes, numbers

    def _replace(self, module: nn.Module, inputs: Any, output: Tensor) -> Tensor:
        if self._batch is None:
            return output
        rows = torch.nonzero(self._batch.subject >= 0)[:, 0]
        output = output + NOISE * torch.randn_like(output)
        if len(rows):
            names = self.composer(self._classes[rows], self._numbers[rows], self._batch.made_up[rows])
            places = self._batch.subject[rows]
            output = output.index_put((rows, places), output[rows, places] + names.to(output.dtype))
        self._batch = None
        return output
