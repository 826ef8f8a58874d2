"""Which template line each picture gets, and the prompt it makes of the picture's caption."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch

from ..datasets.report import DatasetImage
from ..datasets.seeds import seeded_generator
from ..prompts.captions import vary_tags
from ..prompts.templates import Template, fill

__all__ = ["PromptRules"]


@dataclass(frozen=True, kw_only=True)
class PromptRules:
    """How prompts are made for the embedding `name`; `tag_drop_out` is the share of tags left out."""

    name: str
    template: Template
    shuffle_tags: bool = False
    tag_drop_out: float = 0.0

    @property
    def vary(self) -> bool:
        """Whether each showing of a picture gets a prompt of its own."""
        return self.shuffle_tags or self.tag_drop_out > 0

    def prompt(self, line: str, caption: str) -> str:
        """The prompt of a template line and a caption."""
        return fill(line, name=self.name, filewords=caption).strip()

    def shows_name(self, prompt: str) -> bool:
        """Whether the embedding's name stands in a prompt; upper and lower case are the same to CLIP."""
        return self.name.casefold() in prompt.casefold()

    def usable_lines(self, caption: str) -> tuple[str, ...]:
        """The template lines that show the name with this caption: the others would teach nothing."""
        return tuple(line for line in self.template.lines if self.shows_name(self.prompt(line, caption)))

    def drawn_lines(self, images: Sequence[DatasetImage], seed: int) -> tuple[str, ...]:
        """A line for each picture, kept for the whole run as in the web UI.

        The draw depends on the seed and the picture's file name only, not on the other pictures.
        """
        drawn = []
        for image in images:
            generator = seeded_generator("template line", seed, image.path.name)
            drawn.append(_one_of(self.usable_lines(image.caption), generator))
        return tuple(drawn)

    def varied_prompt(
        self, caption: str, generator: torch.Generator, is_shown: Callable[[str], bool] | None = None
    ) -> str:
        """A prompt with a newly drawn line and varied tags; a caption that must show the name keeps it.

        `is_shown` says whether the text encoder finds the name in a prompt: in what is left of the tags it
        may be but a part of a longer word.
        """
        line = _one_of(self.usable_lines(caption), generator)
        varied = vary_tags(
            caption,
            shuffle=self.shuffle_tags,
            drop_out=self.tag_drop_out,
            random=lambda: float(torch.rand((), generator=generator)),
        )
        prompt = self.prompt(line, varied)
        return prompt if (is_shown or self.shows_name)(prompt) else self.prompt(line, caption)


def _one_of(lines: Sequence[str], generator: torch.Generator) -> str:
    return lines[int(torch.randint(len(lines), (), generator=generator))]
