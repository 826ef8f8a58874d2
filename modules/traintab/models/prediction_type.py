"""What a UNet predicts, epsilon (noise) or v (velocity), and which evidence decided.

In this order: the user's choice, a `.yaml` beside the file, `modelspec.prediction_type` in its metadata,
tensors called `v_pred` and `ztsnr`, one probe call of the UNet, the family's usual type.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import torch
import yaml

from ..configs.loading import PREDICTION_CHOICES
from ..errors import ModelError

__all__ = [
    "Prediction",
    "PredictionType",
    "chosen_prediction",
    "declared_prediction",
    "probe",
]

PredictionType = Literal["epsilon", "v_prediction"]
Predict = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]

_MAX_YAML_BYTES = 1 << 20
_METADATA_KEY = "modelspec.prediction_type"
_WORDS: Mapping[str, PredictionType] = {
    "epsilon": "epsilon",
    "eps": "epsilon",
    "v": "v_prediction",
    "v_pred": "v_prediction",
    "v_prediction": "v_prediction",
    "v-prediction": "v_prediction",
}
_V_KEY, _ZERO_TERMINAL_KEY = "v_pred", "ztsnr"
_PROBE_CELLS = 16
_MIDDLE_STEP = 200
_LEAST_LIKENESS = 0.5


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """The type, whether the noise levels end in pure noise, and a sentence: what decided."""

    type: PredictionType
    zero_terminal_snr: bool = False
    source: str


def chosen_prediction(choice: str) -> Prediction | None:
    """The user's `choice` among PREDICTION_CHOICES, None for `automatic`; raises ModelError."""
    if choice not in PREDICTION_CHOICES:
        raise ModelError(
            f"The prediction type {choice!r} is unknown; choose one of {', '.join(PREDICTION_CHOICES)}."
        )
    if choice == "automatic":
        return None
    return Prediction(
        type="epsilon" if choice == "epsilon" else "v_prediction",
        zero_terminal_snr=choice.endswith("ztsnr"),
        source="It was chosen in the settings.",
    )


def declared_prediction(file: Path, names: Iterable[str], metadata: Mapping[str, str]) -> Prediction | None:
    """What a checkpoint file says of itself: `names` are its tensors', `metadata` its texts; None if nothing.

    Raises ModelError for a `.yaml` beside it that can't be read.
    """
    marks = {_V_KEY, _ZERO_TERMINAL_KEY}.intersection(names)
    has_zero_terminal = _ZERO_TERMINAL_KEY in marks
    config = file.with_suffix(".yaml")
    if config.is_file():
        declared = _in_yaml(config)
        source = f"The file {config.name} beside the model says so."
    elif metadata.get(_METADATA_KEY, "").strip().lower() in _WORDS:
        declared = _WORDS[metadata[_METADATA_KEY].strip().lower()]
        source = f"The file says so in its metadata ({_METADATA_KEY})."
    elif _V_KEY in marks:
        declared, source = "v_prediction", f"The file says so by a tensor called {_V_KEY}."
    else:
        return None
    return Prediction(
        type=declared,
        zero_terminal_snr=has_zero_terminal and declared == "v_prediction",
        source=source,
    )


def _in_yaml(file: Path) -> PredictionType:
    """The type in a config of the original programs; without a word on it they predict epsilon."""
    try:
        with file.open("rb") as stream:
            data = stream.read(_MAX_YAML_BYTES + 1)
        if len(data) > _MAX_YAML_BYTES:
            raise ValueError("it is larger than any config")
        parameters = yaml.safe_load(data)["model"]["params"]
        if not isinstance(parameters, dict):
            raise TypeError("model.params holds no settings")
        scaling = parameters.get("denoiser_config", {}).get("params", {}).get("scaling_config", {})
        target = str(scaling.get("target", ""))
        is_v = parameters.get("parameterization") == "v" or target.rpartition(".")[2].startswith("VScaling")
        return "v_prediction" if is_v else "epsilon"
    except (
        OSError,
        ValueError,
        TypeError,
        KeyError,
        AttributeError,
        RecursionError,
        yaml.YAMLError,
    ) as error:
        told = (str(error).strip() or type(error).__name__).splitlines()[0][:200]
        raise ModelError(
            f"The config {file} beside the model can't be read ({told}); expected model.params as in the"
            " config that the model was published with. Correct it, or move it away."
        ) from error


def probe(predict: Predict, alphas_cumprod: torch.Tensor, latent_channels: int) -> PredictionType | None:
    """What a UNet predicts, by one call; None when its answers look like neither.

    `predict` takes latents `[2, c, 16, 16]` float32 on the CPU and timesteps `[2]`, and gives the
    prediction of the same shape. Both are noise over a flat grey picture. Halfway through, either kind of
    UNet answers with that noise; at the last step nothing but noise is left, and one that predicts
    epsilon repeats it, while one that predicts v answers with the picture it imagines.
    """
    generator = torch.Generator("cpu").manual_seed(0)
    size = (2, latent_channels, _PROBE_CELLS, _PROBE_CELLS)
    noise = torch.randn(size, generator=generator)
    timesteps = torch.tensor([min(_MIDDLE_STEP, len(alphas_cumprod) - 1), len(alphas_cumprod) - 1])
    levels = (1 - alphas_cumprod[timesteps]).sqrt().reshape(-1, 1, 1, 1)
    answers = predict(noise * levels, timesteps)
    halfway, last = torch.nn.functional.cosine_similarity(answers.flatten(1), noise.flatten(1)).tolist()
    if last >= _LEAST_LIKENESS:
        return "epsilon"
    return "v_prediction" if halfway >= _LEAST_LIKENESS else None
