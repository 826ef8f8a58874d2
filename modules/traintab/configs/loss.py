"""What counts as an error, and which noise the pictures are shown with; each off costs nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..errors import ConfigError
from .option import option

__all__ = ["HUBER_SCHEDULES", "LOSS_TYPES", "LossConfig"]

LOSS_TYPES = ("mse", "huber", "smooth_l1")
HUBER_SCHEDULES = ("constant", "snr", "exponential")


@dataclass(frozen=True, kw_only=True)
class LossConfig:
    """How a step's loss is made of what the model predicts; evaluations are always the plain mean square."""

    loss_type: str = option(
        "mse",
        "Loss type",
        "mse: the mean square, as everywhere. huber and smooth_l1 make less of large errors: kinder to odd"
        " pictures, and slower with fine detail.",
        choices=LOSS_TYPES,
        elem_id="train_loss_type",
    )
    huber_delta: float = option(
        0.1,
        "Huber delta",
        "Errors larger than this count less than their square; for huber and smooth_l1. Typical 0.1; the"
        " smaller, the less odd pictures matter, and the slower it learns.",
        minimum=1e-4,
        maximum=10.0,
        elem_id="train_huber_delta",
    )
    huber_schedule: str = option(
        "constant",
        "Huber schedule",
        "snr and exponential begin at 1 where there is little noise and come down to the delta where there is"
        " much. kohya's default is snr.",
        choices=HUBER_SCHEDULES,
        elem_id="train_huber_schedule",
    )
    min_snr_gamma: float = option(
        0.0,
        "Min SNR gamma",
        "Weighs down the timesteps with little noise, which say little new; 5 is typical, 0 is off. Steadier,"
        " but fine detail learns more slowly.",
        minimum=0.0,
        maximum=1000.0,
        elem_id="train_min_snr_gamma",
    )
    debiased_weights: bool = option(
        False,
        "Debiased estimation loss",
        "Timesteps with much noise count more, those with little less. Good for shapes and colours, at the"
        " cost of fine detail.",
        elem_id="train_debiased_weights",
    )
    noise_offset: float = option(
        0.0,
        "Noise offset",
        "Noise that shifts whole pictures, so that very dark and very bright ones are learned: 0.05 to 0.1."
        " More distorts colours; 0 is off.",
        minimum=0.0,
        maximum=1.0,
        elem_id="train_noise_offset",
    )
    pyramid_noise_iterations: int = option(
        0,
        "Pyramid noise iterations",
        "Adds noise of so many coarser sizes, for the same end as the noise offset: 6 to 10 are typical,"
        " 0 is off. The model never saw such noise.",
        minimum=0,
        maximum=10,
        step=1,
        elem_id="train_pyramid_noise_iterations",
    )
    pyramid_noise_discount: float = option(
        0.3,
        "Pyramid noise discount",
        "How much of its strength each coarser size keeps: 0.1 to 0.3 is gentle, 0.8 strong.",
        minimum=0.01,
        maximum=1.0,
        elem_id="train_pyramid_noise_discount",
    )
    input_perturbation: float = option(
        0.0,
        "Input perturbation",
        "Shows the model a little more noise than it shall find, to make it forgiving of its own mistakes:"
        " 0.05 to 0.1. More blurs; 0 is off.",
        minimum=0.0,
        maximum=1.0,
        elem_id="train_input_perturbation",
    )
    random_noise_strength: bool = option(
        False,
        "Random strength of offset and perturbation",
        "Draws both anew for each picture, from 0 to what is set: gentler, and less of what they are for.",
        elem_id="train_random_noise_strength",
    )
    min_timestep: int = option(
        0,
        "Min timestep",
        "The least noise that is shown, 0 to 999. Above 0 fine detail is left out: a style's broad strokes.",
        minimum=0,
        maximum=999,
        step=1,
        elem_id="train_min_timestep",
    )
    max_timestep: int = option(
        1000,
        "Max timestep",
        "Timesteps stay below this. Below 1000 composition is left out, and texture learned alone.",
        minimum=1,
        maximum=1000,
        step=1,
        elem_id="train_max_timestep",
    )

    def contradictions(self) -> Iterator[ConfigError]:
        """A range of timesteps with nothing in it, and two ways to weigh them at once."""
        if self.min_timestep >= self.max_timestep:
            yield ConfigError(
                f"Min timestep {self.min_timestep} leaves no timestep below Max timestep"
                f" {self.max_timestep}; lower the one or raise the other.",
                field="min_timestep",
            )
        if self.min_snr_gamma and self.debiased_weights:
            yield ConfigError(
                f"Min SNR gamma {self.min_snr_gamma:g} and Debiased estimation loss both say how much each"
                " timestep counts; choose one, and switch the other off.",
                field="min_snr_gamma",
            )
