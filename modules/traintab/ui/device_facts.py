"""What the page tells of the model in memory: its family, device, number format, and memory in figures."""

from __future__ import annotations

import html
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from ..model_slot import ModelState
from ..studio import Studio

if TYPE_CHECKING:
    from ..models.model import Model

__all__ = ["device_facts", "facts_html"]

_PREDICTIONS: Mapping[str, str] = MappingProxyType({"epsilon": "the noise (eps)", "v_prediction": "v"})


def device_facts(studio: Studio) -> dict[str, str]:
    """Labels and sentences, in the order in which they are shown; never waits for a model."""
    status = studio.model_status
    if status.state is not ModelState.READY:
        return {"Model": status.message or f"{status.spec} loads when it is needed."}
    from ..models.devices import reason_of
    from ..models.families import FAMILY_NAMES

    model = studio.model
    return {
        "Model": f"{model.name}, {FAMILY_NAMES[model.family]}",
        "Predicts": _prediction(model),
        "Device": f"{model.device}. {reason_of(model.device)}",
        "Precision": _precision(model),
        "Memory": _memory(model),
    }


def facts_html(facts: Mapping[str, str]) -> str:
    """Labels and what they stand for as a list."""
    rows = (f"<dt>{html.escape(name)}</dt><dd>{html.escape(text)}</dd>" for name, text in facts.items())
    return f'<dl class="traintab-folders">{"".join(rows)}</dl>'


def _prediction(model: Model) -> str:
    what = _PREDICTIONS.get(model.prediction_type, model.prediction_type)
    return f"{what}. {model.prediction_source}" if model.prediction_source else what


def _precision(model: Model) -> str:
    unet = str(model.dtype).removeprefix("torch.")
    if unet == "float32":
        return "Everything in float32."
    return (
        f"UNet in {unet}; text encoders and VAE in float32, because half precision spoils small updates and"
        " can make pictures black."
    )


def _memory(model: Model) -> str:
    from ..models.memory import memory_use
    from ..models.memory_advice import in_gib

    use = memory_use(model.device)
    if use is None:
        return "This device doesn't tell."
    peak = f", at most {in_gib(use.peak)} so far" if use.peak is not None else ""
    others = (
        f"; other programs and the driver hold {in_gib(use.others)}" if model.device.type != "cpu" else ""
    )
    return (
        f"{in_gib(use.allocated)} in use{peak}; {in_gib(use.free)} of {in_gib(use.total)} are free{others}."
    )
