"""The names of samplers and of the ways to space their noise levels, as the web UI spells them."""

from __future__ import annotations

__all__ = ["AUTOMATIC", "OLD_SAMPLER_NAMES", "SAMPLER_NAMES", "SCHEDULE_TYPES", "split_sampler_name"]

AUTOMATIC = "Automatic"

SAMPLER_NAMES = (
    "DPM++ 2M",
    "DPM++ SDE",
    "DPM++ 2M SDE",
    "DPM++ 2S a",
    "Euler a",
    "Euler",
    "LMS",
    "Heun",
    "DPM2",
    "DPM2 a",
    "DDIM",
    "UniPC",
    "LCM",
)

SCHEDULE_TYPES = (AUTOMATIC, "Uniform", "Karras", "Exponential", "SGM Uniform", "Simple", "Normal")

# Before it had schedule types the web UI told them at the end of the sampler's name; this one was ours too.
OLD_SAMPLER_NAMES = ("DPM++ 2M Karras",)


def split_sampler_name(name: str) -> tuple[str, str | None]:
    """The sampler and the schedule type in a name of old: `DPM++ 2M Karras` is `DPM++ 2M` and `Karras`.

    The second is None where the name tells no schedule type; nothing is said of unknown samplers.
    """
    for schedule_type in sorted(SCHEDULE_TYPES, key=len, reverse=True):  # one ends as another does
        if name.endswith(f" {schedule_type}"):
            return name.removesuffix(f" {schedule_type}"), schedule_type
    return name, None
