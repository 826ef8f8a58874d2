"""Scores by a judge that reads what a picture shows: who wears what, before which background."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Protocol

from PIL import Image

from ..grids.scoring import Progress, ScoredPicture, StepScores
from .plain_prompts import plain_prompt

__all__ = ["Judge", "JudgeScorer"]

_AT_ONCE = 16
_AGREED = 0.7

Read = Mapping[str, str]


class Judge(Protocol):
    """Knows the pictures of one model.

    `changeable` are the attributes that a prompt or a seed may change while the subject stays the same: of
    them count those in which the training pictures differ.
    """

    name: str
    changeable: Sequence[str]

    def read(self, images: Sequence[Image.Image]) -> list[Read]:
        """For each picture the value of every attribute."""

    def likeness(self, images: Sequence[Image.Image], training: Sequence[Image.Image]) -> float:
        """How well `images` show what the training pictures share, 0 to 1."""

    def asked(self, prompt: str) -> Mapping[str, Sequence[str]]:
        """The values that a prompt names, by attribute, any of which will do; nothing for unknown words."""


@dataclass(kw_only=True, eq=False)
class JudgeScorer:
    """Likeness as the judge says; diversity and obedience counted in what it reads.

    Diversity is the share of attributes that differ between two seeds of one prompt, of those that the prompt
    leaves open and in which the training pictures differ; obedience is the share of what the prompts name
    that is seen.
    """

    name: str
    judge: Judge
    embedding_name: str

    def score(
        self,
        pictures: Mapping[int, Sequence[ScoredPicture]],
        training: Sequence[Image.Image],
        progress: Progress,
    ) -> Mapping[int, StepScores]:
        """As `Scorer.score` says; all between 0 and 1."""
        left_open = self._left_open(training)
        total = sum(len(ones) for ones in pictures.values())
        done, scores = 0, {}
        for step, ones in pictures.items():
            progress(done, total)
            images = [one.image for one in ones]
            read = self._read(images)
            scores[step] = StepScores(
                likeness=self.judge.likeness(images, training),
                diversity=self._diversity(ones, read, left_open),
                obedience=self._obedience(ones, read),
            )
            done += len(ones)
        progress(total, total)
        return scores

    def _read(self, images: Sequence[Image.Image]) -> list[Read]:
        batches = (images[start : start + _AT_ONCE] for start in range(0, len(images), _AT_ONCE))
        return [value for batch in batches for value in self.judge.read(batch)]

    def _left_open(self, training: Sequence[Image.Image]) -> list[str]:
        """What is no part of the subject: where most training pictures agree, a seed needn't change it."""
        read = self._read(training)
        return [
            key
            for key in self.judge.changeable
            if Counter(one.get(key) for one in read).most_common(1)[0][1] < _AGREED * len(read)
        ]

    def _diversity(
        self, ones: Sequence[ScoredPicture], read: Sequence[Read], left_open: Sequence[str]
    ) -> float | None:
        shares = []
        for (one, first), (other, second) in combinations(zip(ones, read, strict=True), 2):
            if one.row == other.row:
                asked = self._asked(one)
                differ = [first.get(key) != second.get(key) for key in left_open if key not in asked]
                shares += [sum(differ) / len(differ)] if differ else []
        return sum(shares) / len(shares) if shares else None

    def _asked(self, one: ScoredPicture) -> Mapping[str, Sequence[str]]:
        return self.judge.asked(plain_prompt(one.prompt, self.embedding_name))

    def _obedience(self, ones: Sequence[ScoredPicture], read: Sequence[Read]) -> float | None:
        right = []
        for one, seen in zip(ones, read, strict=True):
            right += [seen.get(key) in values for key, values in self._asked(one).items()]
        return sum(right) / len(right) if right else None
