"""Everything that can be wrong with a run, found before anything is started."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Mapping
from pathlib import Path

from ..configs import TrainingConfig, check
from ..embeddings.embedding import Embedding
from ..embeddings.library import EmbeddingLibrary
from ..embeddings.names import check_name
from ..errors import ConfigError, EmbeddingFileError, ModelError
from ..files import make_folder
from ..models.discovery import resolve
from ..models.facts import widths_of
from ..models.model import Model
from ..models.precision import check_precision
from ..paths import Paths
from .clip_skip import check_clip_skip
from .context_prompts import with_lasting_prompts
from .dataset_folders import with_dataset_config, with_lasting_folders
from .differences import differences_told
from .epochs import steps_per_epoch, with_epochs
from .looking import Looking
from .loss import check_prediction_type
from .output_checks import checked_outputs
from .picture_checks import check_pictures, find_template
from .plan import Resumed, TrainingPlan
from .run_vectors import RunVectors, find_run_vectors, widths_of_vectors
from .step_checks import check_steps
from .unfinished import Resume, differences, find_point, find_unfinished

__all__ = ["check_before_loading", "check_widths", "check_with_model"]


def check_before_loading(
    config: TrainingConfig, paths: Paths, *, resume: bool | Resume = False, looking: Looking | None = None
) -> TrainingPlan:
    """Check a run as far as it goes without a model: settings, embedding, pictures, template, folders.

    With `resume` a run is gone on with by the settings in `config`, and what differs from its own is told
    (`unfinished.config_to_resume` gives its own). Nothing is written but folders. `looking` may know
    the folders already. Raises an InputError.
    """
    library, name, known = _looked_up(config, paths, looking)
    resumed, notices = _point(name, paths, resume)
    if resumed is not None:
        known = library.find(name, widths_of_vectors(resumed.state["vectors"]))
    check(config)
    config, left_out = checked_outputs(config, is_resumed=resumed is not None)
    config, file_told = with_dataset_config(with_lasting_prompts(config))
    found = find_run_vectors(config, known, library, resumed)
    config = _with_names(config, found)
    dataset, rules, said = check_pictures(config, name, paths, None if looking is None else looking.look)
    config, epochs_told = with_epochs(config, steps_per_epoch(config, dataset))
    steps = check_steps(config, name, found.start_step, is_resumed=resumed is not None)
    config = _with_lasting_paths(config, paths)
    if resumed is not None:
        notices.append(differences_told(differences(resumed, config, dataset.images, rules.template)))
    _check_writable(paths.log_dir, paths.embeddings_dir, paths.cache_dir)
    told = (left_out, file_told, dataset.summary(), said, epochs_told, steps.notice, *found.notices, *notices)
    return TrainingPlan(
        config=config,
        dataset=dataset,
        rules=rules,
        schedule=steps.curve,
        clipping=steps.clipping,
        optimizer=steps.optimizer,
        embeddings=library.embeddings(widths_of_vectors(found.vectors)),
        vectors=found.vectors,
        start_step=found.start_step,
        trained=found.trained,
        resumed=resumed,
        notices=tuple(filter(None, told)),
    )


def check_with_model(plan: TrainingPlan, model: Model) -> None:
    """Check that the model is in the precision asked for, and that settings and embedding fit it.

    Raises ModelError, ConfigError and EmbeddingFileError.
    """
    check_prediction_type(model)
    check_precision(model, plan.config.memory.precision)
    plan.optimizer.check_device(model.device)
    check_widths(plan, model.name, model.widths)
    check_clip_skip(plan.config.vectors.clip_skip, model)


def check_widths(plan: TrainingPlan, model_name: str, widths: Mapping[str, int]) -> None:
    """Raise EmbeddingFileError when the vectors aren't for a model of these widths by text encoder."""
    own = widths_of_vectors(plan.vectors)
    if own != widths:
        raise EmbeddingFileError(
            f"The embedding {plan.rules.name!r} has vectors of width {_listed(own)}, but {model_name} needs"
            f" {_listed(widths)}; choose the model it was made for, or create another embedding."
        )


def _widths(spec: str, paths: Paths) -> Mapping[str, int] | None:
    """The model's widths as far as its files on this machine tell them; raises ModelError for no model."""
    try:
        checkpoint = resolve(spec, paths)
    except ModelError:
        return None  # told when it is loaded; a caller with a model of its own needs none of this name
    return None if checkpoint.path is None else widths_of(checkpoint)


def _looked_up(
    config: TrainingConfig, paths: Paths, looking: Looking | None
) -> tuple[EmbeddingLibrary, str, Embedding | None]:
    """The library, and the embedding's name as it is written there, with the embedding if there is one.

    Where several kinds of models have one of that name each, the model's own is meant.
    """
    library = (looking and looking.library) or EmbeddingLibrary(paths.embeddings_dir)
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


def _point(name: str, paths: Paths, resume: bool | Resume) -> tuple[Resumed | None, list[str]]:
    """What is gone on with, or None for a new run, and sentences about it."""
    if not resume:
        return None, [_unfinished_notice(name, paths)]
    return find_point(name, paths, Resume() if resume is True else resume)


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
    config = with_lasting_folders(config)
    template = find_template(config.dataset.template, paths)
    is_known = template.parent in paths.template_dirs
    name = template.name if is_known else str(template.resolve())
    return dataclasses.replace(config, dataset=dataclasses.replace(config.dataset, template=name))


def _listed(widths: Mapping[str, int]) -> str:
    return " and ".join(f"{width} ({encoder})" for encoder, width in widths.items())
