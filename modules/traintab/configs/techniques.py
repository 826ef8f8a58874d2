"""Ways of learning that the web UI's form doesn't know; each off costs nothing."""

from __future__ import annotations

from dataclasses import dataclass

from .option import option

__all__ = ["NORM_CONTROLS", "TechniquesConfig"]

NORM_CONTROLS = ("off", "vocabulary", "start")


@dataclass(frozen=True, kw_only=True)
class TechniquesConfig:
    """How noise is met and how far the vectors may go."""

    timesteps_per_picture: int = option(
        1,
        "Timesteps per picture",
        "Shows each picture of a batch with this many amounts of noise at once: steadier, and as slow as a"
        " batch so many times larger.",
        minimum=1,
        maximum=1024,
        step=1,
        elem_id="train_timesteps_per_picture",
    )
    stratified_timesteps: bool = option(
        False,
        "Spread timesteps evenly",
        "Each pass has little, medium and much noise alike instead of what chance gives. Needs a batch, or"
        " several timesteps per picture.",
        elem_id="train_stratified_timesteps",
    )
    norm_control: str = option(
        "off",
        "Norm control",
        "vocabulary: each vector is kept as long as the model's words usually are; start: each is drawn back"
        " a little to where it began.",
        choices=NORM_CONTROLS,
        elem_id="train_norm_control",
    )
