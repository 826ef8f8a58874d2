"""Loss and gradient are those of the papers' equations, written out here without the package's help."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
import torch

from traintab.datasets.latents import CachedLatents
from traintab.embeddings.embedding import Embedding
from traintab.models.model import Model
from traintab.models.prediction_type import Prediction
from traintab.models.single_file_adapter import noise_scheduler_for
from traintab.training.loss import Noised, denoising_loss
from traintab.training.picture_loss import PromptEncoder, TrainingPictures

TIMESTEPS = torch.tensor([20, 999, 400])
TIME_IDS = torch.tensor([[90.0, 70, 0, 8, 64, 64], [64, 64, 0, 0, 64, 64], [640, 480, 12, 0, 64, 64]])
PROMPTS = ("a photo of zq, red hat", "zq", "a photo of zq, red hat")
VECTORS = {"clip_l": 768, "clip_h": 1024, "clip_g": 1280}
CASES = (
    "sd1",
    "sd2",
    "sd2 ztsnr",
    "sdxl",
    "sdxl v ztsnr",
    "sd1-inpainting",
    pytest.param("sdxl-inpainting", marks=pytest.mark.long),
)


def signal_and_noise(zero_terminal_snr: bool) -> tuple[torch.Tensor, torch.Tensor]:
    """sqrt(ᾱ) and sqrt(1 - ᾱ) at TIMESTEPS, of Stable Diffusion's schedule: β linear in its root.

    With zero terminal SNR the root of ᾱ is shifted to end in 0 and scaled to begin as before
    (Lin et al. 2023, algorithm 1).
    """
    betas = torch.linspace(0.00085**0.5, 0.012**0.5, 1000, dtype=torch.float64) ** 2
    signal = (1 - betas).cumprod(0).sqrt()
    if zero_terminal_snr:
        signal = (signal - signal[-1]) * signal[0] / (signal[0] - signal[-1])
    at = signal[TIMESTEPS].float().reshape(-1, 1, 1, 1)
    return at, (1 - at**2).sqrt()


def states(encoder: Any, prompt: str, vectors: torch.Tensor, number: int) -> tuple[Any, torch.Tensor]:
    """The text encoder's output for a prompt whose zq are new rows at the end of its table; the place of
    the closing token.
    """
    tokenizer, table = encoder.tokenizer, encoder.module.get_input_embeddings().weight
    before, after = prompt.split("zq")
    ids = [tokenizer.bos_token_id]
    ids += tokenizer(before, add_special_tokens=False).input_ids if before else []
    ids += range(len(table), len(table) + len(vectors))
    ids += tokenizer(after, add_special_tokens=False).input_ids if after else []
    closing = len(ids)
    pad = 0 if number or encoder.name == "clip_h" else tokenizer.eos_token_id
    ids += [tokenizer.eos_token_id] + [pad] * (76 - closing)
    name = next(name for name, tensor in encoder.module.named_parameters() if tensor is table)
    output = torch.func.functional_call(
        encoder.module,
        {name: torch.cat([table, vectors])},
        (torch.tensor([ids]),),
        {"output_hidden_states": True},
    )
    return output, torch.tensor([closing])


def conditions(model: Model, vectors: dict[str, torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor | None]:
    """Cross attention's input, and SDXL's pooled output, prompt by prompt."""
    rows, pooled = [], []
    for prompt in PROMPTS:
        parts = []
        for number, encoder in enumerate(model.text_encoders):
            output, closing = states(encoder, prompt, vectors[encoder.name], number)
            is_xl = len(model.text_encoders) == 2
            parts.append(output.hidden_states[-2] if is_xl else output.last_hidden_state)
        if is_xl:
            projection = model.text_encoders[1].module.text_projection.weight
            pooled.append(output.last_hidden_state[0, closing] @ projection.T)
        rows.append(torch.cat(parts, dim=-1))
    return torch.cat(rows), torch.cat(pooled) if pooled else None


def reference(
    model: Model, vectors: dict[str, torch.Tensor], latents: torch.Tensor, noise: torch.Tensor, case: str
) -> torch.Tensor:
    """|| target - UNet(sqrt(ᾱ) x + sqrt(1 - ᾱ) ε) ||², mean over everything."""
    signal, spread = signal_and_noise("ztsnr" in case)
    noisy = signal * latents + spread * noise
    target = noise if case in ("sd1", "sdxl") or "inpainting" in case else signal * noise - spread * latents
    embeds, pooled = conditions(model, vectors)
    if "inpainting" in case:
        with torch.no_grad():
            grey = model.vae.encode(torch.zeros(1, 3, 64, 64))[0].mean * model.vae.config.scaling_factor
        noisy = torch.cat([noisy, torch.ones(3, 1, 8, 8), grey.expand(3, -1, -1, -1)], dim=1)
    added = {} if pooled is None else {"added_cond_kwargs": {"text_embeds": pooled, "time_ids": TIME_IDS}}
    predicted = model.unet(noisy, TIMESTEPS, encoder_hidden_states=embeds, **added).sample
    return ((predicted - target) ** 2).mean()


def model_of(case: str, tiny_families: Any) -> Model:
    model: Model = tiny_families.model(case.split(" ")[0])
    if " " not in case:
        return model
    prediction = Prediction(type="v_prediction", zero_terminal_snr=True, source="")
    return dataclasses.replace(
        model, noise_scheduler=noise_scheduler_for(model.noise_scheduler.config, prediction)
    )


def drawn(*size: int, seed: int) -> torch.Tensor:
    return torch.randn(*size, generator=torch.Generator().manual_seed(seed))


def leaves(model: Model, rows: int = 2) -> dict[str, torch.Tensor]:
    return {
        encoder.name: (drawn(rows, encoder.width, seed=encoder.width) * 0.02).requires_grad_()
        for encoder in model.text_encoders
    }


@pytest.mark.parametrize("case", CASES)
def test_loss_and_gradient_are_those_of_the_equations(case: str, tiny_families: Any) -> None:
    model = model_of(case, tiny_families)
    ours, theirs = leaves(model), leaves(model)
    latents, noise = drawn(3, 4, 8, 8, seed=1), drawn(3, 4, 8, 8, seed=2)
    embedding = Embedding(name="zq", vectors={name: leaf.detach() for name, leaf in ours.items()})
    posterior = CachedLatents(mean=latents, std=torch.zeros_like(latents))
    time_ids = TIME_IDS if model.family == "sdxl" else None
    pictures = TrainingPictures(captions=("",) * 3, latents=posterior, time_ids=time_ids)

    encoded = PromptEncoder(model, {"zq": embedding}).encode(PROMPTS, "zq", ours)
    added = pictures.added_conditions(range(3), encoded.pooled)
    loss = denoising_loss(model, Noised(latents, noise, TIMESTEPS), encoded.prompt_embeds, added)
    loss.backward()

    expected = reference(model, theirs, latents, noise, case)
    expected.backward()
    torch.testing.assert_close(loss, expected, rtol=1e-5, atol=0)
    for name, leaf in theirs.items():
        assert leaf.grad is not None and leaf.grad.abs().max() > 0
        tolerance = 1e-5 * float(leaf.grad.abs().max())
        torch.testing.assert_close(ours[name].grad, leaf.grad, rtol=1e-5, atol=tolerance)


def test_with_zero_terminal_snr_the_last_timestep_shows_nothing_of_the_picture(tiny_families: Any) -> None:
    model = model_of("sd2 ztsnr", tiny_families)
    latents, noise, last = drawn(1, 4, 8, 8, seed=1), drawn(1, 4, 8, 8, seed=2), torch.tensor([999])

    assert torch.equal(model.noise_scheduler.add_noise(latents, noise, last), noise)
    assert torch.equal(model.noise_scheduler.get_velocity(latents, noise, last), -latents)


def test_sdxl_s_gradient_flows_through_the_whole_prompt_too(tiny_families: Any) -> None:
    model = model_of("sdxl", tiny_families)
    gradients = []
    for is_cut in (False, True):
        vectors = leaves(model)
        encoder = PromptEncoder(model, {"zq": Embedding(name="zq", vectors=leaves(model))})
        encoded = encoder.encode(["a zq"], "zq", vectors)
        assert encoded.pooled is not None
        pictures = TrainingPictures(
            captions=("",),
            latents=CachedLatents(mean=torch.zeros(1, 4, 8, 8), std=torch.zeros(1, 4, 8, 8)),
            time_ids=TIME_IDS[:1],
        )
        pooled = encoded.pooled.detach() if is_cut else encoded.pooled
        added = pictures.added_conditions([0], pooled)
        noise = drawn(1, 4, 8, 8, seed=2)
        noised = Noised(noise * 0, noise, TIMESTEPS[:1])
        denoising_loss(model, noised, encoded.prompt_embeds, added).backward()
        gradients.append({name: leaf.grad for name, leaf in vectors.items()})
    whole, cut = gradients
    assert torch.equal(whole["clip_l"], cut["clip_l"])  # only the second text encoder has a pooled output
    assert not torch.allclose(whole["clip_g"], cut["clip_g"])


@pytest.mark.parametrize("family", ["sd1", "sdxl"])
def test_each_of_75_vectors_learns_in_a_prompt_that_says_more(tiny_families: Any, family: str) -> None:
    model = tiny_families.model(family)
    vectors = leaves(model, rows=75)
    encoder = PromptEncoder(model, {"zq": Embedding(name="zq", vectors=leaves(model, rows=75))})

    encoded = encoder.encode(["a photo of zq, red hat"], "zq", vectors)
    encoded.prompt_embeds.square().sum().backward()

    assert encoded.prompt_embeds.shape[1] == 3 * 77  # before, the vectors, after
    for leaf in vectors.values():
        assert leaf.grad is not None and bool((leaf.grad.abs().sum(dim=1) > 0).all())
