"""What the UNet left out, told by a reader of latents."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import torch

from traintab.demo.characters import sample_picture
from traintab.demo.encoding import CLASSES, KEYS, NUMBERED, Known, form_numbers
from traintab.demo.latent_reader import LatentReader, Proofreader, Readings, errors, readable

GIRL = {"kind": "girl", "hair color": "gray", "skin": "tan", "mark": "scar", "style": "anime"}


TOY = {"kind": "thing", "shape": "toy", "thing color": "red", "style": "anime"}


def test_every_attribute_has_logits_for_its_values_beside_the_numbers() -> None:
    logits, numbers = LatentReader()(torch.zeros(2, 8, 16, 16))
    assert numbers.shape == (2, len(NUMBERED))
    assert [tuple(head.shape) for head in logits] == [(2, len(CLASSES[key])) for key in KEYS]


def test_what_a_picture_has_is_read_by_its_number() -> None:
    numbers = dict(zip(KEYS, readable(GIRL, 0), strict=True))
    assert numbers["hair color"] == CLASSES["hair color"].index("gray")
    assert numbers["mark"] == CLASSES["mark"].index("scar")
    assert numbers["shape"] == -100


def test_a_style_without_colours_hides_what_needs_them() -> None:
    numbers = dict(zip(KEYS, readable({**GIRL, "style": "line art"}, 0), strict=True))
    assert numbers["kind"] == CLASSES["kind"].index("girl")
    assert {numbers["hair color"], numbers["skin"], numbers["mark"]} == {-100}


def test_what_cannot_be_read_is_no_error() -> None:
    torch.manual_seed(0)
    logits, _ = LatentReader()(torch.randn(1, 8, 16, 16))
    found = errors(logits, torch.tensor([readable(GIRL, 0)]))
    assert found.shape == (1, len(KEYS))
    assert found[0, KEYS.index("shape")] == 0
    assert found[0, KEYS.index("kind")] > 0


def shown_by(attributes: dict[str, str]) -> set[str]:
    shown = Readings([attributes]).has_numbers[0].tolist()
    return {key for key, is_shown in zip(NUMBERED, shown, strict=True) if is_shown}


def test_only_toys_and_two_tone_hair_show_the_numbers_of_a_form() -> None:
    assert shown_by({**GIRL, "hair blend": "plain"}) == {"style"}
    assert shown_by({**GIRL, "hair blend": "tips", "hair style": "long"}) == {"style", "hair blend"}
    assert shown_by(TOY) == {"style", "shape"}
    assert shown_by({**TOY, "shape": "mug"}) == {"style"}


@pytest.fixture
def proofreader(tmp_path: Path) -> Proofreader:
    torch.manual_seed(0)
    torch.save(LatentReader().state_dict(), tmp_path / "latent_reader.pt")
    return Proofreader(tmp_path, [GIRL, {**GIRL, "skin": "pale"}, sample_picture(random.Random(1)), TOY])


def stated(*keys: str, numbers: str = "") -> Known:
    told = [[key == numbers for key in NUMBERED]]
    return Known(torch.tensor([[key in keys for key in KEYS]]), torch.tensor(told))


def test_only_what_is_stated_has_to_be_found(proofreader: Proofreader) -> None:
    latents = torch.randn(1, 8, 16, 16)
    assert float(proofreader.loss(latents, [0], stated())) == 0
    assert float(proofreader.loss(latents, [0], stated("shape"))) == 0
    assert float(proofreader.loss(latents, [0], stated("skin"))) > 0


def test_what_is_missed_changes_the_latents_towards_it(proofreader: Proofreader) -> None:
    latents = torch.zeros(1, 8, 16, 16, requires_grad=True)
    optimizer = torch.optim.SGD([latents], lr=20.0)
    told = []
    for _ in range(30):
        loss = proofreader.loss(latents, [1], stated("skin", "hair color"))
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        optimizer.step()
        told.append(float(loss.detach()))
    assert sum(told[-5:]) < sum(told[:5])


def test_a_form_that_is_told_has_to_be_found(proofreader: Proofreader) -> None:
    latents = torch.randn(1, 8, 16, 16)
    assert float(proofreader.loss(latents, [0], stated(numbers="shape"))) == 0
    assert float(proofreader.loss(latents, [3], stated(numbers="shape"))) > 0
    with torch.no_grad():
        proofreader._reader.heads.weight.zero_()
        proofreader._reader.heads.bias[-len(NUMBERED) :] = torch.tensor(form_numbers(TOY, 3))
    assert float(proofreader.loss(latents, [3], stated(numbers="shape"))) == pytest.approx(0, abs=1e-3)


def test_the_reader_itself_learns_nothing_from_the_unet(proofreader: Proofreader) -> None:
    latents = torch.zeros(1, 8, 16, 16, requires_grad=True)
    torch.autograd.backward(proofreader.loss(latents, [0], stated("skin")))
    assert latents.grad is not None
    assert all(parameter.grad is None for parameter in proofreader._reader.parameters())
