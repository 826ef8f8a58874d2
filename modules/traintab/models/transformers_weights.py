"""Models of transformers with a folder's weights: read as numbers only, and none may be missing."""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from ..errors import ModelError
from .model_files import ModelFiles
from .pickled_checkpoint import PickleRefused, read_pickled
from .transformers_adapter import without_progress_bar

__all__ = ["FolderWeights"]


@dataclass(frozen=True, kw_only=True)
class FolderWeights:
    """The weights in `folder`, of the best kind of `kinds` that is there.

    `purpose` is what the model is called in a refusal ("caption model"); names of weights that fit `needless`
    may be missing.
    """

    folder: Path
    kinds: ModelFiles
    purpose: str
    needless: re.Pattern[str]

    @property
    def are_pickled(self) -> bool:
        """Whether they are older than `.safetensors`."""
        return not self._files[0].endswith(".safetensors")

    def model(self, model_class: Any, config: Any, dtype: torch.dtype) -> Any:
        """A model of transformers' `model_class` with them, on the CPU.

        Raises ModelError for a pickle that names more than numbers, ValueError when weights are missing:
        transformers would draw them at random and only warn; and what transformers raises.
        """
        options: dict[str, Any] = {"config": config, "torch_dtype": dtype, "output_loading_info": True}
        with without_progress_bar():
            if self.are_pickled:
                # Old versions would run what a pickle asks for, and web UIs replace torch.load.
                model, info = model_class.from_pretrained(None, state_dict=self._unpickled(), **options)
            else:
                model, info = model_class.from_pretrained(
                    self.folder, use_safetensors=True, local_files_only=True, **options
                )
        missing = sorted(name for name in info["missing_keys"] if not self.needless.search(name))
        if missing:
            raise ValueError(f"the files lack {len(missing)} weights, {missing[0]} first")
        return model

    @property
    def _files(self) -> list[str]:
        return self.kinds.chosen_weights(path.name for path in self.folder.iterdir())

    def _unpickled(self) -> dict[str, torch.Tensor]:
        weights: dict[str, torch.Tensor] = {}
        for file in self._files:
            path = self.folder / file
            try:
                weights.update(read_pickled(path, is_zip=zipfile.is_zipfile(path)))
            except PickleRefused as error:
                raise ModelError(f"The {self.purpose}'s file {path} was refused: {error}.") from error
        return weights
