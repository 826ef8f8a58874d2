"""Runs that can be resumed."""

from __future__ import annotations

from ..configs import TrainingConfig, from_yaml, replace_fields
from ..errors import ConfigError, NothingToDoError
from ..paths import Paths
from .run_folder import RunFolder, runs_of
from .state_files import state_paths

__all__ = ["config_to_resume", "find_unfinished", "read_run_config"]


def find_unfinished(name: str, paths: Paths) -> RunFolder | None:
    """The newest run of the embedding `name` that didn't come to its end and has a state to go on from."""
    for run in reversed(runs_of(name, paths.log_dir)):
        if run.is_unfinished and state_paths(run):
            return run
    return None


def config_to_resume(name: str, paths: Paths, *, steps: int | None = None) -> TrainingConfig:
    """The config of `name`'s newest unfinished run, with another number of steps in all when given.

    Pass it to `start_training(..., resume=True)`. Raises NothingToDoError when there is no such run,
    ConfigError when its run.yaml can't be used.
    """
    run = find_unfinished(name, paths)
    if run is None:
        raise NothingToDoError(
            f"There is no unfinished run of {name!r} to resume in {paths.log_dir}; start a new one, which"
            " goes on from the embedding's file."
        )
    config = read_run_config(run)
    return config if steps is None else replace_fields(config, {"optimization.steps": steps})


def read_run_config(run: RunFolder) -> TrainingConfig:
    """What `run.yaml` says; raises ConfigError."""
    try:
        text = run.run_yaml.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"Resuming {run.embedding_name} needs {run.run_yaml}, which can't be read ({error}). Start a"
            " new run."
        ) from error
    return from_yaml(TrainingConfig, text)
