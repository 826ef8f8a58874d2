"""Stage 2: the text encoder learns from captions alone to say, at every position, what it has been told so
far.

Trained jointly with the UNet it obeyed a quarter of what was asked; trained first, and then frozen, most of
it.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from .captions import Caption, write_caption
from .device import is_card, on_processor, prepared, reduced_precision, training_device
from .encoding import (
    CLASSES,
    KEYS,
    NUMBER_WEIGHT,
    NUMBERED,
    CaptionBatch,
    CaptionEncoder,
    Known,
    class_numbers,
    form_numbers,
    known_at,
)
from .made_up_names import NameComposer, NameInjection, made_up_keys
from .pace import Pace, Report, descend, keep_gradients, set_learning_rate
from .pool import load_pool
from .styles import style_of
from .tokenizer import LENGTH, load_tokenizer
from .world import Attributes

WIDTH = 128
BATCH = 48
POSITIONS = 16
MADE_UP_SHARE = 0.5
FORMED_SHARE = 0.35
"""So many lessons are about toys and two-tone hair, whose forms no word tells and names alone teach."""
BARE_SHARE = 0.5
"""How many of the captions that call somebody by name say nothing else: what a learned name is first asked
for."""


def new_text_encoder(tokenizer: CLIPTokenizer) -> CLIPTextModel:
    """An untrained text encoder for the vocabulary of `tokenizer`."""
    config = CLIPTextConfig(
        vocab_size=len(tokenizer),
        hidden_size=WIDTH,
        intermediate_size=4 * WIDTH,
        projection_dim=WIDTH,
        num_hidden_layers=3,
        num_attention_heads=4,
        max_position_embeddings=LENGTH,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    return CLIPTextModel(config)


class Reader(nn.Module):
    """Reads all attributes and numbers from one position's hidden state; thrown away after training."""

    def __init__(self) -> None:
        super().__init__()
        self.sizes = [len(CLASSES[key]) for key in KEYS]
        self.out = nn.Linear(WIDTH, sum(self.sizes) + len(NUMBERED))

    def loss(self, states: Tensor, known: Known, classes: Tensor, numbers: Tensor) -> tuple[Tensor, Tensor]:
        """Mean loss and share of right answers.

        `states` [batch, positions, width]; `classes` int64 [batch, attributes]; `numbers` [batch, 26].
        """
        parts = self.out(states).split([*self.sizes, len(NUMBERED)], dim=-1)
        loss, right, count = states.new_zeros(()), states.new_zeros(()), known.values.sum()
        for column, logits in enumerate(parts[:-1]):
            mask = known.values[..., column]
            if not mask.any():
                continue
            target = classes[:, None, column].expand(mask.shape)[mask]
            loss = loss + F.cross_entropy(logits[mask].float(), target, reduction="sum")
            right = right + (logits[mask].argmax(-1) == target).sum()
        error = (parts[-1].float() - numbers[:, None]).square()
        loss = loss + NUMBER_WEIGHT * (error * known.numbers).sum()
        return loss / count.clamp(min=1), right / count.clamp(min=1)


def caption_for(attributes: Attributes, seed: int, rng: random.Random, made_up_share: float) -> Caption:
    """A fresh caption of picture `seed`, with a made-up name in `made_up_share` of the cases."""
    made_up = made_up_keys(attributes, rng) if rng.random() < made_up_share else ()
    colors = style_of(attributes["style"], seed).shows_colors()
    bare = bool(made_up or "name" in attributes) and rng.random() < BARE_SHARE
    return write_caption(attributes, rng, made_up, colors, bare)


def labels_for(attributes: Sequence[Attributes], indices: Sequence[int]) -> tuple[Tensor, Tensor]:
    """Class numbers [batch, attributes] and numbers [batch, 26] of the pictures at `indices`."""
    classes = torch.tensor([class_numbers(attributes[index]) for index in indices])
    numbers = torch.tensor([form_numbers(attributes[index], index) for index in indices])
    return classes, numbers


