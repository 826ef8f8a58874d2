"""Where things lie in a web UI's installation."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..paths import ModelFolders, Paths

__all__ = ["absolute", "paths_of"]

_OWN = "train_tab"
_LOG = "textual_inversion"


def paths_of(host_paths: Any, shared: Any, sd_models: Any) -> Paths:
    """Paths in an installation: `host_paths`, `shared` and `sd_models` are the host's modules.

    The host's embeddings folder is ours, runs lie where A1111 keeps them, below its data folder, and all that
    is ours alone in `train_tab` beside. Relative folders, as SD.Next has them, count from where it runs.
    """
    data, models = absolute(host_paths.data_path), absolute(host_paths.models_path)
    opts, given = shared.opts, shared.cmd_opts
    checkpoints = [sd_models.model_path, *_told(opts, given, "ckpt_dir", "ckpt_dirs", "diffusers_dir")]
    return Paths(
        data_dir=data / _OWN,
        embeddings_dir=next(_folders(_told(opts, given, "embeddings_dir")), data / "embeddings"),
        log_dir=next(_folders(_told(opts, given, "traintab_log_dir")), data / _LOG),
        borrowed=(
            ModelFolders(
                checkpoints=tuple(_folders(checkpoints)),
                vaes=tuple(_folders([models / "VAE", *_told(opts, given, "vae_dir", "vae_dirs")])),
                loras=tuple(_folders([models / "Lora", *_told(opts, given, "lora_dir", "lora_dirs")])),
            ),
        ),
        borrowed_templates=tuple(_folders(_told(opts, given, "textual_inversion_templates_dir"))),
    )


def _told(opts: Any, given: Any, *names: str) -> Iterator[Any]:
    """What settings, or the command line where there is no such setting, say of folders: one or a list."""
    for name in names:
        told = getattr(opts, name, None) or getattr(given, name, None)
        yield from told if isinstance(told, (list, tuple)) else [told]


def _folders(told: Any) -> Iterator[Path]:
    """Each folder once, absolute; what is empty is none."""
    yield from dict.fromkeys(absolute(one) for one in told if one)


def absolute(told: Any) -> Path:
    """What a host names, from where it runs; without `..`, and with links as they are: it knows them so."""
    return Path(os.path.abspath(str(told)))  # noqa: PTH100 - `resolve` would follow the links
