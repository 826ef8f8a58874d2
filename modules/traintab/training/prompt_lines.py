"""Which template line each picture gets, and the prompt it makes of the picture's caption."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import torch

from ..configs import CaptionsConfig
from ..configs.captions import LINE_AS_WEB_UI, LINE_EACH_TIME
from ..datasets.report import DatasetImage
from ..datasets.seeds import seeded_generator
from ..prompts.captions import vary_tags
from ..prompts.templates import FILEWORDS, NAME, Template, fill
from ..prompts.wildcards import Wildcards

__all__ = ["PromptRules"]

Random = Callable[[], float]

_CLOSING_SIGNS = ",.;:!?"


@dataclass(frozen=True, kw_only=True)
class PromptRules:
    """How prompts are made for the embedding `name`; `tag_drop_out` is the share of tags left out.

    `captions` says what else becomes of captions. `others` are the names that are trained with it.
    """

    name: str
    template: Template
    shuffle_tags: bool = False
    tag_drop_out: float = 0.0
    captions: CaptionsConfig = field(default_factory=CaptionsConfig)
    others: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """All that the run trains, `name` first."""
        return (self.name, *self.others)

    @property
    def vary(self) -> bool:
        """Whether each showing of a picture gets a prompt of its own."""
        return (
            self.shuffle_tags
            or self.tag_drop_out > 0
            or self.captions.caption_drop_out > 0
            or self.captions.wildcards
            or self.captions.template_line == LINE_EACH_TIME
        )

    @property
    def draws_lines(self) -> bool:
        """Whether each showing draws its line too; otherwise a picture keeps that of `drawn_lines`."""
        choice = self.captions.template_line
        return choice == LINE_EACH_TIME or (choice == LINE_AS_WEB_UI and self.vary)

    def prompt(self, line: str, caption: str) -> str:
        """The prompt of a template line and a caption, without what chance varies.

        Of each wildcard it has the first variant that shows the name, or else the first.
        """
        words = self._dressed(self._first(caption, self._is_named), lambda t: self._first(t, self._is_named))

        def is_named(text: str) -> bool:
            return self._is_named(fill(text, name=NAME, filewords=words))

        return self._named(fill(self._first(line, is_named), name=NAME, filewords=words), caption)

    def shows_name(self, prompt: str) -> bool:
        """Whether an embedding's name stands in a prompt; upper and lower case are the same to CLIP."""
        return any(name.casefold() in prompt.casefold() for name in self.names)

    def usable_lines(self, caption: str) -> tuple[str, ...]:
        """The template lines that show the name with this caption: the others would teach nothing."""
        if caption not in self._usable:
            self._usable[caption] = tuple(
                line for line in self.template.lines if self.shows_name(self.prompt(line, caption))
            )
        return self._usable[caption]

    def holds_token(self, text: str) -> bool:
        """Whether the token string, or the name itself, stands in `text` as a word of its own."""
        return self._with_token(text) != text

    def unshown_names(self, images: Sequence[DatasetImage]) -> list[str]:
        """The names that stand in no prompt of these pictures."""
        prompts = {self.prompt(line, i.caption) for i in images for line in self.usable_lines(i.caption)}
        texts = [prompt.casefold() for prompt in prompts]
        return [name for name in self.names if not any(name.casefold() in text for text in texts)]

    def drawn_lines(self, images: Sequence[DatasetImage], seed: int) -> tuple[str, ...]:
        """A line for each picture, kept for the whole run as in the web UI.

        The draw depends on the seed and the picture's file name only, not on the other pictures.
        """
        drawn = []
        for image in images:
            generator = seeded_generator("template line", seed, image.name)
            drawn.append(_one_of(self.usable_lines(image.caption), generator))
        return tuple(drawn)

    def lasting_lines(
        self, images: Sequence[DatasetImage], lines: Sequence[str], seed: int
    ) -> tuple[str, ...]:
        """Each picture's line of an earlier run, but a new one where it would no longer show the name."""
        drawn = self.drawn_lines(images, seed)
        return tuple(
            line if line in self.usable_lines(image.caption) else new
            for image, line, new in zip(images, lines, drawn, strict=True)
        )

    def varied_prompt(
        self,
        caption: str,
        generator: torch.Generator,
        is_shown: Callable[[str], bool] | None = None,
        *,
        line: str | None = None,
    ) -> str:
        """A prompt with varied caption, on the picture's own `line` unless `draws_lines`.

        A caption that must show the name keeps it. `is_shown` says whether the text encoder finds the name
        in a prompt: in what is left of the tags it may be but a part of a longer word.
        """
        if line is None or self.draws_lines:
            line = _one_of(self.usable_lines(caption), generator)
        for prompt in self._varied(line, caption, lambda: float(torch.rand((), generator=generator))):
            if (is_shown or self.shows_name)(prompt):
                return prompt
        return self.prompt(line, caption)

    def _varied(self, line: str, caption: str, random: Random) -> Iterator[str]:
        """What chance makes of them; without a caption the name itself may have to stand in for it."""
        drop_out, drawn = self.captions.caption_drop_out, self._drawn(self._with_token(line), random)
        if drop_out > 0 and random() < drop_out:
            yield self._named(fill(drawn, name=NAME, filewords=""), caption)
            yield self._named(fill(drawn, name=NAME, filewords=NAME), caption)
            return
        words = vary_tags(
            self._drawn(self._with_token(caption), random),
            shuffle=self.shuffle_tags,
            drop_out=self.tag_drop_out,
            random=random,
            keep=self.captions.keep_tags,
            separator=self.captions.tag_separator,
        )
        dressed = self._dressed(words, lambda text: self._drawn(text, random))
        yield self._named(fill(drawn, name=NAME, filewords=dressed), caption)

    def _dressed(self, words: str, chosen: Callable[[str], str]) -> str:
        """A caption with the texts that stand before and behind every one, as `chosen` of their wildcards."""
        prefix, suffix = (
            chosen(text.strip()) for text in (self.captions.caption_prefix, self.captions.caption_suffix)
        )
        dressed = f"{prefix} {words}".strip() if prefix else words
        if not suffix:
            return dressed
        return dressed + suffix if suffix[0] in _CLOSING_SIGNS else f"{dressed} {suffix}".strip()

    def _named(self, text: str, caption: str) -> str:
        """A whole prompt, in which the name stands wherever it is meant."""
        return self._with_token(text).replace(NAME, self._meant_by(caption)).strip()

    def _meant_by(self, caption: str) -> str:
        """What `[name]` stands for: where several are trained, the first that the caption names."""
        text = self._with_token(caption) if self.others else NAME
        if NAME in text:
            return self.name
        named = (name for name in self.names if re.search(_as_word(name), text, re.IGNORECASE))
        return next(named, self.name)

    def _is_named(self, text: str) -> bool:
        return NAME in text or self.shows_name(text)

    def _with_token(self, text: str) -> str:
        """`text` with `[name]` wherever the token string stands as a word of its own."""
        if self._token is None:
            return text
        other = {word.casefold() for word in (NAME, FILEWORDS, *self.others)}
        return self._token.sub(lambda found: found[0] if found[0].casefold() in other else NAME, text)

    @cached_property
    def _token(self) -> re.Pattern[str] | None:
        token = self.captions.token_string.strip()
        if not token:
            return None
        # The longer ones first, so that none is found as a part of another.
        words = sorted((NAME, FILEWORDS, token, *self.names), key=len, reverse=True)
        return re.compile("|".join(map(_as_word, words)), re.IGNORECASE)

    def _first(self, text: str, wanted: Callable[[str], bool]) -> str:
        """Of each wildcard the first variant that is wanted, or else the first."""
        if not self.captions.wildcards:
            return text
        return Wildcards.parse(self._with_token(text)).first(wanted)

    def _drawn(self, text: str, random: Random) -> str:
        return Wildcards.parse(text).draw(random) if self.captions.wildcards else text

    @cached_property
    def _usable(self) -> dict[str, tuple[str, ...]]:
        """What `usable_lines` has found, by caption: a showing asks again each time."""
        return {}


def _as_word(text: str) -> str:
    """A pattern of `text` that isn't a part of a longer word."""
    before = r"(?<!\w)" if re.match(r"\w", text) else ""
    behind = r"(?!\w)" if re.search(r"\w$", text) else ""
    return f"{before}{re.escape(text)}{behind}"


def _one_of(lines: Sequence[str], generator: torch.Generator) -> str:
    return lines[int(torch.randint(len(lines), (), generator=generator))]
