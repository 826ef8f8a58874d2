"""Which folders the pictures come from, and how often each is shown."""

from __future__ import annotations

from dataclasses import dataclass

from .option import option

__all__ = ["FoldersConfig"]


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
