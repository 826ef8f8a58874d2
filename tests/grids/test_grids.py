"""Grids drawn with a real tiny model."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from traintab.configs import GenerationConfig, from_mapping
from traintab.embeddings.formats import read_embedding, write_embedding
from traintab.errors import BusyError, ConfigError, NothingToDoError
from traintab.grids import GridState
from traintab.sampling.infotext import config_from_infotext, parse_infotext
from traintab.sampling.picture_info import read_infotext
from traintab.sampling.txt2img import txt2img
from traintab.training.lock import embedding_lock
from traintab.training.run_folder import RunFolder


def pixels(path: Path) -> bytes:
    with Image.open(path) as image:
        return image.tobytes()


def told_by(infotext: str) -> GenerationConfig:
    return from_mapping(GenerationConfig, config_from_infotext(infotext)[0])


def test_every_kept_step_is_drawn_for_every_prompt_and_seed(bench: Any, run: RunFolder) -> None:
    last = bench.draw(grid_prompts="[name]\n[name] in a forest", grid_seeds=2, grid_first_seed=5)

    assert (last.state, last.error, last.message) == (GridState.FINISHED, "", "Drew 12 pictures.")
    assert [column.step for column in last.columns] == [2, 4, 6]
    assert [row.prompt for row in last.rows] == ["mira", "mira in a forest"]
    assert (last.seeds, last.total, len(last.cells)) == ((5, 6), 12, 12)
    assert {(cell.row, cell.column, cell.seed) for cell in last.cells} == {
        (row, column, seed) for row in range(2) for column in range(3) for seed in (5, 6)
    }
    for cell in last.cells:
        told = told_by(cell.infotext)
        assert (told.prompt, told.seed) == (last.rows[cell.row].prompt, cell.seed)
        assert cell.path.parent == run.path / "grids" / "cells"


def test_a_column_shows_the_vectors_of_its_step(bench: Any, tiny_model: Any, run: RunFolder) -> None:
    last = bench.draw()
    looks = [pixels(last.cells_at(0, column)[0].path) for column in range(3)]

    assert len(set(looks)) == 3
    told = told_by(last.cells_at(0, 1)[0].infotext)
    (again,) = txt2img(tiny_model, told, {"mira": read_embedding(run.checkpoint(4))})
    assert looks[1] == again.image.tobytes()


def test_the_evaluation_loss_stands_under_each_step_and_the_best_is_marked(bench: Any) -> None:
    columns = bench.draw().columns
    losses = [column.evaluation_loss for column in columns]

    assert all(loss is not None for loss in losses)
    assert [column.is_best for column in columns] == [loss == min(losses) for loss in losses]


def test_what_was_drawn_before_is_not_drawn_again(bench: Any) -> None:
    first = bench.draw()
    again = bench.draw(grid_prompts="[name]\n[name] at night")

    assert bench.drawn == 6
    assert again.message == "Drew 3 pictures; 3 were drawn before."
    assert {cell.path for cell in first.cells} < {cell.path for cell in again.cells}
    assert bench.draw().message == "All 3 pictures were drawn before."
    assert bench.drawn == 6


def test_other_vectors_of_a_step_are_drawn_anew(bench: Any, run: RunFolder) -> None:
    bench.draw()
    other = read_embedding(run.checkpoint(4))
    other.vectors["clip_l"].add_(1)
    write_embedding(other, run.checkpoint(4))

    assert bench.draw().message == "Drew 1 picture; 2 were drawn before."


def test_another_embedding_of_the_prompt_is_part_of_what_was_drawn(bench: Any) -> None:
    other = read_embedding(bench.paths.embeddings_dir / "mira.pt")
    target = bench.paths.embeddings_dir / "quality.pt"
    write_embedding(other, target)
    bench.draw(grid_prompts="[name], quality")
    other.vectors["clip_l"].add_(1)
    write_embedding(other, target)

    assert bench.draw(grid_prompts="[name], quality").message == "Drew 3 pictures."
    assert bench.draw().message == "Drew 3 pictures."


def test_a_broken_picture_is_drawn_again(bench: Any) -> None:
    path = bench.draw().cells[0].path
    whole = pixels(path)
    path.write_bytes(b"no picture")

    assert bench.draw().message == "Drew 1 picture; 2 were drawn before."
    assert pixels(path) == whole


def test_an_interrupted_grid_keeps_its_pictures_and_goes_on_from_them(bench: Any) -> None:
    def after_two() -> None:
        if bench.drawn == 2:
            bench.grids.interrupt()

    bench.before_each = after_two
    last = bench.draw()
    assert (last.state, last.message) == (
        GridState.INTERRUPTED,
        "Interrupted: 2 of 3 pictures are finished.",
    )
    assert last.picture is not None and last.picture.is_file()
    bench.before_each = lambda: None
    assert bench.draw().message == "Drew 1 picture; 2 were drawn before."


def test_an_interrupt_while_it_waits_for_its_turn_ends_it_at_once(bench: Any) -> None:
    free = threading.Event()
    bench.thread.submit(free.wait, 60)
    try:
        bench.grids.start(bench.config())
        while bench.grids.snapshot().message != "Waiting for the model.":
            threading.Event().wait(0.01)
        bench.grids.interrupt()
        last = bench.grids.wait(60)
    finally:
        free.set()
    assert (last.state, last.cells, last.picture) == (GridState.INTERRUPTED, (), None)


def test_a_second_grid_waits_for_the_first(bench: Any) -> None:
    free = threading.Event()
    bench.before_each = lambda: free.wait(60) and None
    bench.grids.start(bench.config())
    try:
        with pytest.raises(BusyError, match="is being drawn"):
            bench.grids.start(bench.config())
    finally:
        free.set()
    assert bench.grids.wait(60).state is GridState.FINISHED


def test_revisions_only_grow(bench: Any) -> None:
    seen = [bench.grids.snapshot().revision]
    bench.before_each = lambda: seen.append(bench.grids.snapshot().revision)
    seen.append(bench.draw().revision)
    seen.append(bench.draw().revision)
    assert seen == sorted(set(seen))


def test_the_labelled_picture_tells_how_it_was_drawn(bench: Any) -> None:
    last = bench.draw(grid_prompts="[name]\n[name], at night", grid_seeds=2)
    told = read_infotext(last.picture)

    assert told is not None
    parameters = parse_infotext(told)
    assert parameters["Grid steps"] == "2 4 6"
    assert parameters["Grid rows"] == "mira | mira, at night"
    assert told_by(told).prompt == "mira"
    with Image.open(last.picture) as image:
        assert image.width > 3 * 128 and image.height > 4 * 128


def test_a_run_that_is_taken_away_ends_the_grid_with_a_sentence(bench: Any, run: RunFolder) -> None:
    def take_away() -> None:
        if bench.drawn == 1:
            shutil.rmtree(run.path)

    bench.before_each = take_away
    last = bench.draw()
    assert last.state is GridState.FAILED and "is gone, so nothing can be saved there" in last.error
    assert len(last.cells) == 1 and not run.path.exists()


def test_another_model_under_the_same_name_draws_anew(bench: Any) -> None:
    bench.draw()
    weights = bench.paths.checkpoint_dirs[0] / "tiny" / "unet" / "config.json"
    weights.write_text(weights.read_text() + "\n")
    assert bench.draw().message == "Drew 3 pictures."


def test_models_take_turns_and_the_selected_one_comes_back(bench: Any) -> None:
    last = bench.draw(grid_rows="models")

    assert (last.state, last.error) == (GridState.FINISHED, "")
    assert [row.model for row in last.rows] == ["tiny", "other"]
    assert bench.loaded[:2] == ["tiny", "other"]
    assert bench.models.status.spec == "tiny"


def test_other_models_are_not_loaded_while_a_job_needs_its_own(bench: Any) -> None:
    bench.is_busy = True
    last = bench.draw(grid_rows="models")

    assert last.state is GridState.FAILED and "a running job needs its model" in last.error
    assert len(last.cells) == 3 and bench.loaded == ["tiny"]
    assert bench.draw().state is GridState.FINISHED


def test_a_model_chosen_meanwhile_ends_the_grid_with_a_sentence(bench: Any) -> None:
    bench.before_each = lambda: bench.models.choose("other")
    last = bench.draw()

    assert last.state is GridState.FAILED
    assert "the model is other now" in last.error and "drawn with tiny" in last.error
    assert bench.models.status.spec == "other"


def test_using_a_step_keeps_what_the_embedding_held(bench: Any, run: RunFolder) -> None:
    target = bench.paths.embeddings_dir / "mira.pt"
    bench.draw()
    used = bench.grids.use_step(2)

    assert (used.name, used.step, used.path, used.kept) == ("mira", 2, target, run.checkpoint(6))
    assert torch.equal(
        read_embedding(target).vectors["clip_l"], read_embedding(run.checkpoint(2)).vectors["clip_l"]
    )
    assert bench.changes == 1
    with pytest.raises(NothingToDoError, match="holds step 2 already"):
        bench.grids.use_step(2)
    with pytest.raises(NothingToDoError, match="there are 2, 4, 6"):
        bench.grids.use_step(3)
    with embedding_lock("mira", bench.paths), pytest.raises(BusyError, match="is being trained"):
        bench.grids.use_step(4)


def test_without_a_grid_there_is_no_step_to_use(bench: Any) -> None:
    with pytest.raises(NothingToDoError, match="There is no grid"):
        bench.grids.use_step(2)


def test_wrong_settings_start_nothing(bench: Any) -> None:
    with pytest.raises(ConfigError, match="Seeds is 0"):
        bench.grids.start(bench.config().__class__(embedding_name="mira", grid_seeds=0))
    assert bench.grids.snapshot().state is GridState.IDLE


def test_an_embedding_without_kept_steps_is_told_of(bench: Any) -> None:
    last = bench.draw(embedding_name="nobody")
    assert last.state is GridState.FAILED
    assert "holds no kept step of 'nobody'" in last.error
    assert isinstance(bench.grids.failure, NothingToDoError)
