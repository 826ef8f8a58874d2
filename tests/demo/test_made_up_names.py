"""Names made up on the fly."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import torch
from torch import nn

from traintab.demo.captions import SUBJECT, Phrase
from traintab.demo.characters import sample_person
from traintab.demo.encoding import KEYS, NUMBERED, CaptionBatch, CaptionEncoder, class_numbers
from traintab.demo.made_up_names import LONGEST, NameComposer, NameInjection, made_up_keys
from traintab.demo.tokenizer import load_tokenizer
from traintab.demo.world import sample_thing

WIDTH = 16


class TableOnly(nn.Module):
    """As much of a text encoder as an injection needs."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.table = nn.Embedding(size, WIDTH)

    def get_input_embeddings(self) -> nn.Module:
        return self.table

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        rows: torch.Tensor = self.table(ids)
        return rows


@pytest.fixture
def batch(tokenizer_dir: Path) -> CaptionBatch:
    encoder = CaptionEncoder(load_tokenizer(tokenizer_dir))
    return encoder.encode(
        [[Phrase("a "), Phrase(SUBJECT + "girl", ("kind", "hair color"))], [Phrase("a girl")]]
    )


def labels() -> tuple[torch.Tensor, torch.Tensor]:
    classes = class_numbers({"kind": "girl", "hair color": "pink", "style": "anime"})
    return torch.tensor([classes, classes]), torch.ones(2, len(NUMBERED))


def test_a_name_is_the_sum_of_what_it_stands_for() -> None:
    composer = NameComposer(WIDTH)
    classes, numbers = labels()
    made_up = torch.zeros(2, len(KEYS), dtype=torch.bool)
    made_up[0, KEYS.index("kind")] = True
    vectors = composer(classes, numbers, made_up)
    table = composer.values[KEYS.index("kind")]
    assert isinstance(table, nn.Embedding)
    assert torch.allclose(vectors[0], table.weight[0])
    assert not vectors[1].any()


def test_a_name_that_stands_for_much_is_no_longer_than_a_word() -> None:
    composer = NameComposer(WIDTH)
    with torch.no_grad():
        for table in composer.values:
            table.weight.add_(1.0)  # type: ignore[operator]
    classes, numbers = labels()
    everything = torch.ones(2, len(KEYS), dtype=torch.bool)
    lengths = torch.linalg.vector_norm(composer(classes, numbers, everything), dim=1)
    assert torch.allclose(lengths, torch.full((2,), LONGEST))


@pytest.mark.parametrize("key", ["style", "shape", "hair blend"])
def test_styles_and_forms_are_composed_from_their_numbers(key: str) -> None:
    composer = NameComposer(WIDTH)
    classes, numbers = labels()
    made_up = torch.zeros(2, len(KEYS), dtype=torch.bool)
    made_up[:, KEYS.index(key)] = True
    assert not torch.allclose(composer(classes, numbers, made_up), composer(classes, 2 * numbers, made_up))


def test_an_announced_name_replaces_only_its_own_place(batch: CaptionBatch) -> None:
    torch.manual_seed(0)
    encoder, composer = TableOnly(5000), NameComposer(WIDTH)
    for table in composer.values:
        nn.init.constant_(table.weight, 1.0)  # type: ignore[arg-type]
    injection = NameInjection(encoder, composer)
    plain = encoder(batch.ids)
    injection.expect(batch, *labels())
    changed = (encoder(batch.ids) - plain).abs() > 0.1
    assert changed.any(dim=-1).nonzero().tolist() == [[0, 2]]


def test_an_injection_is_used_once(batch: CaptionBatch) -> None:
    encoder, composer = TableOnly(5000), NameComposer(WIDTH)
    injection = NameInjection(encoder, composer)
    injection.expect(batch, *labels())
    encoder(batch.ids)
    assert torch.equal(encoder(batch.ids), encoder(batch.ids))


def test_made_up_names_stand_for_things_the_picture_has() -> None:
    for seed in range(200):
        rng = random.Random(seed)
        picture = {**(sample_person(rng) if seed % 2 else sample_thing(rng)), "style": "anime"}
        assert set(made_up_keys(picture, rng)) <= set(picture)


def test_some_names_are_styles_and_some_characters() -> None:
    people = [{**sample_person(random.Random(seed)), "style": "anime"} for seed in range(200)]
    kinds = [made_up_keys(person, random.Random(seed)) for seed, person in enumerate(people)]
    assert ("style",) in kinds
    assert any({"hair color", "eye color"} <= set(keys) and "background" not in keys for keys in kinds)
