"""WHAT to do: frozen dataclasses, each field declared once by `option()`, and YAML to and from them.

The one declaration gives the page its label and range, the command line its flag and help, and the
reference page its row. Standard library and PyYAML only.
"""

from .appearance import AppearanceConfig
from .captions import CaptionsConfig
from .create import CreateConfig
from .dataset import DatasetConfig
from .epochs import EpochsConfig
from .evaluation import EvaluationConfig
from .folders import FoldersConfig
from .generation import GenerationConfig
from .grid import GridConfig
from .likeness import LikenessConfig
from .loading import LoadingConfig
from .loss import LossConfig
from .mapping import from_mapping, from_yaml, mapping_from_yaml, replace_fields, to_mapping, to_yaml
from .masks import MasksConfig
from .memory import MemoryConfig
from .optimization import OptimizationConfig
from .optimizer import OptimizerConfig
from .option import Option, all_options, option, options_of
from .outputs import OutputsConfig
from .pictures import PicturesConfig
from .preprocess import PreprocessConfig
from .preprocess_captions import CaptioningConfig, TaggingConfig
from .preprocess_colors import BackgroundConfig, ColorsConfig
from .preprocess_crops import AutoSizeConfig, FocalCropConfig, SplitConfig
from .preprocess_files import FilesConfig
from .preview import PreviewConfig
from .rate import RateConfig
from .regularisation import RegularisationConfig
from .saving import SavingConfig
from .starting import StartingConfig
from .techniques import TechniquesConfig
from .training import TrainingConfig
from .validation import check, check_value
from .vectors import VectorsConfig

__all__ = [
    "AppearanceConfig",
    "AutoSizeConfig",
    "BackgroundConfig",
    "CaptioningConfig",
    "CaptionsConfig",
    "ColorsConfig",
    "CreateConfig",
    "DatasetConfig",
    "EpochsConfig",
    "EvaluationConfig",
    "FilesConfig",
    "FocalCropConfig",
    "FoldersConfig",
    "GenerationConfig",
    "GridConfig",
    "LikenessConfig",
    "LoadingConfig",
    "LossConfig",
    "MasksConfig",
    "MemoryConfig",
    "OptimizationConfig",
    "OptimizerConfig",
    "Option",
    "OutputsConfig",
    "PicturesConfig",
    "PreprocessConfig",
    "PreviewConfig",
    "RateConfig",
    "RegularisationConfig",
    "SavingConfig",
    "SplitConfig",
    "StartingConfig",
    "TaggingConfig",
    "TechniquesConfig",
    "TrainingConfig",
    "VectorsConfig",
    "all_options",
    "check",
    "check_value",
    "from_mapping",
    "from_yaml",
    "mapping_from_yaml",
    "option",
    "options_of",
    "replace_fields",
    "to_mapping",
    "to_yaml",
]
