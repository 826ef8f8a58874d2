"""The prompts in which other words shall keep their meaning beside the embedding."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from ..configs import RegularisationConfig, TrainingConfig
from ..errors import ConfigError
from ..files import user_path
from ..prompts.templates import FILEWORDS, NAME
from ..prompts.text_files import read_text

__all__ = ["BUILT_IN", "ContextPrompts", "context_prompts_of", "with_lasting_prompts"]

_SUBJECT = """\
[name] on a beach at low tide
[name] in a snowy forest
[name] in front of a lighthouse
[name] on a wooden table
[name] in a busy market street
[name] under a cherry tree in bloom
[name] beside a mountain lake
[name] in a field of sunflowers
[name] in the rain at night
[name] on a rooftop above a city
[name] in a small kitchen
[name] in a library with tall shelves
[name] next to a red bicycle
[name] with a blue umbrella
[name] wearing a straw hat
[name] wearing a yellow raincoat
[name] in a silver space suit
[name] holding a lantern
[name] riding in a hot air balloon
[name] and a white horse
[name] and two children
[name] between old stone pillars
[name] seen from above
[name] seen from far away in the desert
[name] close up, soft light
a photo of [name] at sunset, long shadows
a black and white photo of [name], film grain
an oil painting of [name], thick brush strokes
a watercolour of [name] in pale colours
a pencil drawing of [name] on paper
a woodcut of [name], two colours
a marble statue of [name] in a park
a stained glass window with [name] in green and gold
a paper cut-out of [name] on a dark background
a toy of [name] made of wool
a poster of [name] with large letters
a pink [name] with golden stripes
a tiny [name] in the palm of a hand
a giant [name] towering over houses
three of [name] in a row on a shelf"""

_STYLE = """\
[name] of a house on a hill
[name] of a cat asleep on a chair
[name] of an old man with a beard
[name] of a woman with a red scarf
[name] of two children playing
[name] of a ship in a storm
[name] of a castle at night
[name] of a forest in autumn
[name] of a bowl of fruit
[name] of a train station in winter
[name] of a horse on a meadow
[name] of a robot in a workshop
[name] of a mountain lake at dawn
[name] of a crowded market
[name] of a dragon above the clouds
[name] of a bicycle against a wall
[name] of a knight in armour
[name] of a city seen from above
[name] of a dancer on a stage
[name] of a tree in the rain
in the style of [name], a portrait of a king
in the style of [name], a harbour with boats
in the style of [name], a bird on a branch
in the style of [name], a street with lanterns
in the style of [name], a kitchen in the morning
in the style of [name], a waterfall
in the style of [name], a clock tower
in the style of [name], a girl reading a book
in the style of [name], a desert with camels
in the style of [name], a spaceship over a planet"""

BUILT_IN = {"subject": tuple(_SUBJECT.splitlines()), "style": tuple(_STYLE.splitlines())}


@dataclass(frozen=True, kw_only=True)
class ContextPrompts:
    """Lines with one `[name]` each, and the word to compare with, so many of them at a step.

    `source` is the setting that they come from.
    """

    source: str
    lines: tuple[str, ...]
    word: str
    per_step: int = 4


def context_prompts_of(config: RegularisationConfig) -> ContextPrompts | None:
    """What the settings ask for, read from its file; None when regularisation is off.

    Raises ConfigError when the file can't be read, and when a line hasn't exactly one [name].
    """
    if not config.prior_loss_weight:
        return None
    source = config.context_prompts.strip()
    lines = BUILT_IN.get(source) or _read(source)
    for line in lines:
        if line.count(NAME) != 1 or FILEWORDS in line:
            raise ConfigError(
                f"Context prompts: the line {line!r} of {source} must have {NAME} once, and no {FILEWORDS}:"
                " there are no pictures to these prompts. Mend it, or choose subject or style.",
                field="context_prompts",
            )
    return ContextPrompts(
        source=source,
        lines=lines,
        word=config.context_word.strip(),
        per_step=config.context_prompts_per_step,
    )


def with_lasting_prompts(config: TrainingConfig) -> TrainingConfig:
    """The file's path as it means the same from wherever run.yaml is used; raises as `context_prompts_of`."""
    own = config.regularisation
    if context_prompts_of(own) is None or own.context_prompts.strip() in BUILT_IN:
        return config
    path = str(user_path(own.context_prompts.strip()).resolve())
    return dataclasses.replace(config, regularisation=dataclasses.replace(own, context_prompts=path))


def _read(source: str) -> tuple[str, ...]:
    """The lines of a file that aren't blank."""
    try:
        lines = tuple(filter(None, map(str.strip, read_text(user_path(source)).splitlines())))
        reason = "it is empty"
    except (OSError, ValueError) as error:
        lines, reason = (), (isinstance(error, OSError) and error.strerror) or str(error)
    if not lines:
        raise ConfigError(
            f"Context prompts: reading {source} failed: {reason}; choose subject, style, or a text file with"
            f" one prompt on each line, such as 'a photo of {NAME}'.",
            field="context_prompts",
        )
    return lines
