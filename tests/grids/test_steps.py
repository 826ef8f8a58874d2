from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from traintab.configs import GridConfig
from traintab.embeddings.formats import read_embedding, write_embedding
from traintab.errors import ConfigError, NothingToDoError
from traintab.grids.plan import plan_grid
from traintab.grids.steps import KeptRun, chosen_steps, find_kept_run, kept_files, most_telling
from traintab.grids.using import use_step
from traintab.paths import Paths
from traintab.training.run_folder import RunFolder

from .conftest import train

MIRA = GridConfig(embedding_name="mira")


@given(
    st.sets(st.integers(0, 10_000), min_size=1, max_size=60),
    st.integers(0, 59),
    st.integers(3, 12),
)
@example({*range(9)}, 1, 8)
@example({*range(9)}, 8, 3)
def test_first_last_and_best_are_shown_and_no_more_than_fit(kept: set[int], which: int, room: int) -> None:
    steps = sorted(kept)
    best = steps[which % len(steps)]
    shown = most_telling(steps, best, room)

    assert set(shown) <= kept and list(shown) == sorted(set(shown))
    assert len(shown) == min(room, len(steps))
    assert {steps[0], steps[-1], best} <= set(shown)


def test_steps_are_spread_evenly() -> None:
    assert most_telling(range(0, 1500, 100), None) == (0, 200, 400, 600, 800, 1000, 1200, 1400)
    assert most_telling(range(0, 1500, 100), 500) == (0, 200, 500, 600, 800, 1000, 1200, 1400)
    assert most_telling(range(0, 1500, 100), 9999) == most_telling(range(0, 1500, 100), None)


@pytest.fixture
def long_run(tmp_path: Path) -> KeptRun:
    folder = RunFolder(path=tmp_path, embedding_name="mira")
    files = {step: {"mira": folder.checkpoint(step)} for step in range(100, 2100, 100)}
    return KeptRun(folder=folder, config=None, files=files)


@pytest.mark.parametrize(("text", "number"), [("auto", 8), ("", 8), ("all", 20), ("200, 1900 700", 3)])
def test_steps_are_chosen_as_written(long_run: KeptRun, text: str, number: int) -> None:
    chosen = chosen_steps(dataclasses.replace(MIRA, grid_steps=text), long_run)
    assert len(chosen) == number and list(chosen) == sorted(chosen)


def test_a_step_that_was_not_kept_is_refused_with_those_that_are(long_run: KeptRun) -> None:
    with pytest.raises(ConfigError, match=r"names 150, of which there is no copy .* there are 100, 200"):
        chosen_steps(dataclasses.replace(MIRA, grid_steps="100, 150"), long_run)


def test_the_newest_run_with_copies_counts(paths: Paths, run: RunFolder) -> None:
    newer = RunFolder(path=run.path.with_name("mira-2"), embedding_name="mira")
    shutil.copytree(run.path, newer.path)
    facts = json.loads(newer.status_file.read_text())
    newer.status_file.write_text(json.dumps({**facts, "started": "2999-01-01"}))

    assert find_kept_run(MIRA, paths).folder == newer
    shutil.rmtree(newer.path / "embeddings")
    newer.state(6).unlink()
    assert find_kept_run(MIRA, paths).folder == run


@pytest.mark.parametrize("is_absolute", [False, True])
def test_a_run_is_named_by_its_folder(paths: Paths, run: RunFolder, is_absolute: bool) -> None:
    place = str(run.path) if is_absolute else run.path.relative_to(paths.log_dir).as_posix()
    assert find_kept_run(dataclasses.replace(MIRA, run=place), paths).folder == run


@pytest.mark.parametrize("place", ["2000-01-01/mira", "..", "../..", "/etc", "mira.pt"])
def test_a_folder_outside_the_log_directory_is_no_run(paths: Paths, place: str) -> None:
    with pytest.raises(ConfigError, match="which is no run in the log directory"):
        find_kept_run(dataclasses.replace(MIRA, run=place), paths)


def test_a_run_of_another_embedding_has_nothing_of_this_one(paths: Paths, run: RunFolder) -> None:
    place = run.path.relative_to(paths.log_dir).as_posix()
    with pytest.raises(NothingToDoError, match="holds no kept step of 'ben'"):
        find_kept_run(GridConfig(embedding_name="ben", run=place), paths)


def test_the_end_of_a_run_is_in_the_embeddings_own_file(paths: Paths, run: RunFolder) -> None:
    run.checkpoint(6).unlink()
    own = paths.embeddings_dir / "mira.pt"
    files = find_kept_run(MIRA, paths).files

    assert [*files] == [2, 4, 6] and files[6] == {"mira": own}
    write_embedding(dataclasses.replace(read_embedding(own), step=5), own)
    assert [*find_kept_run(MIRA, paths).files] == [2, 4]


def test_a_run_whose_folder_was_renamed_is_compared_by_its_copies(paths: Paths, run: RunFolder) -> None:
    run.checkpoint(6).unlink()
    renamed = run.path.rename(run.path.with_name("the good one"))
    kept = find_kept_run(MIRA, paths)
    assert (kept.folder.path, [*kept.files]) == (renamed, [2, 4])


def test_a_run_whose_settings_are_lost_can_be_compared_still(paths: Paths, run: RunFolder) -> None:
    run.run_yaml.write_text("nothing: here")
    kept = find_kept_run(MIRA, paths)
    assert (kept.config, [*kept.files]) == (None, [2, 4, 6])


def test_embeddings_trained_together_are_compared_and_used_together(
    paths: Paths, tiny_model: Any, pictures: Path, tmp_path: Path
) -> None:
    both = tmp_path / "both.txt"
    both.write_text("[name] and ben\n")
    # mira has six steps behind her, ben none.
    run = train(paths, tiny_model, pictures, more_embeddings="ben", steps=10, template=str(both))
    files = kept_files(run, paths)
    stems = {step: (by_name["mira"].stem, by_name["ben"].stem) for step, by_name in files.items()}
    assert stems == {6: ("mira-6", "ben-0"), 8: ("mira-8", "ben-2"), 10: ("mira-10", "ben-4")}

    found = find_kept_run(GridConfig(embedding_name="ben"), paths)
    assert found.folder == run and found.files == files
    plan = plan_grid(GridConfig(embedding_name="BEN"), paths, "tiny")
    assert (plan.name, [column.step for column in plan.columns]) == ("ben", [6, 8, 10])
    assert [(each["mira"].step, each["ben"].step) for each in plan.vectors] == [(6, 0), (8, 2), (10, 4)]

    used = use_step(run.path, 8, paths)
    held = [read_embedding(paths.embeddings_dir / f"{name}.pt").step for name in ("mira", "ben")]
    assert ([one.name for one in (used, *used.others)], held) == (["mira", "ben"], [8, 2])
    files[8]["ben"].unlink()
    assert [*kept_files(run, paths)] == [6, 10]
