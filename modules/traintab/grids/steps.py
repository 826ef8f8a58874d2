"""Which steps of a run are compared: what was kept of it, and a choice among it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..configs import GridConfig, TrainingConfig
from ..embeddings.library import EmbeddingLibrary
from ..errors import ConfigError, InputError, NothingToDoError
from ..paths import Paths
from ..training.best import read_best
from ..training.copies import copies_of
from ..training.run_folder import RunFolder, all_runs, runs_of
from ..training.state_files import read_newest_state
from ..training.together import TogetherFacts, names_in_run
from ..training.unfinished import read_run_config

__all__ = ["KeptRun", "chosen_steps", "find_kept_run", "kept_files", "most_telling"]

_AT_MOST = 8


@dataclass(frozen=True, kw_only=True)
class KeptRun:
    """A run with what was kept of it: the files by embedding's name, by step; the lowest step first.

    `config` is the run's own, None when its run.yaml can't be read.
    """

    folder: RunFolder
    config: TrainingConfig | None
    files: Mapping[int, Mapping[str, Path]]

    @property
    def best_step(self) -> int | None:
        """The step with the lowest evaluation loss whose copy is there."""
        best = read_best(self.folder)
        return None if best is None else best.step


def find_kept_run(config: GridConfig, paths: Paths) -> KeptRun:
    """The run that `config` means: its own, or the newest with copies that trained the embedding.

    Raises ConfigError for a folder that is none of the log directory's runs, NothingToDoError when there is
    nothing to compare.
    """
    name, named = config.embedding_name, config.run.strip()
    for folder in [_run_at(named, paths)] if named else _runs_with(name, paths):
        kept = _kept(folder, paths)
        if any(_own_name(name, files) for files in kept.files.values()):
            return kept
    where = f"The run {named}" if named else f"The log directory {paths.log_dir}"
    raise NothingToDoError(
        f"{where} holds no kept step of {name!r} to compare. Train it with Save a copy of embedding to log"
        " directory every N steps above 0, or press Save now while it trains."
    )


def chosen_steps(config: GridConfig, kept: KeptRun) -> tuple[int, ...]:
    """The steps to show, in rising order; raises ConfigError for one that wasn't kept."""
    steps = [step for step, files in kept.files.items() if _own_name(config.embedding_name, files)]
    wanted = config.wanted_steps
    if wanted is None:
        return tuple(steps) if config.wants_all else most_telling(steps, kept.best_step)
    missing = [str(step) for step in wanted if step not in steps]
    if missing:
        raise ConfigError(
            f"Steps to compare names {', '.join(missing)}, of which there is no copy in {kept.folder.path};"
            f" there are {', '.join(map(str, steps))}.",
            field="grid_steps",
        )
    return wanted


def most_telling(steps: Sequence[int], best: int | None, at_most: int = _AT_MOST) -> tuple[int, ...]:
    """At most so many (3 or more) of `steps`, in rising order and evenly spread.

    The first and the last are among them, and the `best`, where it is one of the steps.
    """
    ordered = sorted(set(steps))
    if len(ordered) <= at_most:
        return tuple(ordered)
    last = len(ordered) - 1
    chosen = [round(index * last / (at_most - 1)) for index in range(at_most)]
    place = ordered.index(best) if best in ordered else 0
    if place not in chosen:
        nearest = min(chosen[1:-1], key=lambda each: abs(each - place))
        chosen[chosen.index(nearest)] = place
    return tuple(ordered[place] for place in sorted(chosen))


def kept_files(run: RunFolder, paths: Paths) -> Mapping[int, Mapping[str, Path]]:
    """The run's copies by embedding's name, by step, the lowest first; only steps that have all of them."""
    return _kept(run, paths).files


def _own_name(name: str, files: Mapping[str, Path]) -> bool:
    return name.casefold() in (each.casefold() for each in files)


def _run_at(place: str, paths: Paths) -> RunFolder:
    folder = (paths.log_dir / place).resolve()
    is_inside = folder.is_relative_to(paths.log_dir.resolve()) and folder.is_dir()
    name = RunFolder(path=folder, embedding_name="").trained_name if is_inside else ""
    if not name:
        raise ConfigError(
            f"Run is {place!r}, which is no run in the log directory {paths.log_dir}; write its folder, such"
            " as 2026-01-31/sks, or leave it empty for the newest.",
            field="run",
        )
    return RunFolder(path=folder, embedding_name=name)


def _runs_with(name: str, paths: Paths) -> Iterator[RunFolder]:
    """Runs called after the embedding, the newest first, then those that trained it with another."""
    own = list(reversed(runs_of(name, paths.log_dir)))
    yield from own
    others = [run for run in all_runs(paths.log_dir) if run not in own]
    for run in sorted(others, key=lambda run: (run.started, str(run.path)), reverse=True):
        config = _config_of(run)
        if config is not None and name.casefold() in (each.casefold() for each in names_in_run(config)):
            yield run


def _config_of(run: RunFolder) -> TrainingConfig | None:
    """None for a run.yaml that can't be read: the copies are there all the same."""
    try:
        config = read_run_config(run)
        names_in_run(config)
    except InputError:
        return None
    return config


def _kept(run: RunFolder, paths: Paths) -> KeptRun:
    config = _config_of(run)
    names = (run.embedding_name,) if config is None else names_in_run(config)
    offsets = _offsets(run) if len(names) > 1 else {}
    files: dict[int, dict[str, Path]] = {}
    for name in names:
        for number, path in copies_of(RunFolder(path=run.path, embedding_name=name)):
            files.setdefault(number - offsets.get(name, 0), {})[name] = path
    _add_the_end(run, files, names, paths)
    whole = {step: by_name for step, by_name in files.items() if len(by_name) == len(names)}
    return KeptRun(folder=run, config=config, files=dict(sorted(whole.items())))


def _offsets(run: RunFolder) -> dict[str, int]:
    """By how much the steps in the copies' names are ahead of the run's, by embedding's name."""
    try:
        state, _ = read_newest_state(run)
    except InputError:
        return {}
    return {str(facts["name"]): int(facts["step_offset"]) for facts in TogetherFacts.of(state)}


def _add_the_end(
    run: RunFolder, files: dict[int, dict[str, Path]], names: Sequence[str], paths: Paths
) -> None:
    """Where the run ended between two copies, its last step is in the embeddings' own files."""
    states = run.state_steps()
    if not states or states[0] in files:
        return
    library = EmbeddingLibrary(paths.embeddings_dir)
    library.refresh()
    found = [library.find(name) for name in names]
    own = found[0]
    if own is None or own.step != states[0] or runs_of(run.embedding_name, paths.log_dir)[-1:] != [run]:
        return
    ends = {name: one.source for name, one in zip(names, found, strict=True) if one and one.source}
    files[states[0]] = ends
