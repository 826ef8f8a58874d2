"""The latent reader's training."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from traintab.demo import train_latent_reader
from traintab.demo.characters import sample_picture
from traintab.demo.encoding import CLASSES, KEYS, NUMBERED
from traintab.demo.latent_reader import LatentReader, Readings
from traintab.demo.latents import Latents
from traintab.demo.pool import load_pool, render_pool


@pytest.fixture
def work_dir(tmp_path: Path) -> Path:
    render_pool(tmp_path / "pool", 8, sample_picture, lambda _line: None)
    raw = np.random.default_rng(0).normal(0, 1, (8, 16, 16, 16)).astype(np.float16)
    np.save(tmp_path / "latents.npy", abs(raw))
    return tmp_path


def test_disturbed_latents_keep_their_shape_and_are_finite() -> None:
    latents = torch.randn(5, 8, 16, 16)
    disturbed = train_latent_reader.disturbed(latents)
    assert disturbed.shape == latents.shape
    assert torch.isfinite(disturbed).all()
    assert not torch.equal(disturbed, latents)


def test_a_head_that_nothing_speaks_of_costs_nothing() -> None:
    torch.manual_seed(0)
    logits, _ = LatentReader()(torch.randn(2, 8, 16, 16))
    numbers = torch.full((2, len(KEYS)), -100)
    assert float(train_latent_reader.judge_loss(logits, numbers).detach()) == 0
    numbers[0, KEYS.index("kind")] = 1
    alone = float(train_latent_reader.judge_loss(logits, numbers).detach())
    assert alone == pytest.approx(float(-logits[KEYS.index("kind")][0].detach().log_softmax(-1)[1]), rel=1e-4)


def test_a_reader_learns_the_pool(work_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train_latent_reader, "BATCH", 16)
    torch.manual_seed(0)
    _, attributes = load_pool(work_dir / "pool")
    readings = Readings(attributes)

    def loss(reader: LatentReader) -> float:
        latents = Latents(work_dir).draw(range(8))
        with torch.no_grad():
            return float(train_latent_reader.reading_loss(reader(latents), readings, range(8)))

    untrained = loss(LatentReader())
    train_latent_reader.train_latent_reader(work_dir, 0.15, lambda _line: None)
    trained = LatentReader()
    trained.load_state_dict(torch.load(work_dir / "latent_reader.pt", weights_only=True))
    assert loss(trained) < 0.8 * untrained


def test_a_reader_that_is_done_is_not_trained_again(work_dir: Path) -> None:
    (work_dir / "latent_reader.pt").write_bytes(b"done")
    train_latent_reader.train_latent_reader(work_dir, 1.0, lambda _line: None)
    assert (work_dir / "latent_reader.pt").read_bytes() == b"done"


def test_training_goes_on_from_its_resume_point(work_dir: Path) -> None:
    train_latent_reader.train_latent_reader(work_dir, 1e-4, lambda _line: None)
    weights = torch.load(work_dir / "latent_reader.pt", weights_only=True)
    assert len(weights["heads.bias"]) == sum(map(len, CLASSES.values())) + len(NUMBERED)
    state = {"reader": weights, "optimizer": torch.optim.AdamW(LatentReader().parameters()).state_dict()}
    torch.save({**state, "step": 5, "seconds": 100.0}, work_dir / "latent_reader_resume.pt")
    (work_dir / "latent_reader.pt").unlink()
    train_latent_reader.train_latent_reader(work_dir, 1e-4, lambda _line: None)
    again = torch.load(work_dir / "latent_reader.pt", weights_only=True)
    assert torch.equal(again["heads.bias"], weights["heads.bias"])
