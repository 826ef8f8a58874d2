"""All that a grid will draw, known before anything is drawn."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from ..configs import GenerationConfig, GridConfig, TrainingConfig
from ..configs.grid import AS_PREVIEWS
from ..configs.samplers import AUTOMATIC
from ..embeddings.embedding import Embedding
from ..embeddings.formats import read_embedding
from ..errors import EmbeddingFileError, ModelError, NothingToDoError
from ..models.discovery import resolve
from ..paths import Paths
from ..training.preview_prompts import preview_pictures
from ..training.run_curve import read_run_curve
from ..training.run_folder import RunFolder
from .prompts import grid_prompts, named
from .rows import Subject, check_fits, grid_rows
from .snapshot import GridColumn, GridRow
from .steps import KeptRun, chosen_steps, find_kept_run

__all__ = ["GridPlan", "Place", "plan_grid"]

_SEEDS = 2**32
_ANY = -1
_IN_TURN = (
    "The models are loaded one after the other; what else is drawn meanwhile is drawn by the one that is"
    " loaded."
)


@dataclass(frozen=True, kw_only=True)
class Place:
    """One picture of a grid: indices of its row and column, and its seed."""

    row: int
    column: int
    seed: int


@dataclass(frozen=True, kw_only=True, eq=False)
class GridPlan:
    """What is to be drawn: every row for every column and seed.

    `prompt` is the first, or the only one, `settings` are what all pictures have in common, `vectors` the
    embeddings of each column by name, `model` the one that draws where a row names no other, `notes`
    sentences that the user should know.
    """

    name: str
    run: RunFolder
    columns: tuple[GridColumn, ...]
    rows: tuple[GridRow, ...]
    seeds: tuple[int, ...]
    prompt: str
    settings: GenerationConfig
    vectors: tuple[Mapping[str, Embedding], ...]
    model: str
    notes: tuple[str, ...] = ()

    def places(self) -> Iterator[Place]:
        """In the order of drawing: soon a picture of every cell, and each model is loaded once."""
        models = dict.fromkeys(row.model for row in self.rows)
        for model, seed in product(models, self.seeds):
            own = [index for index, row in enumerate(self.rows) if row.model == model]
            for index, column in product(own, range(len(self.columns))):
                yield Place(row=index, column=column, seed=seed)

    def picture(self, place: Place) -> GenerationConfig:
        """What is drawn there."""
        row = self.rows[place.row]
        scale = self.settings.guidance_scale if row.guidance_scale is None else row.guidance_scale
        return dataclasses.replace(self.settings, prompt=row.prompt, seed=place.seed, guidance_scale=scale)

    def model_of(self, place: Place) -> str:
        """The model that draws it."""
        return self.rows[place.row].model or self.model


def plan_grid(config: GridConfig, paths: Paths, model: str) -> GridPlan:
    """What `config`, which is checked, asks for, drawn with `model` unless rows are models.

    Reads the copies that are shown. Raises ConfigError, NothingToDoError, EmbeddingFileError when none of
    them can be read, and ModelError when the embedding doesn't fit the model.
    """
    kept = find_kept_run(config, paths)
    columns, vectors, notes = _read(config, kept)
    own = next(one for one in vectors[0].values() if one.name.casefold() == config.embedding_name.casefold())
    run_config = kept.config or TrainingConfig(embedding_name=own.name, model=model)
    subject = Subject(name=own.name, widths=own.widths, run=run_config)
    rows = grid_rows(config, subject, paths, model)
    if config.grid_rows == "models":
        notes.append(_IN_TURN)
    else:
        check_fits(resolve(model, paths), subject)
        notes += _of_another_model(run_config, model, paths)
    notes += [
        f"The prompt {prompt!r} doesn't name {own.name}, so it looks the same at every step."
        for prompt in dict.fromkeys(row.prompt for row in rows)
        if own.name.casefold() not in prompt.casefold()
    ]
    settings = _settings(config, run_config)
    seeds = tuple((settings.seed + number) % _SEEDS for number in range(config.grid_seeds))
    return GridPlan(
        name=own.name,
        run=kept.folder,
        columns=columns,
        rows=rows,
        seeds=seeds,
        prompt=named(grid_prompts(config, run_config)[0], own.name),
        settings=settings,
        vectors=vectors,
        model=model,
        notes=tuple(notes),
    )


def _read(
    config: GridConfig, kept: KeptRun
) -> tuple[tuple[GridColumn, ...], tuple[Mapping[str, Embedding], ...], list[str]]:
    """The columns with their vectors, less those whose copies can't be read: these are told of."""
    losses, best = dict(read_run_curve(kept.folder.path).evaluations), kept.best_step
    columns, vectors, told = [], [], []
    for step in chosen_steps(config, kept):
        files = kept.files[step]
        try:
            read = {
                name: dataclasses.replace(read_embedding(path), name=name) for name, path in files.items()
            }
        except EmbeddingFileError as error:
            told.append(f"Step {step} is left out. {error}")
            continue
        path = next(
            path for name, path in files.items() if name.casefold() == config.embedding_name.casefold()
        )
        columns.append(
            GridColumn(step=step, path=path, evaluation_loss=losses.get(step), is_best=step == best)
        )
        vectors.append(read)
    if not columns:
        raise NothingToDoError(f"No kept step of {config.embedding_name} can be read. {' '.join(told)}")
    return tuple(columns), tuple(vectors), told


def _settings(config: GridConfig, run: TrainingConfig) -> GenerationConfig:
    """As the run's previews are drawn, with what was asked for otherwise."""
    previews = preview_pictures(run, (), "")[0]
    first = previews.seed if config.grid_first_seed is None else config.grid_first_seed
    if config.grid_sampler != AS_PREVIEWS:
        previews = dataclasses.replace(previews, sampler=config.grid_sampler, schedule_type=AUTOMATIC)
    return dataclasses.replace(
        previews,
        prompt="",
        seed=1 if first == _ANY else first,
        num_inference_steps=config.grid_sampling_steps or previews.num_inference_steps,
        width=config.grid_width or previews.width,
        height=config.grid_height or previews.height,
    )


def _of_another_model(run: TrainingConfig, model: str, paths: Paths) -> Sequence[str]:
    try:
        is_the_same = resolve(run.model, paths).source == resolve(model, paths).source
    except ModelError:
        is_the_same = False
    if is_the_same:
        return []
    return [f"Drawn with {model}; the embedding was trained on {run.model}."]