class Lesson(NamedTuple):
    """Captions of a batch of pictures, and those pictures' labels, as `labels_for` has them."""

    captions: CaptionBatch
    classes: Tensor
    numbers: Tensor

    def to(self, device: torch.device) -> Lesson:
        """The same on `device`."""
        return Lesson(self.captions.to(device), self.classes.to(device), self.numbers.to(device))


def _sampled_positions(batch: CaptionBatch, length: int) -> Tensor:
    """Random positions below `length`, half of them within the words and half anywhere."""
    ends = batch.ids.argmax(dim=1, keepdim=True)
    share = torch.rand(len(batch.ids), POSITIONS).to(ends.device)
    is_even = torch.arange(POSITIONS, device=ends.device) % 2 == 0
    return (share * torch.where(is_even, ends + 1, torch.full_like(ends, length))).long()


def _length(batch: CaptionBatch, step: int) -> int:
    """Positions to train on: all 77 in every fourth step, else as many as the longest caption has."""
    return LENGTH if step % 4 == 0 else int(batch.ids.argmax(dim=1).max()) + 2


def has_form(picture: Attributes) -> bool:
    """Whether it shows a toy or hair of two colours."""
    return picture.get("shape") == "toy" or "second hair color" in picture


def _lessons(
    encoder: CaptionEncoder, attributes: Sequence[Attributes], first: int, device: torch.device
) -> Iterator[Lesson]:
    """The captions of every step from `first` on."""
    shared, everything = random.Random(first), range(len(attributes))
    formed = [i for i in everything if has_form(attributes[i])] or everything

    def write(step: int) -> Lesson:
        rng = random.Random(step) if is_card(device) else shared
        groups = (rng.random() < FORMED_SHARE for _ in range(BATCH))
        indices = [rng.choice(formed if is_formed else everything) for is_formed in groups]
        captions = encoder.encode([caption_for(attributes[i], i, rng, MADE_UP_SHARE) for i in indices])
        return Lesson(captions, *labels_for(attributes, indices))

    return prepared(write, first, device)


def train_text_encoder(work_dir: Path, minutes: float, report: Report) -> None:
    """Train for `minutes`; writes `text_encoder.pt` with the encoder's and the name composer's weights."""
    if (work_dir / "text_encoder.pt").exists():
        return
    torch.manual_seed(1)
    tokenizer = load_tokenizer(work_dir / "tokenizer")
    _, attributes = load_pool(work_dir / "pool")
    encoder, text_encoder = CaptionEncoder(tokenizer), new_text_encoder(tokenizer)
    reader, composer, device = Reader(), NameComposer(WIDTH), training_device()
    injection = NameInjection(text_encoder, composer)
    models = nn.ModuleDict({"text_encoder": text_encoder, "reader": reader, "composer": composer}).to(device)
    optimizer = torch.optim.AdamW(models.parameters(), betas=(0.9, 0.98), weight_decay=0.01)
    pace = Pace("text encoder", minutes, work_dir / "text_encoder_resume.pt", report)
    state = pace.load()
    if state:
        models.load_state_dict(state["models"])
        optimizer.load_state_dict(state["optimizer"])
    lessons = _lessons(encoder, attributes, pace.step, device)
    while pace.fraction < 1:
        batch, classes, numbers = next(lessons).to(device)
        injection.expect(batch, classes, numbers)
        with reduced_precision(device):
            length = min(LENGTH, _length(batch, pace.step))
            states = text_encoder(batch.ids[:, :length]).last_hidden_state
            positions = _sampled_positions(batch, length)
            chosen = states.gather(1, positions[..., None].expand(-1, -1, WIDTH))
            loss, right = reader.loss(chosen, known_at(batch, classes, positions), classes, numbers)
        set_learning_rate(optimizer, pace.learning_rate(2e-3, pace.fraction))
        descend(loss, optimizer, keep_gradients)
        pace.step += 1
        if pace.is_report_due():
            pace.tell(f"loss {float(loss):.4f}, {100 * float(right):.1f} % of stated attributes known")
        if pace.is_save_due():
            pace.save({"models": models.state_dict(), "optimizer": optimizer.state_dict()})
    torch.save(
        {name: on_processor(part.state_dict()) for name, part in models.items()}, work_dir / "text_encoder.pt"
    )
