"""`demo build`: stages as processes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import torch

from traintab.demo import build as building
from traintab.errors import ModelError


def started(folder: Path, program: str) -> building.Running:
    log = folder / "stage.0.log"
    with log.open("ab") as output:
        told = output.tell()
        process = subprocess.Popen([sys.executable, "-c", program], stdout=output, stderr=output)
    return building.Running("stage", process, log, told)


def test_the_stages_shares_make_the_whole_time() -> None:
    one_after_another = ("vae", "decoder", "unet")
    total = sum(building.SHARES[stage] for stage in one_after_another)
    total += max(building.SHARES[stage] for stage in ("text", "judge", "reader"))
    assert 0.9 <= total <= 1.0
    assert set(building.SHARES) < set(building._stages())


def test_what_a_stage_says_is_passed_on(tmp_path: Path) -> None:
    said: list[str] = []
    building._follow([started(tmp_path, "print('vae: step 1')")], said.append)
    assert said == ["vae: step 1"]


def test_what_an_earlier_attempt_said_is_not_repeated(tmp_path: Path) -> None:
    (tmp_path / "stage.0.log").write_text("old\n")
    said: list[str] = []
    building._follow([started(tmp_path, "print('new')")], said.append)
    assert said == ["new"]


def test_a_stage_that_fails_is_told_with_its_log(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"the stage stage ended with status 3.*stage\.0\.log"):
        building._follow([started(tmp_path, "raise SystemExit(3)")], lambda _line: None)


def test_a_worker_runs_its_stage_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[Path, float]] = []
    monkeypatch.setenv(building.STAGE, "unet")
    monkeypatch.setenv(building.HOURS, "2")
    monkeypatch.setattr(
        building,
        "_stages",
        lambda: {"unet": lambda folder, minutes, _report: asked.append((folder, minutes))},
    )
    building.build(tmp_path / "work", report=lambda _line: None)
    assert asked == [(tmp_path / "work", pytest.approx(120 * building.SHARES["unet"]))]
    assert not (tmp_path / "work").exists()


def test_both_halves_of_a_stage_know_their_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = "import os; print(os.environ['TRAINTAB_STAGE'], os.environ.get('TRAINTAB_RANK', 'alone'))"
    monkeypatch.setattr(building, "_command", lambda _work_dir: [sys.executable, "-c", program])
    (tmp_path / "unet_meeting").touch()
    said: list[str] = []
    building._run(tmp_path, ("unet", "unet"), 1.0, said.append)
    building._run(tmp_path, ("text", "judge"), 1.0, said.append)
    assert sorted(said) == ["judge alone", "text alone", "unet 0", "unet 1"]
    assert not (tmp_path / "unet_meeting").exists()


def test_a_stage_on_a_card_is_one_process_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[tuple[str, ...]] = []
    monkeypatch.setattr(building, "training_device", lambda: torch.device("cuda"))
    for name in ("render_pool", "build_tokenizer", "export_model"):
        monkeypatch.setattr(building, name, lambda *_: None)
    monkeypatch.setattr(building, "WEIGHTS", tmp_path / "judge" / "judge.safetensors")
    (tmp_path / "judge.safetensors").touch()
    monkeypatch.setattr(building, "_run", lambda _dir, stages, *_: ran.append(stages))
    building.build(tmp_path, report=lambda _line: None)
    assert ran == [("vae",), ("latents",), ("text", "judge", "reader"), ("decoder",), ("unet",)]


def test_a_single_process_is_told_of_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = "import os; print(os.environ['TRAINTAB_STAGE'], os.environ.get('TRAINTAB_WORLD', 'alone'))"
    monkeypatch.setattr(building, "_command", lambda _work_dir: [sys.executable, "-c", program])
    said: list[str] = []
    building._run(tmp_path, ("unet",), 1.0, said.append)
    assert said == ["unet alone"]
