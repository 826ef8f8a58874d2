"""What a run is to write, before anything loads."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from traintab.configs import TrainingConfig, replace_fields
from traintab.errors import ConfigError
from traintab.training.output_checks import checked_outputs


def config(**fields: Any) -> TrainingConfig:
    return replace_fields(TrainingConfig(embedding_name="cat"), fields)


def test_settings_that_name_no_file_stay_as_they_are() -> None:
    assert checked_outputs(config(preview_prompts="a --d 1")) == (config(preview_prompts="a --d 1"), "")


def test_a_file_is_called_by_its_whole_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "prompts.txt").write_text("a", "utf-8")
    monkeypatch.chdir(tmp_path)
    found, _ = checked_outputs(config(preview_prompts_file=" prompts.txt "))
    assert found.preview.preview_prompts_file == str(tmp_path / "prompts.txt")


def test_tensorboard_is_looked_for_only_when_it_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("torch.utils.tensorboard")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "tensorboard", None)
    checked_outputs(config())
    with pytest.raises(ConfigError, match="package tensorboard is not installed"):
        checked_outputs(config(tensorboard=True))


def test_a_comment_that_would_be_cut_is_refused() -> None:
    whole = config(comment=" " + "x" * 2000 + "\n")
    assert checked_outputs(whole) == (whole, "")
    with pytest.raises(ConfigError, match=r"Comment has 2,001 characters, .* takes 2,000; shorten it"):
        checked_outputs(config(comment="x" * 2001))


def test_every_problem_is_told_at_once_and_a_resumed_run_goes_on_without(tmp_path: Path) -> None:
    gone = str(tmp_path / "gone.txt")
    asked = config(preview_prompts="x --q 1", preview_prompts_file=gone, preview_seed=7)
    with pytest.raises(ConfigError, match=r"line 1: --q is no setting.*\n.*gone\.txt can't be read"):
        checked_outputs(asked)
    found, told = checked_outputs(asked, is_resumed=True)
    assert found == config(preview_seed=7)
    assert told.startswith("The run goes on without it. ") and "--q" in told and "gone.txt" in told
