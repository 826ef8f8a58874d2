from __future__ import annotations

from pathlib import Path

import pytest
import torch

from traintab.configs.loading import PREDICTION_CHOICES
from traintab.errors import ModelError
from traintab.models.prediction_type import (
    Prediction,
    chosen_prediction,
    declared_prediction,
    probe,
)

ALPHAS = torch.cumprod(1 - torch.linspace(0.00085**0.5, 0.012**0.5, 1000) ** 2, dim=0)
V_YAML = "model:\n  params:\n    parameterization: v\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "model.safetensors"


def declared(file: Path, names: tuple[str, ...] = (), **metadata: str) -> Prediction | None:
    return declared_prediction(file, names, {f"modelspec.{key}": value for key, value in metadata.items()})


def test_a_file_that_says_nothing_declares_nothing(file: Path) -> None:
    assert declared(file, ("model.weight",), title="v") is None
    assert declared(file, (), prediction_type="whatever") is None


@pytest.mark.parametrize(
    ("word", "expected"),
    [("v", "v_prediction"), ("V-Prediction ", "v_prediction"), ("epsilon", "epsilon"), ("eps", "epsilon")],
)
def test_the_metadata_can_declare_it(file: Path, word: str, expected: str) -> None:
    found = declared(file, (), prediction_type=word)

    assert found is not None and found.type == expected and "modelspec.prediction_type" in found.source


@pytest.mark.parametrize(
    ("names", "zero_terminal"), [(("v_pred",), False), (("v_pred", "ztsnr", "other"), True)]
)
def test_tensors_by_their_names_can_declare_it(
    file: Path, names: tuple[str, ...], zero_terminal: bool
) -> None:
    found = declared(file, names)

    assert found is not None
    assert (found.type, found.zero_terminal_snr) == ("v_prediction", zero_terminal)
    assert "v_pred" in found.source


def test_pure_noise_at_the_end_belongs_to_v_only(file: Path) -> None:
    assert declared(file, ("ztsnr",)) is None
    found = declared(file, ("ztsnr",), prediction_type="epsilon")
    assert found is not None and not found.zero_terminal_snr


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (V_YAML, "v_prediction"),
        ("model:\n  params:\n    parameterization: eps\n", "epsilon"),
        ("model:\n  params:\n    linear_start: 0.00085\n", "epsilon"),
        (
            "model:\n  params:\n    denoiser_config:\n      params:\n        scaling_config:\n"
            "          target: sgm.modules.diffusionmodules.denoiser_scaling.VScaling\n",
            "v_prediction",
        ),
        (
            "model:\n  params:\n    denoiser_config:\n      params:\n        scaling_config:\n"
            "          target: sgm.modules.diffusionmodules.denoiser_scaling.EpsScaling\n",
            "epsilon",
        ),
    ],
)
def test_a_yaml_beside_the_file_comes_before_what_the_file_says(file: Path, text: str, expected: str) -> None:
    file.with_suffix(".yaml").write_text(text, encoding="utf-8")

    found = declared(file, ("v_pred",), prediction_type="epsilon" if expected[0] == "v" else "v")

    assert found is not None and found.type == expected and "model.yaml" in found.source


def test_the_metadata_come_before_the_tensors_names(file: Path) -> None:
    found = declared(file, ("v_pred",), prediction_type="epsilon")

    assert found is not None and found.type == "epsilon"


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "",
        "model: 5",
        "model:\n  params: [1]",
        "model:\n  params:\n    denoiser_config: x",
        "!!python/object/apply:os.system [true]",
        "[" * 3000,
        " " * (2 << 20),
    ],
    ids=range(8),
)
def test_a_yaml_that_is_no_config_is_told_and_runs_nothing(file: Path, text: str) -> None:
    file.with_suffix(".yaml").write_text(text, encoding="utf-8")

    with pytest.raises(ModelError, match=r"model\.yaml beside the model can't be read.*or move it away"):
        declared(file)


def test_the_user_s_choice_is_one_of_four() -> None:
    found = {choice: chosen_prediction(choice) for choice in PREDICTION_CHOICES}

    assert found["automatic"] is None
    told = {choice: (p.type, p.zero_terminal_snr) for choice, p in found.items() if p is not None}
    assert told == {
        "epsilon": ("epsilon", False),
        "v_prediction": ("v_prediction", False),
        "v_prediction_ztsnr": ("v_prediction", True),
    }
    with pytest.raises(ModelError, match="prediction type 'V' is unknown; choose one of automatic, epsilon"):
        chosen_prediction("V")


def noise_of(latents: torch.Tensor, timesteps: torch.Tensor) -> torch.Tensor:
    return latents / (1 - ALPHAS[timesteps]).sqrt().reshape(-1, 1, 1, 1)


def picture_of(latents: torch.Tensor) -> torch.Tensor:
    """What a model imagines: a smooth picture, nothing of the noise."""
    ramp = torch.linspace(-0.6, 0.6, latents.shape[-1])
    return ramp.expand_as(latents)


def answers_epsilon(latents: torch.Tensor, timesteps: torch.Tensor) -> torch.Tensor:
    return 0.9 * noise_of(latents, timesteps) + 0.2 * picture_of(latents)


def answers_v(latents: torch.Tensor, timesteps: torch.Tensor) -> torch.Tensor:
    alpha = ALPHAS[timesteps].sqrt().reshape(-1, 1, 1, 1)
    sigma = (1 - ALPHAS[timesteps]).sqrt().reshape(-1, 1, 1, 1)
    share_seen = torch.where(timesteps > 900, 1.0, 0.1).reshape(-1, 1, 1, 1)
    return alpha * noise_of(latents, timesteps) - sigma * share_seen * picture_of(latents)


def answers_at_random(latents: torch.Tensor, _timesteps: torch.Tensor) -> torch.Tensor:
    return torch.randn(latents.shape, generator=torch.Generator().manual_seed(5))


@pytest.mark.parametrize("channels", [4, 16])
def test_one_call_of_the_unet_tells_epsilon_from_v(channels: int) -> None:
    assert probe(answers_epsilon, ALPHAS, channels) == "epsilon"
    assert probe(answers_v, ALPHAS, channels) == "v_prediction"


def test_a_unet_whose_answers_are_like_neither_tells_nothing() -> None:
    assert probe(answers_at_random, ALPHAS, 4) is None
    assert probe(lambda latents, _: torch.full_like(latents, torch.nan), ALPHAS, 4) is None


def test_the_probe_is_one_call_of_two_latents() -> None:
    calls = []

    def record(latents: torch.Tensor, timesteps: torch.Tensor) -> torch.Tensor:
        calls.append((tuple(latents.shape), timesteps.tolist()))
        return latents

    probe(record, ALPHAS, 4)

    assert calls == [((2, 4, 16, 16), [200, 999])]


def test_the_probe_leaves_torch_s_own_random_numbers_alone() -> None:
    torch.manual_seed(1)
    before = torch.random.get_rng_state()

    probe(answers_v, ALPHAS, 4)

    assert torch.equal(torch.random.get_rng_state(), before)
