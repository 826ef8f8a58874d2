"""A run that has been checked as far as it can be without a model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from ..configs import TrainingConfig
from ..datasets.report import DatasetReport
from ..embeddings.embedding import Embedding
from ..models.model import Model
from ..schedules.rate_curve import RateCurve
from .optimizers import OptimizerChoice
from .prompt_lines import PromptRules
from .run_folder import RunFolder
from .session import GradientClipping
from .together import TrainedEmbedding

__all__ = ["Resumed", "TrainingPlan"]


@dataclass(frozen=True, kw_only=True)
class Resumed:
    """A run and the state to go on from; as a branch it is left as it is, and a new run goes on."""

    folder: RunFolder
    state: Mapping[str, Any]
    is_branch: bool = False


@dataclass(frozen=True, kw_only=True)
class TrainingPlan:
    """What will be done, and what was found on the way.

    `dataset` holds only pictures whose prompts can show the embedding's name. `vectors` are those to start
    from, at `start_step`, of all that are `trained`. `embeddings` are those of the library that fit the same
    models. `notices` are sentences for the user. `sizes` are the width and height at which each picture is
    shown, as soon as the model is known.
    """

    config: TrainingConfig
    dataset: DatasetReport
    rules: PromptRules
    schedule: RateCurve
    clipping: GradientClipping | None
    optimizer: OptimizerChoice
    embeddings: Mapping[str, Embedding]
    vectors: Mapping[str, torch.Tensor]
    start_step: int
    trained: tuple[TrainedEmbedding, ...]
    resumed: Resumed | None
    notices: tuple[str, ...]
    sizes: tuple[tuple[int, int], ...] = ()

    @property
    def target(self) -> Path:
        """The own file of the embedding that the run is called after."""
        return self.trained[0].target

    @property
    def together(self) -> tuple[TrainedEmbedding, ...]:
        """All the embeddings of a run with several, the one it is called after first; none of one alone."""
        return self.trained if len(self.trained) > 1 else ()

    @property
    def total_steps(self) -> int:
        """Where the run ends: at the steps asked for, or before, where the schedule ends."""
        return min(self.config.optimization.steps, self.schedule.end_step)

    def size_for(self, model: Model) -> tuple[int, int]:
        """Width and height of the pictures in pixels; the model's own where they are left open."""
        dataset = self.config.dataset
        return dataset.width or model.default_size, dataset.height or model.default_size

    def sizes_for(self, model: Model) -> tuple[tuple[int, int], ...]:
        """Width and height of each picture."""
        return self.sizes or (self.size_for(model),) * len(self.dataset.images)
