"""Which folders the pictures come from, and how often each is shown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ..errors import ConfigError
from .option import option

__all__ = ["FoldersConfig"]

_WEIGHTED = re.compile(r"(.+?)\s*:\s*([-+]?(?:[\d.,]+(?:e[-+]?\d+)?|nan|inf))", re.IGNORECASE)
_LEAST_WEIGHT, _MOST_WEIGHT = 0.001, 1000.0


@dataclass(frozen=True, kw_only=True)
class FoldersConfig:
    """More than one flat folder of pictures."""

    subfolders: bool = option(
        False,
        "Look into subfolders",
        "Pictures in all folders below count too; hidden folders don't.",
        elem_id="train_subfolders",
    )
    folder_repeats: bool = option(
        False,
        "Repeats by folder name",
        "Pictures of a subfolder called 10_name are shown 10 times an epoch, as in kohya's scripts. Balances"
        " few pictures against many; on its own it only makes an epoch longer.",
        elem_id="train_folder_repeats",
    )
    more_data_dirs: str = option(
        "",
        "More dataset directories",
        "One folder a line. With ': 2' behind it a folder is shown twice as often as the dataset directory,"
        " however many pictures each has; without any number all pictures count alike.",
        elem_id="train_more_data_dirs",
    )
    dataset_config: str = option(
        "",
        "Dataset config file of kohya",
        "A .toml with [[datasets]] and [[datasets.subsets]], in place of the dataset directory. What it sets"
        " goes before what is set here.",
        elem_id="train_dataset_config",
    )
    class_data_dir: str = option(
        "",
        "Class pictures directory",
        "Regularisation pictures. They teach an embedding nothing unless their captions name it; the others"
        " are left out, and that is said.",
        elem_id="train_class_data_dir",
    )

    @property
    def more_folders(self) -> tuple[tuple[str, float | None], ...]:
        """Folder and weight of each line of `more_data_dirs`; None where a line has no weight."""
        lines = (line.strip() for line in self.more_data_dirs.splitlines())
        return tuple(_folder_and_weight(line) for line in lines if line)

    def contradictions(self) -> Iterator[ConfigError]:
        """Weights that are none."""
        try:
            weights = [(path, weight) for path, weight in self.more_folders if weight is not None]
        except ValueError as error:
            yield ConfigError(
                f"More dataset directories has the weight {str(error)!r}; it must be a number such as 2 or"
                " 0.5, behind the folder and a colon.",
                field="more_data_dirs",
            )
            return
        for path, weight in weights:
            if not _LEAST_WEIGHT <= weight <= _MOST_WEIGHT:
                yield ConfigError(
                    f"More dataset directories gives {path} the weight {weight:g}; it must be from"
                    f" {_LEAST_WEIGHT:g} to {_MOST_WEIGHT:g}. Take the folder out if it shall not be shown.",
                    field="more_data_dirs",
                )


def _folder_and_weight(line: str) -> tuple[str, float | None]:
    """A colon within a path, as in C:\\pictures, begins no weight; raises ValueError for no number."""
    match = _WEIGHTED.fullmatch(line)
    if match is None:
        return line, None
    try:
        return match[1], float(match[2])
    except ValueError as error:
        raise ValueError(match[2]) from error
