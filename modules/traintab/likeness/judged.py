"""Scores by a judge that reads what a picture shows: who wears what, before which background."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Protocol

from PIL import Image

from ..grids.scoring import Progress, ScoredPicture, StepScores
from .plain_prompts import plain_prompt

__all__ = ["Judge", "JudgeScorer"]

_AT_ONCE = 16

Read = Mapping[str, str]


class Judge(Protocol):
    """Knows the pictures of one model.

    `changeable` are the attributes that a prompt or a seed may change while the subject stays the same.
    """

    name: str
    changeable: Sequence[str]

    def read(self, images: Sequence[Image.Image]) -> list[Read]:
        """For each picture the value of every attribute."""

    def likeness(self, images: Sequence[Image.Image], training: Sequence[Image.Image]) -> float:
        """How well `images` show what the training pictures share, 0 to 1."""

    def asked(self, prompt: str) -> Read:
        """The values that a prompt names, by attribute; nothing for words it doesn't know."""


@dataclass(kw_only=True, eq=False)
class JudgeScorer:
    """Likeness as the judge says; diversity and obedience counted in what it reads.

    Diversity is the share of changeable attributes that differ between two seeds of one prompt, obedience the
    share of what the prompts name that is seen.
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
        total = sum(len(ones) for ones in pictures.values())
        done, scores = 0, {}
        for step, ones in pictures.items():
            progress(done, total)
            images = [one.image for one in ones]
            read = [
                value
                for start in range(0, len(images), _AT_ONCE)
                for value in self.judge.read(images[start : start + _AT_ONCE])
            ]
            scores[step] = StepScores(
                likeness=self.judge.likeness(images, training),
                diversity=self._diversity(ones, read),
                obedience=self._obedience(ones, read),
            )
            done += len(ones)
        progress(total, total)
        return scores

    def _diversity(self, ones: Sequence[ScoredPicture], read: Sequence[Read]) -> float | None:
        shares = []
        for (one, first), (other, second) in combinations(zip(ones, read, strict=True), 2):
            if one.row == other.row:
                differ = [first.get(key) != second.get(key) for key in self._left_open(one.prompt)]
                shares += [sum(differ) / len(differ)] if differ else []
        return sum(shares) / len(shares) if shares else None

    def _left_open(self, prompt: str) -> list[str]:
        """What a seed may still change: what the prompt names is the same in every seed when it is obeyed."""
        asked = self.judge.asked(plain_prompt(prompt, self.embedding_name))
        return [key for key in self.judge.changeable if key not in asked]

    def _obedience(self, ones: Sequence[ScoredPicture], read: Sequence[Read]) -> float | None:
        right = []
        for one, seen in zip(ones, read, strict=True):
            asked = self.judge.asked(plain_prompt(one.prompt, self.embedding_name))
            right += [seen.get(key) == value for key, value in asked.items()]
        return sum(right) / len(right) if right else None
