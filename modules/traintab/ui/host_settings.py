"""The section *Train Tab* of a web UI's settings: with what the fields of *Train* begin there.

The keys are A1111's, so what a user has chosen in A1111 or Forge counts here too, and settings that the web
UI has already aren't shown twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from ..configs import TrainingConfig, all_options

__all__ = ["LOG_DIR_KEY", "add_section", "start_values"]

LOG_DIR_KEY = "traintab_log_dir"
_LOG_DIR_LABEL = (
    "Folder in which the runs are kept; empty for textual_inversion in the web UI's data folder. Restart"
    " after a change."
)
_SECTION = ("traintab", "Train Tab")
# A1111's keys, and our fields of the same meaning.
_KEYS: Mapping[str, str] = MappingProxyType(
    {
        "save_optimizer_state": "save_optimizer_state",
        "training_write_csv_every": "write_csv_every",
        "training_enable_tensorboard": "tensorboard",
        "dataset_filename_word_regex": "filename_word_regex",
        "dataset_filename_join_string": "filename_join_string",
    }
)
# What they draw with, and A1111 trains with: each web UI has it somewhere else in its settings.
_READ_ONLY: Mapping[str, str] = MappingProxyType({"CLIP_stop_at_last_layers": "clip_skip"})


def add_section(opts: Any, option_info: Callable[..., Any]) -> None:
    """Add to the web UI's `opts` what it lacks of these; `option_info` is its class for one setting."""
    fields = all_options(TrainingConfig)
    for key, name in _KEYS.items():
        if key not in opts.data_labels:
            opts.add_option(key, option_info(fields[name].default, fields[name].label, section=_SECTION))
    opts.add_option(LOG_DIR_KEY, option_info("", _LOG_DIR_LABEL, section=_SECTION))


def start_values(settings: Mapping[str, object]) -> dict[str, object]:
    """Values of fields of *Train* by `Host.settings`; one of another kind than the field's is left out."""
    fields = all_options(TrainingConfig)
    chosen = {}
    for key, name in {**_KEYS, **_READ_ONLY}.items():
        value, default = settings.get(key), fields[name].default
        if isinstance(default, int) and not isinstance(default, bool) and isinstance(value, float):
            value = int(value)  # what gradio's Number gives
        if type(value) is type(default):
            chosen[name] = value
    return chosen
