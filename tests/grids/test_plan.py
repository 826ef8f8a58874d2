from __future__ import annotations

import dataclasses
import shutil
from typing import Any

import pytest

from traintab.configs import GridConfig, TrainingConfig, from_mapping, from_yaml, replace_fields, to_yaml
from traintab.embeddings.formats import read_embedding
from traintab.errors import ModelError, NothingToDoError
from traintab.grids.plan import plan_grid
from traintab.paths import Paths
from traintab.training.run_folder import RunFolder


def grid(**values: object) -> GridConfig:
    return from_mapping(GridConfig, {"embedding_name": "mira", "grid_prompts": "[name]", **values})


def change_run(run: RunFolder, **values: object) -> None:
    config = from_yaml(TrainingConfig, run.run_yaml.read_text(encoding="utf-8"))
    run.run_yaml.write_text(to_yaml(replace_fields(config, values)), encoding="utf-8")


def test_pictures_are_drawn_as_the_previews_were(paths: Paths, run: RunFolder) -> None:
    change_run(
        run,
        preview_steps=7,
        preview_guidance_scale=4.5,
        preview_sampler="DPM++ 2M Karras",
        preview_seed=11,
        preview_width=128,
        preview_negative_prompt="not [name]",
    )
    plan = plan_grid(grid(), paths, "tiny")
    first, second, *_ = [plan.picture(place) for place in plan.places() if place.column == 0]

    assert (first.num_inference_steps, first.guidance_scale, first.width) == (7, 4.5, 128)
    assert (first.sampler, first.schedule_type) == ("DPM++ 2M", "Karras")
    assert (first.negative_prompt, first.seed, second.seed) == ("not mira", 11, 12)


def test_what_is_asked_for_goes_before_the_previews(paths: Paths, run: RunFolder) -> None:
    change_run(run, preview_steps=7, preview_sampler="DPM++ 2M Karras", preview_seed=-1)
    asked = grid(grid_sampling_steps=3, grid_sampler="Euler", grid_width=64, grid_height=128)
    plan = plan_grid(asked, paths, "tiny")

    assert (plan.settings.num_inference_steps, plan.settings.sampler) == (3, "Euler")
    assert plan.settings.schedule_type == "Automatic"
    assert (plan.settings.width, plan.settings.height) == (64, 128)
    assert plan.seeds == (1, 2)
    assert plan_grid(grid(grid_first_seed=9), paths, "tiny").seeds == (9, 10)


def test_soon_there_is_a_picture_of_every_cell(paths: Paths) -> None:
    plan = plan_grid(grid(grid_prompts="[name]\n[name] at night"), paths, "tiny")
    places = list(plan.places())

    assert len(places) == 12
    assert {(place.row, place.column) for place in places[:6]} == {(r, c) for r in range(2) for c in range(3)}
    assert {place.seed for place in places[:6]} == {1}


def test_every_model_is_needed_once(paths: Paths) -> None:
    plan = plan_grid(grid(grid_rows="models"), paths, "tiny")
    models = [plan.model_of(place) for place in plan.places()]
    assert models == ["tiny"] * 6 + ["other"] * 6
    assert any("loaded one after the other" in note for note in plan.notes)


def test_a_copy_that_cannot_be_read_is_left_out_and_told_of(paths: Paths, run: RunFolder) -> None:
    run.checkpoint(4).write_bytes(b"broken")
    plan = plan_grid(grid(), paths, "tiny")

    assert [column.step for column in plan.columns] == [2, 6]
    assert plan.notes[0].startswith("Step 4 is left out. ")
    for step in (2, 6):
        run.checkpoint(step).write_bytes(b"broken")
    with pytest.raises(NothingToDoError, match="No kept step of mira can be read"):
        plan_grid(grid(), paths, "tiny")


def test_columns_hold_the_vectors_of_their_step(paths: Paths, run: RunFolder) -> None:
    plan = plan_grid(grid(grid_steps="2, 6"), paths, "tiny")
    for column, vectors in zip(plan.columns, plan.vectors, strict=True):
        assert column.path == run.checkpoint(column.step)
        wanted = read_embedding(column.path).vectors["clip_l"]
        assert vectors["mira"].vectors["clip_l"].equal(wanted)


def test_a_prompt_without_the_name_is_told_of(paths: Paths) -> None:
    notes = plan_grid(grid(grid_prompts="[name]\na cat"), paths, "tiny").notes
    assert notes == ("The prompt 'a cat' doesn't name mira, so it looks the same at every step.",)
    assert plan_grid(grid(grid_prompts="a cat", grid_rows="CFG"), paths, "tiny").notes == notes


def test_drawing_with_another_model_than_it_was_trained_on_is_told(paths: Paths) -> None:
    assert plan_grid(grid(), paths, "tiny").notes == ()
    assert plan_grid(grid(), paths, "other").notes == (
        "Drawn with other; the embedding was trained on tiny.",
    )


def test_a_model_of_another_family_is_refused(paths: Paths, tiny_families: Any) -> None:
    shutil.copytree(tiny_families.folder("sd2"), paths.checkpoint_dirs[0] / "second")
    with pytest.raises(ModelError, match="can't be drawn with second"):
        plan_grid(grid(), paths, "second")


def test_a_run_without_readable_settings_is_drawn_by_the_usual_ones(paths: Paths, run: RunFolder) -> None:
    run.run_yaml.write_text("lost: 1", encoding="utf-8")
    plan = plan_grid(dataclasses.replace(grid(), grid_prompts=""), paths, "tiny")
    assert plan.settings.num_inference_steps == 20
    assert len(plan.rows) == 3
