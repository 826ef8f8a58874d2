"""Networks that a prompt asks for with tags such as `<lora:name:0.8>`, at work while it is drawn."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from ..configs import GenerationConfig
from ..models.lora import AppliedNetworks, applied_networks
from ..models.lora_files import find_loras
from ..models.model import Model
from ..prompts.extra_networks import take_extra_networks

__all__ = ["networks_at_work"]


@contextmanager
def networks_at_work(model: Model, config: GenerationConfig) -> Iterator[AppliedNetworks]:
    """While the block runs, `model` holds the networks that the prompt of `config` names.

    Afterwards its weights are what they were, bit for bit. A network counts for the whole picture, so that
    tags in the negative prompt have no effect; a note says so, as for all that can't be applied.
    """
    _, networks = take_extra_networks(config.prompt)
    _, without_effect = take_extra_networks(config.negative_prompt)
    loras = find_loras(model.lora_dirs) if networks else {}
    with applied_networks(model, networks, loras) as applied:
        notes = [
            f"<{network.kind}:{network.name}> in the negative prompt was not applied: a network counts for"
            " the whole picture; write it into the prompt, with a weight below 0 to turn it round."
            for network in without_effect
        ]
        yield replace(applied, notes=(*applied.notes, *notes))
