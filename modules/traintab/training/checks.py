"""Everything that can be wrong with a run, found before anything is started."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Mapping
from pathlib import Path

from ..configs import OptimizationConfig, TrainingConfig, check
from ..embeddings.embedding import Embedding
from ..embeddings.library import EmbeddingLibrary
from ..embeddings.names import check_name
from ..errors import (
    ConfigError,
    EmbeddingFileError,
    ModelError,
    NothingToDoError,
    ScheduleError,
)
from ..files import make_folder, user_path
from ..models.discovery import resolve
from ..models.facts import widths_of
from ..models.model import Model
from ..models.precision import check_precision
from ..paths import Paths
from ..schedules.learning_rate import Schedule
from .differences import differences_told
from .loss import check_prediction_type
from .picture_checks import check_pictures, find_template
from .plan import TrainingPlan
from .run_vectors import RunVectors, find_run_vectors, widths_of_vectors
from .session import GradientClipping
from .unfinished import Resume, differences, find_point, find_unfinished

__all__ = ["check_before_loading", "check_with_model"]


def check_before_loading(
    config: TrainingConfig, paths: Paths, *, resume: bool | Resume = False
) -> TrainingPlan:
    """Check a run as far as it goes without a model: settings, embedding, pictures, template, folders.

    With `resume` a run is gone on with by the settings in `config`, and what differs from its own is told
    (`unfinished.config_to_resume` gives its own). Nothing is written but folders. Raises an InputError.
    """
    library, name, known = _looked_up(config, paths)
    notices: list[str] = []
    resumed = None
    if resume:
        resumed, notices = find_point(name, paths, Resume() if resume is True else resume)
        known = library.find(name, widths_of_vectors(resumed.state["vectors"]))
    check(config)
    if resumed is None:
        notices.append(_unfinished_notice(name, paths))
    found = find_run_vectors(config, known, library, resumed)
    config = _with_names(config, found)
    schedule, clipping = _check_steps(config.optimization, name, found.start_step, resumed is not None)
    dataset, rules, said = check_pictures(config, name, paths)
    config = _with_lasting_paths(config, paths)
    if resumed is not None:
        notices.append(differences_told(differences(resumed, config, dataset.images, rules.template)))
    _check_writable(paths.log_dir, paths.embeddings_dir, paths.cache_dir)
    return TrainingPlan(
        config=config,
        dataset=dataset,
        rules=rules,
        schedule=schedule,
        clipping=clipping,
        embeddings=library.embeddings(widths_of_vectors(found.vectors)),
        vectors=found.vectors,
        start_step=found.start_step,
        trained=found.trained,
        resumed=resumed,
        notices=tuple(filter(None, (dataset.summary(), said, *found.notices, *notices))),
    )


def check_with_model(plan: TrainingPlan, model: Model) -> None:
    """Check that the model is in the precision asked for, and that the embedding fits it.

    Raises ModelError and EmbeddingFileError.
    """
    check_prediction_type(model)
    check_precision(model, plan.config.memory.precision)
    widths = widths_of_vectors(plan.vectors)
    if widths != model.widths:
        raise EmbeddingFileError(
            f"The embedding {plan.rules.name!r} has vectors of width {_listed(widths)}, but {model.name}"
            f" needs {_listed(model.widths)}; choose the model it was made for, or create another embedding."
        )


def _widths(spec: str, paths: Paths) -> Mapping[str, int] | None:
    """The model's widths as far as its files on this machine tell them; raises ModelError for no model."""
    try:
        checkpoint = resolve(spec, paths)
    except ModelError:
        return None  # told when it is loaded; a caller with a model of its own needs none of this name
    return None if checkpoint.path is None else widths_of(checkpoint)


def _looked_up(config: TrainingConfig, paths: Paths) -> tuple[EmbeddingLibrary, str, Embedding | None]:
    """The library, and the embedding's name as it is written there, with the embedding if there is one.

    Where several kinds of models have one of that name each, the model's own is meant.
    """
    library = EmbeddingLibrary(paths.embeddings_dir)
    library.refresh()
    name, widths = check_name(config.embedding_name), _widths(config.model, paths)
    fitting = None if widths is None else library.find(name, widths)
    known = fitting or library.find(name)
    return library, name if known is None else known.name, known


def _with_names(config: TrainingConfig, found: RunVectors) -> TrainingConfig:
    """The names as their files spell them."""
    own, *others = (one.name for one in found.trained)
    vectors = dataclasses.replace(config.vectors, more_embeddings=", ".join(others))
    return dataclasses.replace(config, embedding_name=own, vectors=vectors)


def _check_steps(
    optimization: OptimizationConfig, name: str, start_step: int, is_resumed: bool
) -> tuple[Schedule, GradientClipping | None]:
    """The schedules of learning rate and clipping; raises when no step is left to take.

    A resumed run may stand at its very end: killed after its last state, it has yet to save the embedding.
    """
    schedule = Schedule.parse(optimization.learning_rate, max_steps=optimization.steps)
    is_at_its_end = is_resumed and start_step == min(optimization.steps, schedule.end_step)
    if start_step >= optimization.steps and not is_at_its_end:
        raise NothingToDoError(
            f"The embedding {name!r} has been trained for {start_step} steps already and Max steps is"
            f" {optimization.steps}; raise Max steps to train it further."
        )
    if schedule.at(start_step) is None and not is_at_its_end:
        raise NothingToDoError(
            f"The learning-rate schedule {optimization.learning_rate!r} ends at step {schedule.end_step}, and"
            f" {name!r} has been trained for {start_step} steps; add a rate for the steps that follow."
        )
    if optimization.clip_grad_mode == "disabled":
        return schedule, None
    try:
        bounds = Schedule.parse(optimization.clip_grad_value, max_steps=optimization.steps)
    except ScheduleError as error:
        raise ScheduleError(f"Gradient clip value: {error}", position=error.position) from error
    return schedule, GradientClipping(mode=optimization.clip_grad_mode, bounds=bounds)


def _unfinished_notice(name: str, paths: Paths) -> str:
    folder = find_unfinished(name, paths)
    if folder is None:
        return ""
    return f"A new run begins; the unfinished one in {folder.path} is kept as it is."


def _check_writable(*folders: Path) -> None:
    """Try it: permissions alone don't tell of full or read-only disks."""
    for folder in folders:
        try:
            make_folder(folder)
            with tempfile.TemporaryFile(dir=folder) as probe:
                probe.write(b"\0")
        except OSError as error:
            raise ConfigError(
                f"The folder {folder} can't be written to: {error.strerror or error}. Free some disk space or"
                " choose another folder."
            ) from error


def _with_lasting_paths(config: TrainingConfig, paths: Paths) -> TrainingConfig:
    """Paths that mean the same from wherever run.yaml is used; known templates keep their bare names."""
    dataset = config.dataset
    template = find_template(dataset.template, paths)
    is_known = template.parent in paths.template_dirs
    dataset = dataclasses.replace(
        dataset,
        data_dir=str(user_path(dataset.data_dir).resolve()),
        template=template.name if is_known else str(template.resolve()),
    )
    return dataclasses.replace(config, dataset=dataset)


def _listed(widths: dict[str, int]) -> str:
    return " and ".join(f"{width} ({encoder})" for encoder, width in widths.items())
