from __future__ import annotations

from pathlib import Path

import pytest
import torch

from traintab.models.diffusers_adapter import (
    config_of,
    decode,
    encode,
    load_noise_scheduler,
    load_unet,
    make_sampler,
    predict,
)
from traintab.models.model import Model


def test_weights_are_read_in_the_dtype_asked_for(tiny_model_dir: Path) -> None:
    unet = load_unet(str(tiny_model_dir), dtype=torch.float16, local_files_only=True)

    assert {parameter.dtype for parameter in unet.parameters()} == {torch.float16}


def test_weights_are_the_same_without_accelerate(
    tiny_model_dir: Path, tiny_model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    import diffusers.utils

    monkeypatch.setattr(diffusers.utils, "is_accelerate_available", lambda: False)

    unet = load_unet(str(tiny_model_dir), dtype=torch.float32, local_files_only=True)

    expected = tiny_model.unet.state_dict()
    assert all(torch.equal(weight, expected[key]) for key, weight in unet.state_dict().items())


def test_a_folder_s_sampler_config_names_the_noise_levels_of_training(
    tiny_model_dir: Path, tmp_path: Path
) -> None:
    from diffusers import PNDMScheduler

    PNDMScheduler(beta_schedule="scaled_linear", beta_start=0.001, steps_offset=1).save_pretrained(
        tmp_path / "scheduler"
    )

    scheduler = load_noise_scheduler(str(tmp_path), local_files_only=True)

    assert type(scheduler).__name__ == "DDPMScheduler"
    assert scheduler.alphas_cumprod[0].item() == pytest.approx(1 - 0.001)


def test_options_go_over_the_other_scheduler_s_config(tiny_model: Model) -> None:
    sampler = make_sampler("DDIMScheduler", tiny_model.noise_scheduler.config, {"steps_offset": 7})

    assert (config_of(sampler, "steps_offset"), config_of(sampler, "beta_end")) == (7, 0.012)


def test_an_entry_that_a_config_lacks_is_none(tiny_model: Model) -> None:
    assert config_of(tiny_model.unet, "no_such_entry") is None


def test_the_parts_compute_what_their_classes_compute(tiny_model: Model) -> None:
    latents, embeds, pixels = torch.randn(1, 4, 8, 8), torch.randn(1, 77, 32), torch.rand(1, 3, 64, 64)

    expected = tiny_model.unet(latents, 10, encoder_hidden_states=embeds).sample
    assert torch.equal(predict(tiny_model.unet, latents, torch.tensor(10), embeds), expected)
    assert torch.equal(decode(tiny_model.vae, latents), tiny_model.vae.decode(latents).sample)
    assert torch.equal(encode(tiny_model.vae, pixels)[0], tiny_model.vae.encode(pixels).latent_dist.mean)
