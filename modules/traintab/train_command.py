"""A training as the command line that does the same: only what differs from the defaults, quoted."""

from __future__ import annotations

import re
import shlex
import subprocess
from typing import Any

from .configs import Option, TrainingConfig, all_options, to_mapping
from .paths import Paths

__all__ = ["FLAGS", "train_arguments", "train_command"]

FLAGS = (
    *("data_dir", "steps", "learning_rate", "batch_size", "template", "width", "height", "seed"),
    *("save_every", "preview_every", "model", "vae", "prediction_type"),
)
"""The settings that have a flag of their own, by field name; `--set` takes all."""

_PROGRAM = ("extension.py", "train")
_NAME = "embedding_name"
# Of Windows' two shells one reads < > | & ^ and the other , ; ( ) $ @ as their own, if not between quotes.
_PLAIN_ON_WINDOWS = re.compile(r"[\w./\\:=+-]+")


def train_command(config: TrainingConfig, paths: Paths, *, for_windows: bool = False) -> str:
    """What to type in the program's folder to train as `config` says, in a POSIX shell or Windows' own."""
    words = [*_PROGRAM, *train_arguments(config, paths)]
    if for_windows:
        return " ".join(map(_quoted_for_windows, ["python", *words]))
    return shlex.join(["python3", *words])


def train_arguments(config: TrainingConfig, paths: Paths) -> list[str]:
    """The words behind `train`: the name, folders that aren't where they usually are, flags and `--set`.

    What counts in epochs is in `--set`, behind the flags that count in steps and would switch it off.
    """
    options, values = all_options(TrainingConfig), _flat(config)
    name = str(values.pop(_NAME))
    texts = {
        field: _text(options[field], value)
        for field, value in values.items()
        if value != options[field].default
    }
    words = _folders(paths)
    for field in FLAGS:
        if field in texts:
            words += _word(options[field].command_line_flag, texts[field])
    for field, text in texts.items():
        if field not in FLAGS:
            words += ["--set", f"{field}={text}"]
    return [*words, "--", name] if name.startswith("-") else [name, *words]


def _word(flag: str, value: str) -> list[str]:
    """`--flag value`; with an equals sign where the value would be taken for a flag itself."""
    return [f"{flag}={value}"] if value.startswith("-") else [flag, value]


def _quoted_for_windows(word: str) -> str:
    """As a program on Windows takes its arguments apart, and so that no shell takes a part for its own."""
    quoted = subprocess.list2cmdline([word])
    if quoted.startswith('"') or _PLAIN_ON_WINDOWS.fullmatch(word):
        return quoted
    backslashes = len(word) - len(word.rstrip("\\"))
    return '"' + quoted + "\\" * backslashes + '"'  # the last ones would make the quote a letter


def _folders(paths: Paths) -> list[str]:
    usual = Paths.under(paths.data_dir)
    words = []
    if paths.data_dir != Paths.under().data_dir:
        words += ["--data-dir", str(paths.data_dir)]
    if paths.embeddings_dir != usual.embeddings_dir:
        words += ["--embeddings-dir", str(paths.embeddings_dir)]
    if paths.log_dir != usual.log_dir:
        words += ["--log-dir", str(paths.log_dir)]
    return words


def _flat(config: TrainingConfig) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in to_mapping(config).items():
        flat.update(value if isinstance(value, dict) else {key: value})
    return flat


def _text(declared: Option, value: Any) -> str:
    """As `--set` reads it: an empty text for what is left to the program, `true` and `false`."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value) if declared.type is float else str(value)
