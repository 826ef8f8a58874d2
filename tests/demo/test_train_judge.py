"""The judge's training."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from traintab.demo import device, train_judge
from traintab.demo.judge import KEYS, JudgeNetwork
from traintab.demo.world import ATTRIBUTES, HELD_OUT, is_held_out


def samples(count: int) -> list[dict[str, str]]:
    return [train_judge.sample_anything(random.Random(seed)) for seed in range(count)]


def test_the_judge_sees_every_held_out_value() -> None:
    seen = samples(1500)
    for key, values in HELD_OUT.items():
        assert set(values) <= {picture.get(key) for picture in seen}


def test_every_third_person_has_hair_of_two_different_colours() -> None:
    persons = [picture for picture in samples(600) if picture["kind"] != "thing"]
    two_toned = [picture for picture in persons if picture["hair blend"] != "plain"]
    assert len(two_toned) > len(persons) / 3
    assert {picture["hair blend"] for picture in two_toned} == {"tips", "split", "gradient"}
    assert all(picture["second hair color"] != picture["hair color"] for picture in two_toned)


def test_the_judge_sees_held_out_combinations() -> None:
    assert any(is_held_out(picture) and picture["style"] == "anime" for picture in samples(300))


def test_labels_are_numbers_of_values() -> None:
    labels = train_judge.judge_labels({"kind": "boy", "hair color": "gray", "style": "anime"}, 0)
    assert labels[KEYS.index("kind")] == 1
    assert labels[KEYS.index("hair color")] == 1
    assert labels[KEYS.index("shape")] == -100


def test_colours_that_a_style_hides_have_no_label() -> None:
    sepia = {"kind": "boy", "hair color": "gray", "hair blend": "tips", "style": "sepia"}
    labels = train_judge.judge_labels(sepia, 0)
    assert labels[KEYS.index("hair color")] == labels[KEYS.index("hair blend")] == -100
    assert labels[KEYS.index("style")] == ATTRIBUTES["style"].index("sepia")


def test_a_batch_is_drawn_from_its_seeds() -> None:
    images, labels = train_judge.draw_batch(5, 2)
    again, _ = train_judge.draw_batch(6, 1)
    assert images.shape == (2, 3, 128, 128)
    assert labels.shape == (2, len(KEYS))
    assert torch.equal(images[1], again[0])


def test_disturbed_pictures_stay_recognisable() -> None:
    torch.manual_seed(0)
    images, _ = train_judge.draw_batch(5, 4)
    disturbed = train_judge.disturb(images)
    assert disturbed.shape == images.shape
    assert disturbed.abs().max() <= 1
    assert 0 < (disturbed - images).abs().mean() < 0.3


def test_loss_counts_only_what_can_be_seen() -> None:
    logits = (torch.tensor([[5.0, 0.0], [5.0, 0.0]]), torch.tensor([[0.0, 9.0], [0.0, 9.0]]))
    seen = torch.tensor([[0, -100], [-100, -100]])
    assert float(train_judge.judge_loss(logits, seen)) == pytest.approx(0.0067, abs=1e-3)


def test_accuracy_is_a_share_a_head() -> None:
    logits = (torch.tensor([[5.0, 0.0], [5.0, 0.0]]), torch.tensor([[0.0, 9.0], [0.0, 9.0]]))
    labels = torch.tensor([[0, -100], [1, -100]])
    shares = train_judge.accuracy(logits, labels)
    assert float(shares[0]) == 0.5
    assert shares[1].isnan()


def test_a_moment_of_training_leaves_half_precision_weights(tmp_path: Path) -> None:
    train_judge.train_judge(tmp_path, 1e-4, lambda _line: None)
    weights = load_file(tmp_path / "judge.safetensors")
    assert set(weights) == set(JudgeNetwork().state_dict())
    assert all(tensor.dtype == torch.float16 for tensor in weights.values())


def test_pictures_are_disturbed_where_they_are() -> None:
    assert train_judge.disturb(torch.zeros(2, 3, 128, 128, device="meta")).device.type == "meta"


def test_a_judge_for_a_card_learns_from_drawings_of_other_processes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train_judge, "BATCH", 2)
    monkeypatch.setattr(device, "is_card", lambda _device: True)
    train_judge.train_judge(tmp_path, 1e-4, lambda _line: None)
    assert (tmp_path / "judge.safetensors").exists()
