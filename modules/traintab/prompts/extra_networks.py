"""A1111's tags for networks beside the model: `<lora:name:0.8>`, `<lyco:...>`, `<hypernet:...>`."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

__all__ = ["ExtraNetwork", "take_extra_networks"]

_TAG = re.compile(r"<(\w+):([^>]+)>")
_LORA_KINDS = ("lora", "lyco")


@dataclass(frozen=True)
class ExtraNetwork:
    """One tag: `kind` is the word before the first colon, `name` what follows it.

    `weights` are the strengths in the text encoders and in the UNet; `<lora:x:0.8>` means both,
    `<lora:x:0.5:1>` and `<lora:x:te=0.5:unet=1>` each its own, `<lora:x>` 1. `not_understood` holds the
    arguments that are none of these.
    """

    kind: str
    name: str
    weights: tuple[float, float] = (1.0, 1.0)
    not_understood: tuple[str, ...] = ()

    @property
    def is_lora(self) -> bool:
        """Whether a LoRA file is meant; LyCORIS files are a kind of them."""
        return self.kind.lower() in _LORA_KINDS


def take_extra_networks(prompt: str) -> tuple[str, list[ExtraNetwork]]:
    """The prompt without any tag `<word:...>`, and its tags in order; of any kind, as in A1111."""
    found = [_network(match[1], match[2]) for match in _TAG.finditer(prompt)]
    return _TAG.sub("", prompt), found


def _network(kind: str, written: str) -> ExtraNetwork:
    name, *arguments = written.split(":")
    numbers: dict[str, float] = {}
    not_understood = []
    for position, argument in enumerate(arguments):
        key, equals, value = argument.partition("=")
        if not equals:
            key, value = ("te", "unet", "")[min(position, 2)], argument
        number = _number(value)
        if key not in ("te", "unet") or number is None:
            not_understood.append(argument)
        else:
            numbers[key] = number
    text_encoder = numbers.get("te", 1.0)
    weights = (text_encoder, numbers.get("unet", text_encoder))
    return ExtraNetwork(kind, name.strip(), weights, tuple(not_understood))


def _number(written: str) -> float | None:
    try:
        number = float(written)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
