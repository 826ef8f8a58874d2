"""Runs that can be resumed."""

from __future__ import annotations

from datetime import date

import pytest

from traintab.configs import TrainingConfig, replace_fields, to_yaml
from traintab.errors import ConfigError, NothingToDoError
from traintab.paths import Paths
from traintab.training.run_folder import FINISHED, UNFINISHED, RunFolder, new_run_folder
from traintab.training.state_files import write_state
from traintab.training.unfinished import (
    Resume,
    config_to_resume,
    find_point,
    find_unfinished,
    kept_steps,
)


def begun(paths: Paths, day: date = date(2024, 1, 1), steps: int = 40) -> RunFolder:
    run = new_run_folder(paths.log_dir, "cat", day)
    config = replace_fields(TrainingConfig(embedding_name="cat"), {"data_dir": "/p", "steps": steps})
    run.write(run.run_yaml, to_yaml(config).encode())
    write_state(run, {"step": 3})
    run.mark(UNFINISHED)
    return run


def test_nothing_is_unfinished_at_first(paths: Paths) -> None:
    assert find_unfinished("cat", paths) is None


def test_the_newest_unfinished_run_is_found_even_of_another_day(paths: Paths) -> None:
    begun(paths, date(2024, 5, 5))
    newest = begun(paths, date(2024, 1, 1))
    begun(paths, date(2024, 6, 6)).mark(FINISHED)
    assert find_unfinished("cat", paths) == newest


def test_a_run_without_a_state_cannot_be_resumed(paths: Paths) -> None:
    older, newer = begun(paths), begun(paths)
    for path in newer.state_dir.glob("*.pt"):
        path.unlink()
    assert find_unfinished("cat", paths) == older


def test_its_config_comes_from_its_run_yaml(paths: Paths) -> None:
    begun(paths, steps=77)
    config = config_to_resume("cat", paths)
    assert (config.embedding_name, config.dataset.data_dir) == ("cat", "/p")
    assert config.optimization.steps == 77
    assert config_to_resume("cat", paths, steps=99).optimization.steps == 99


def test_nothing_to_resume_is_told(paths: Paths) -> None:
    with pytest.raises(NothingToDoError, match="no unfinished run of 'cat' to resume"):
        config_to_resume("cat", paths)


def test_a_lost_or_broken_run_yaml_is_told(paths: Paths) -> None:
    run = begun(paths)
    run.run_yaml.write_text("steps: [", encoding="utf-8")
    with pytest.raises(ConfigError, match="no valid YAML"):
        config_to_resume("cat", paths)
    run.run_yaml.unlink()
    with pytest.raises(ConfigError, match="can't be read"):
        config_to_resume("cat", paths)


def test_the_newest_state_of_the_unfinished_run_goes_on_in_its_folder(paths: Paths) -> None:
    run = begun(paths)
    for wanted in (Resume(), Resume(from_step=3)):
        point, said = find_point("cat", paths, wanted)
        assert (point.folder, point.state["step"], point.is_branch, said) == (run, 3, False, [])


def test_another_step_is_branched_off_the_newest_run_that_has_it(paths: Paths) -> None:
    older = begun(paths)
    newer = begun(paths, steps=50)
    for run in (older, newer):
        write_state(run, {"step": 9})
    write_state(newer, {"step": 12})
    write_state(newer, {"step": 20})
    newer.mark(FINISHED)
    assert kept_steps("cat", paths) == {20: newer, 12: newer, 9: older, 3: older}
    point, (said,) = find_point("cat", paths, Resume(from_step=12))
    assert (point.folder, point.state["step"], point.is_branch) == (newer, 12, True)
    assert "step 12" in said and "kept as it is" in said
    assert config_to_resume("cat", paths, resume=Resume(from_step=20)).optimization.steps == 50
    assert config_to_resume("cat", paths, resume=Resume(from_step=3)).optimization.steps == 40


def test_a_step_that_nobody_kept_is_told_with_those_that_are(paths: Paths) -> None:
    with pytest.raises(NothingToDoError, match="there is none of any step"):
        find_point("cat", paths, Resume(from_step=7))
    begun(paths)
    with pytest.raises(NothingToDoError, match="there are 3"):
        find_point("cat", paths, Resume(from_step=7))
