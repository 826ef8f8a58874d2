"""What a grid shows where nobody said it: the previews' own pictures, and changes that show who obeys."""

from __future__ import annotations

import re
from pathlib import PurePath

from ..configs import GridConfig, TrainingConfig
from ..errors import ConfigError
from ..training.preview_prompts import preview_lines

__all__ = ["grid_prompts", "named", "weighted"]

NAME = "[name]"
_MOST = 4
_SUBJECT = "a photo of [name]"
_SUBJECT_CHANGES = ("forest background", "at the beach, sunset")
_STYLES = (
    "a girl in the style of [name]",
    "a house in the style of [name]",
    "a forest at sunset in the style of [name]",
)


def grid_prompts(config: GridConfig, run: TrainingConfig) -> tuple[str, ...]:
    """The prompts of the grid, `[name]` in them where it was written so.

    Those that were asked for; else those of the run's previews, where there are several; else the previews'
    prompt, or a plain one, with others that change what is around a subject, or what is drawn in a style.
    """
    asked = tuple(line.strip() for line in config.grid_prompts.splitlines() if line.strip())
    if asked:
        return asked
    own = _preview_prompts(run)
    if len(own) > 1:
        return own[:_MOST]
    if PurePath(run.dataset.template).stem.startswith("style"):
        return tuple(dict.fromkeys((*own, *_STYLES)))[: len(_STYLES)]
    first = own[0] if own else _SUBJECT
    return (first, *(f"{first}, {change}" for change in _SUBJECT_CHANGES))


def named(prompt: str, name: str) -> str:
    """The prompt with the embedding's name in it."""
    return prompt.replace(NAME, name)


def weighted(prompt: str, name: str, weight: float) -> str:
    """The prompt with the embedding at this weight, `(name:0.8)`; at 1 just named."""
    wanted = name if weight == 1 else f"({name}:{weight:g})"
    if NAME in prompt:
        return prompt.replace(NAME, wanted)
    word = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)", re.IGNORECASE)
    return word.sub(lambda _: wanted, prompt)


def _preview_prompts(run: TrainingConfig) -> tuple[str, ...]:
    """None where previews showed the prompts just trained on, or their file is gone."""
    try:
        lines = tuple(line.prompt for line in preview_lines(run.preview) if line.prompt)
    except ConfigError:
        lines = ()
    prompts = lines or (run.preview.preview_prompt,)
    return tuple(dict.fromkeys(prompt.strip() for prompt in prompts if prompt.strip()))
