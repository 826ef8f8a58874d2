"""What a user may decide about a model beyond its name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["LoadOptions"]


@dataclass(frozen=True, kw_only=True)
class LoadOptions:
    """`vae` as in `external_vae.vae_for`, `prediction_type` one of `prediction_type.PREDICTION_CHOICES`."""

    vae: str = "Automatic"
    prediction_type: str = "automatic"

    @classmethod
    def remembered(cls, values: Mapping[str, object]) -> LoadOptions:
        """The options among remembered values; what isn't a text counts as not chosen."""
        known = {name: values.get(name) for name in ("vae", "prediction_type")}
        return cls(**{name: value for name, value in known.items() if isinstance(value, str) and value})
