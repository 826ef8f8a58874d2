"""Runs that can be gone on with, and the points in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..configs import TrainingConfig, from_yaml, replace_fields
from ..configs.epochs import counted_in_steps
from ..datasets.report import DatasetImage
from ..errors import ConfigError, InputError, NothingToDoError
from ..paths import Paths
from ..prompts.templates import Template
from .differences import Difference, changed_inputs, changed_settings
from .inputs import TrainingInputs
from .plan import Resumed
from .run_folder import RunFolder, all_runs, runs_of
from .state_files import read_newest_state, read_state_of
from .together import names_in_run

__all__ = [
    "Resume",
    "config_to_resume",
    "differences",
    "find_point",
    "find_unfinished",
    "kept_steps",
    "read_run_config",
]


@dataclass(frozen=True, kw_only=True)
class Resume:
    """Where to go on: at the newest state of the newest unfinished run, or at `from_step`.

    With `from_step` it is the newest run, finished or not, that has a state of that step. That run is left
    as it is, and another one goes on from there, unless it is the unfinished run's newest state anyway.
    """

    from_step: int | None = None


def find_unfinished(name: str, paths: Paths) -> RunFolder | None:
    """The newest run of the embedding `name` that didn't come to its end and has a state to go on from."""
    for run in reversed(runs_of(name, paths.log_dir)):
        if run.is_unfinished and run.state_steps():
            return run
    return None


def kept_steps(name: str, paths: Paths) -> dict[int, RunFolder]:
    """Every step of `name` to go on from, the highest first, with the newest run that has it."""
    found: dict[int, RunFolder] = {}
    for run in runs_of(name, paths.log_dir):
        found.update(dict.fromkeys(run.state_steps(), run))
    return dict(sorted(found.items(), reverse=True))


def config_to_resume(
    name: str, paths: Paths, *, steps: int | None = None, resume: Resume | None = None
) -> TrainingConfig:
    """The config of the run that `resume` means, with another number of steps in all when given.

    Pass it to `start_training(..., resume=True)` to go on as it was; what is changed in it is honoured, and
    told. Raises NothingToDoError when there is no such run, ConfigError when its run.yaml can't be used.
    """
    config = read_run_config(_run_of(name, paths, resume or Resume()))
    return config if steps is None else replace_fields(config, counted_in_steps({"steps": steps}))


def find_point(name: str, paths: Paths, resume: Resume) -> tuple[Resumed, list[str]]:
    """The run and the state that `resume` means, with sentences about them.

    Raises NothingToDoError, and EmbeddingFileError when the state that is needed is damaged.
    """
    run = _run_of(name, paths, resume)
    if resume.from_step is None:
        state, torn = read_newest_state(run)
        return Resumed(folder=run, state=state), [torn] if torn else []
    state = read_state_of(run, resume.from_step)
    if run == find_unfinished(name, paths) and run.state_steps()[0] == resume.from_step:
        return Resumed(folder=run, state=state), []
    said = f"Going on from step {resume.from_step} of {run.path}, which is kept as it is, in a new folder."
    return Resumed(folder=run, state=state, is_branch=True), [said]


def differences(
    resumed: Resumed, config: TrainingConfig, images: Sequence[DatasetImage], template: Template
) -> list[Difference]:
    """What is no longer as it was: settings, pictures, captions, template lines. No model is needed."""
    try:
        settings = changed_settings(read_run_config(resumed.folder), config)
    except ConfigError:
        settings = []  # nobody knows what they were, and `config` tells what they are
    then = TrainingInputs.from_state(resumed.state)
    return settings + changed_inputs(then, TrainingInputs.of(images, template.lines))


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


def _run_of(name: str, paths: Paths, resume: Resume) -> RunFolder:
    if resume.from_step is not None:
        return _run_with(name, paths, resume.from_step)
    run = find_unfinished(name, paths)
    if run is None:
        raise NothingToDoError(
            f"There is no unfinished run of {name!r} to resume in {paths.log_dir}; start a new one, which"
            f" goes on from the embedding's file.{_trained_with(name, paths)}"
        )
    return run


def _trained_with(name: str, paths: Paths) -> str:
    """That an unfinished run of another embedding trains this one too; empty when none does."""
    for run in reversed(all_runs(paths.log_dir)):
        try:
            others = names_in_run(read_run_config(run))[1:] if run.is_unfinished else ()
        except InputError:
            continue  # of a run that can't be read nothing is known
        if name.casefold() in (other.casefold() for other in others):
            return f" It is trained in the unfinished run of {run.embedding_name!r} too; resume that one."
    return ""


def _run_with(name: str, paths: Paths, step: int) -> RunFolder:
    known = kept_steps(name, paths)
    if step not in known:
        there = f"there are {_listed(iter(known))}" if known else "there is none of any step"
        raise NothingToDoError(
            f"Going on with {name!r} from step {step} needs a state of that step in {paths.log_dir}, but"
            f" {there}. Choose one of those, or start a new run."
        )
    return known[step]


def _listed(steps: Iterator[int]) -> str:
    return ", ".join(str(step) for step in steps)
