"""Latents, prompts and noise brought together."""

from __future__ import annotations

import pytest
import torch

from traintab.datasets.batches import BatchOrder
from traintab.datasets.latents import CachedLatents
from traintab.datasets.seeds import seeded_generator
from traintab.embeddings.embedding import Embedding
from traintab.models.model import Model
from traintab.prompts.templates import Template
from traintab.training import picture_loss
from traintab.training.denoising import Denoising
from traintab.training.picture_loss import PictureLoss, PromptEncoder, TrainingPictures
from traintab.training.prompt_lines import PromptRules
from traintab.training.state import TrainingState
from traintab.training.timesteps import TimestepSampling

ZQ = Embedding(name="zq", vectors={"clip_l": torch.full((2, 32), 0.1)})


@pytest.fixture
def encoder(model: Model) -> PromptEncoder:
    return PromptEncoder(model, {"zq": ZQ, "xw": Embedding(name="xw", vectors={"clip_l": torch.ones(1, 32)})})


def make_state() -> TrainingState:
    order = BatchOrder(3, 2)
    state = TrainingState(ZQ.vectors, order=order, generator=seeded_generator("x"))
    state.lines = ("a [name]", "a red [name]", "[name], [filewords]")
    return state


def make_loss(
    model: Model, encoder: PromptEncoder, *, resampled: bool = False, shuffle: bool = False
) -> PictureLoss:
    std = torch.ones(3, 4, 8, 8) if resampled else None
    latents = CachedLatents(mean=torch.zeros(3, 4, 8, 8), std=std)
    pictures = TrainingPictures(captions=("cat", "hat", "cat, hat"), latents=latents)
    rules = PromptRules(name="zq", template=Template("t", ("[name], [filewords]",)), shuffle_tags=shuffle)
    return PictureLoss(model, pictures, rules, encoder)


def test_a_prompt_is_tokenized_once(encoder: PromptEncoder) -> None:
    assert encoder.tokenized("a zq") is encoder.tokenized("a zq")
    assert encoder.names_in("a zq and xw") == {"zq", "xw"}
    assert encoder.names_in("a cat") == set()


def test_the_state_s_vectors_stand_in_for_those_of_the_file(model: Model, encoder: PromptEncoder) -> None:
    own = encoder.encode(["a zq"], "zq", ZQ.vectors).prompt_embeds
    other = encoder.encode(["a zq"], "zq", {"clip_l": torch.zeros(2, 32)}).prompt_embeds
    assert own.shape == (1, 77, 32)
    assert not torch.equal(own, other)


def test_the_gradient_reaches_every_row(model: Model, encoder: PromptEncoder) -> None:
    state = make_state()
    loss, prompt = make_loss(model, encoder)([2, 0], state)
    loss.backward()
    gradient = state.vectors["clip_l"].grad
    assert gradient is not None
    assert bool((gradient.abs().sum(dim=1) > 0).all())
    assert prompt == "zq, cat, hat"
    assert all(p.grad is None for p in model.text_encoders[0].module.parameters())


def test_all_randomness_is_the_state_s(model: Model, encoder: PromptEncoder) -> None:
    losses = []
    for seed in (1, 2):
        torch.manual_seed(seed)
        loss, _ = make_loss(model, encoder, resampled=True, shuffle=True)([0, 1], make_state())
        losses.append(loss.item())
    assert losses[0] == losses[1]


def test_resampled_latents_use_more_of_it(model: Model, encoder: PromptEncoder) -> None:
    once, anew = make_state(), make_state()
    make_loss(model, encoder)([0, 1], once)
    make_loss(model, encoder, resampled=True)([0, 1], anew)
    assert not torch.equal(once.generator.get_state(), anew.generator.get_state())


def test_prompts_that_vary_for_ever_do_not_fill_the_memory(encoder: PromptEncoder, monkeypatch) -> None:
    monkeypatch.setattr(picture_loss, "_PROMPTS_KEPT", 2)
    first = encoder.tokenized("a zq")
    encoder.tokenized("the zq")
    encoder.tokenized("one zq")
    assert encoder.tokenized("a zq") is not first
    assert encoder.tokenized("a zq") == first


def test_a_varied_prompt_always_shows_the_name_to_the_text_encoder(
    model: Model, encoder: PromptEncoder
) -> None:
    latents = CachedLatents(mean=torch.zeros(1, 4, 8, 8))
    pictures = TrainingPictures(captions=("[name], zqs",), latents=latents)
    rules = PromptRules(name="zq", template=Template("t", ("[filewords]",)), tag_drop_out=0.9)
    loss, state = PictureLoss(model, pictures, rules, encoder), make_state()
    assert all(loss([0], state)[0].requires_grad for _ in range(10))


def test_a_picture_s_timesteps_share_its_prompt(
    model: Model, encoder: PromptEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    mean = torch.arange(3.0).reshape(3, 1, 1, 1).expand(3, 4, 8, 8)
    pictures = TrainingPictures(captions=("cat", "hat", "cap"), latents=CachedLatents(mean=mean))
    rules = PromptRules(name="zq", template=Template("t", ("[name], [filewords]",)))
    loss = PictureLoss(model, pictures, rules, encoder, Denoising(timesteps=TimestepSampling(per_picture=3)))
    shown: list[torch.Tensor] = []
    monkeypatch.setattr(
        picture_loss, "denoising_loss", lambda _model, noised, embeds, *_: shown.extend((*noised[:3], embeds))
    )
    encoded: list[int] = []
    layer = model.text_encoders[0].embedding_layer
    handle = layer.register_forward_hook(lambda _layer, _ids, output: encoded.append(len(output)))
    try:
        loss([2, 0], make_state())
    finally:
        handle.remove()
    latents, noise, timesteps, embeds = shown
    assert latents[:, 0, 0, 0].tolist() == [2, 2, 2, 0, 0, 0]
    assert len(noise) == len(timesteps) == 6
    assert encoded == [2]
    assert torch.equal(embeds, embeds[[0, 0, 0, 3, 3, 3]])
    assert not torch.equal(embeds[0], embeds[3])
