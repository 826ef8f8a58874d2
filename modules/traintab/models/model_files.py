"""Which files a model is made of, and where they lie: in a folder of the user's, or still on the hub."""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from ..errors import ModelError
from ..files import kind_of, user_path

__all__ = [
    "IMAGE_ENCODER_FILES",
    "IMAGE_TO_TEXT_FILES",
    "ModelFiles",
    "check_model_files",
    "folder_for",
    "folder_here",
    "refuse_incomplete",
]

_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")
_PLAIN_NAME = re.compile(r"\w[\w.+-]*")  # a server's word must not lead out of the folder
_INDEX_SUFFIX = ".index.json"
_SPLIT = "-of-"  # model-00001-of-00002.safetensors


@dataclass(frozen=True, kw_only=True)
class ModelFiles:
    """Files by patterns of their names, such as `*.json`; those in subfolders are never meant.

    `needed` must all be there, and something of `one_of` where it names any; `useful` are taken where they
    are. Of `weights` the first pattern that some file fits is taken, the best kind first. `setting` is the
    label of the option that takes a folder.
    """

    setting: str
    needed: tuple[str, ...]
    one_of: tuple[str, ...] = ()
    useful: tuple[str, ...] = ()
    weights: tuple[str, ...] = ()

    def chosen(self, names: Iterable[str]) -> list[str]:
        """The names among `names` that are wanted, the weights last."""
        plain = sorted(name for name in names if _PLAIN_NAME.fullmatch(name))
        weights = self.chosen_weights(plain)
        patterns = self.needed + self.one_of + self.useful
        return [name for name in plain if name not in weights and _fits(name, patterns)] + weights

    def chosen_weights(self, names: Iterable[str]) -> list[str]:
        """The files of the best kind of weights that is there; none when there is none."""
        known = sorted(names)
        kinds = ([name for name in known if fnmatchcase(name, pattern)] for pattern in self.weights)
        return next((kind for kind in kinds if kind), [])

    def missing_from(self, folder: Path) -> list[str]:
        """What is needed and not in `folder`, named for a sentence; parts of split weights count too."""
        names = _files_in(folder)
        missing = self.missing_among(names)
        weights = self.chosen_weights(names)
        if any(_SPLIT in name for name in weights):
            first = Path(weights[0])
            index = folder / f"{first.name.partition('-')[0]}{first.suffix}{_INDEX_SUFFIX}"
            missing += sorted(_parts_of(index) - set(names))
        return missing

    def missing_among(self, names: Iterable[str]) -> list[str]:
        """The same for a list of names alone."""
        known = list(names)
        missing = [
            pattern for pattern in self.needed if not any(fnmatchcase(name, pattern) for name in known)
        ]
        if self.one_of and not any(_fits(name, self.one_of) for name in known):
            missing.append(" or ".join(self.one_of))
        if self.weights and not self.chosen_weights(known):
            missing.append(self.weights[0])
        return missing


IMAGE_TO_TEXT_FILES = ModelFiles(
    setting="Caption model",
    needed=("config.json",),
    one_of=("tokenizer.json", "vocab.txt", "vocab.json", "*.model"),  # old or new tokenizers
    useful=("*.json", "*.jinja", "merges.txt"),
    weights=(
        "model.safetensors",
        "model-*-of-*.safetensors",
        "pytorch_model.bin",
        "pytorch_model-*-of-*.bin",
    ),
)

IMAGE_ENCODER_FILES = ModelFiles(
    setting="Likeness model",
    needed=("config.json",),
    useful=("*.json", "merges.txt"),  # how a picture becomes numbers, and CLIP's words
    weights=IMAGE_TO_TEXT_FILES.weights,
)


def folder_here(model: str) -> Path | None:
    """The folder that a user's `model` names, None when it is none (or nothing) on this machine."""
    folder = user_path(model)
    return folder if kind_of(folder) == "folder" else None


def folder_for(model: str, models_dir: Path) -> Path:
    """Where the files of the hub's `owner/name` are kept: `models_dir/owner--name`."""
    return models_dir / model.replace("/", "--")


def check_model_files(model: str, files: ModelFiles, models_dir: Path) -> None:
    """Raise ModelError when `model`, a folder or a hub id, can't be used: cheap, and nothing is fetched."""
    here = folder_here(model)
    if here is not None:
        refuse_incomplete(here, files)
        return
    if kind_of(user_path(model)) == "file":
        raise ModelError(f"{files.setting}: {model} is a file. Give the folder it lies in.")
    if not _HUB_ID.fullmatch(model):
        raise ModelError(
            f"{files.setting}: there is no folder {model!r}. Give a folder of model files, or a Hugging Face"
            " id of the form owner/name."
        )
    if files.missing_from(folder_for(model, models_dir)) and not _can_fetch():
        raise ModelError(
            f"{files.setting}: fetching {model} needs the package huggingface_hub. Install it by"
            f" `pip install huggingface_hub`, or put the files into {folder_for(model, models_dir)}."
        )


def refuse_incomplete(folder: Path, files: ModelFiles) -> None:
    """Raise ModelError when something is missing in `folder`."""
    missing = files.missing_from(folder)
    if missing:
        raise ModelError(
            f"{files.setting}: the folder {folder} lacks {_listed(missing)}. Copy or download the model's"
            " files again, or choose another folder."
        )


def _can_fetch() -> bool:
    return importlib.util.find_spec("huggingface_hub") is not None


def _files_in(folder: Path) -> list[str]:
    """The names of the files there: of no folder, pipe or link to nothing."""
    try:
        return [path.name for path in folder.iterdir() if path.is_file()]
    except OSError:  # it isn't there, or is closed: then nothing in it can be used
        return []


def _fits(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _parts_of(index: Path) -> set[str]:
    """The files that weights are split into; a broken index names none, and loading tells of it."""
    try:
        content = json.loads(index.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return set()
    parts = content.get("weight_map") if isinstance(content, dict) else None
    return {str(name) for name in parts.values()} if isinstance(parts, dict) else set()


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
