"""Captions beyond 75 tokens: every word of them is learned with."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from traintab.configs import TrainingConfig, replace_fields
from traintab.embeddings.embedding import Embedding
from traintab.embeddings.formats import read_embedding
from traintab.models.model import Model
from traintab.paths import Paths
from traintab.training.events import StepCompleted, TrainingEvent
from traintab.training.picture_loss import PromptEncoder

Trainer = Callable[..., list[TrainingEvent]]

LONG = ", ".join(["red hat"] * 40)  # three tokens each: 120


@pytest.fixture
def encoder(model: Model) -> PromptEncoder:
    return PromptEncoder(model, {"zq": Embedding(name="zq", vectors={"clip_l": torch.full((2, 32), 0.1)})})


def gradient(encoder: PromptEncoder, prompts: list[str], chunk: int) -> torch.Tensor:
    """The gradient `[2, 32]` of what the UNet is told in one chunk of the first prompt."""
    vectors = torch.full((2, 32), 0.1, requires_grad=True)
    embeds = encoder.encode(prompts, "zq", {"clip_l": vectors}).prompt_embeds
    (found,) = torch.autograd.grad((embeds[0, 77 * chunk : 77 * (chunk + 1)] ** 3).sum(), vectors)
    return found


def test_a_long_caption_takes_as_many_chunks_as_it_needs(encoder: PromptEncoder) -> None:
    vectors = {"clip_l": torch.full((2, 32), 0.1)}
    assert encoder.encode([f"zq, {LONG}"], "zq", vectors).prompt_embeds.shape == (1, 2 * 77, 32)
    assert encoder.encode([f"zq, {LONG}, {LONG}", "zq"], "zq", vectors).prompt_embeds.shape[1] == 4 * 77


@pytest.mark.parametrize(("prompt", "chunk"), [(f"zq, {LONG}", 0), (f"{LONG}, zq", 1)])
def test_a_name_in_any_chunk_is_learned(encoder: PromptEncoder, prompt: str, chunk: int) -> None:
    assert gradient(encoder, [prompt], chunk).abs().amax(dim=1).min() > 0
    assert gradient(encoder, [prompt], 1 - chunk).abs().max() == 0
    in_a_batch = gradient(encoder, [prompt, "a zq"], chunk)
    torch.testing.assert_close(in_a_batch, gradient(encoder, [prompt], chunk))


def test_words_behind_the_75th_token_change_what_is_learned(
    config: TrainingConfig, run_training: Trainer, paths: Paths
) -> None:
    start = (paths.embeddings_dir / "zq.pt").read_bytes()
    learned = []
    for end in ("blue cat", "a painting"):
        for picture in Path(config.dataset.data_dir).glob("*.png"):
            picture.with_suffix(".txt").write_text(f"{LONG}, {end}", "utf-8")
        (paths.embeddings_dir / "zq.pt").write_bytes(start)
        events = run_training(replace_fields(config, {"evaluate_every": 0, "steps": 4}))
        assert all(e.loss is not None for e in events if isinstance(e, StepCompleted))
        learned.append(read_embedding(paths.embeddings_dir / "zq.pt").vectors["clip_l"])
    assert not torch.equal(*learned)
