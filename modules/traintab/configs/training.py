"""What a training run does: all parts together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ..errors import ConfigError
from .captions import CaptionsConfig
from .dataset import DatasetConfig
from .epochs import EpochsConfig
from .evaluation import EvaluationConfig
from .folders import FoldersConfig
from .loading import LoadingConfig
from .loss import LossConfig
from .masks import MasksConfig
from .memory import MemoryConfig
from .optimization import OptimizationConfig
from .optimizer import OptimizerConfig
from .option import option
from .outputs import OutputsConfig
from .pictures import PicturesConfig
from .preview import PreviewConfig
from .rate import RateConfig
from .regularisation import RegularisationConfig
from .techniques import TechniquesConfig
from .vectors import VectorsConfig

__all__ = ["TrainingConfig"]


@dataclass(frozen=True, kw_only=True)
class TrainingConfig:
    """A whole run. `run.yaml` in the log directory holds one, and reruns the run."""

    embedding_name: str = option(
        "", "Embedding", "The embedding to train.", elem_id="train_embedding", flag="NAME", required=True
    )
    seed: int = option(
        0,
        "Training seed",
        "The same seed, pictures and settings train the same vectors.",
        minimum=0,
        maximum=2**32 - 1,
        step=1,
        elem_id="train_seed",
    )
    model: str = option(
        "demo", "Model", "The Stable Diffusion model to train on.", elem_id="train_model", required=True
    )
    loading: LoadingConfig = field(default_factory=LoadingConfig)
    dataset: DatasetConfig = field(default_factory=DatasetConfig)
    folders: FoldersConfig = field(default_factory=FoldersConfig)
    captions: CaptionsConfig = field(default_factory=CaptionsConfig)
    pictures: PicturesConfig = field(default_factory=PicturesConfig)
    masks: MasksConfig = field(default_factory=MasksConfig)
    optimization: OptimizationConfig = field(default_factory=OptimizationConfig)
    optimizer: OptimizerConfig = field(default_factory=OptimizerConfig)
    rate: RateConfig = field(default_factory=RateConfig)
    epochs: EpochsConfig = field(default_factory=EpochsConfig)
    loss: LossConfig = field(default_factory=LossConfig)
    regularisation: RegularisationConfig = field(default_factory=RegularisationConfig)
    techniques: TechniquesConfig = field(default_factory=TechniquesConfig)
    vectors: VectorsConfig = field(default_factory=VectorsConfig)
    memory: MemoryConfig = field(default_factory=MemoryConfig)
    outputs: OutputsConfig = field(default_factory=OutputsConfig)
    preview: PreviewConfig = field(default_factory=PreviewConfig)
    evaluation: EvaluationConfig = field(default_factory=EvaluationConfig)

    def lacking(self) -> Iterator[ConfigError]:
        """Pictures: one of two settings has to name them."""
        if not str(self.dataset.data_dir).strip() and not str(self.folders.dataset_config).strip():
            yield ConfigError(
                "Dataset directory is empty; fill it in: the folder with your training pictures.",
                field="data_dir",
            )
