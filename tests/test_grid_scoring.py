"""Grids judged in the background."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image

from traintab.configs import DatasetConfig, LikenessConfig, TrainingConfig, to_yaml
from traintab.errors import ModelError
from traintab.grid_scoring import GridScoring, ScoringSnapshot, pictures_of
from traintab.grids.snapshot import GridCell, GridColumn, GridRow, GridSnapshot, GridState
from traintab.paths import Paths

SECONDS = 60
COLORS = {100: (0, 255, 0), 200: (200, 80, 0), 300: (255, 0, 0)}


class RedJudge:
    """The redder the more alike."""

    name = "redness"
    changeable = ("color",)

    def __init__(self) -> None:
        self.entered, self.goes_on = threading.Event(), threading.Event()
        self.goes_on.set()

    def read(self, images: Sequence[Image.Image]) -> list[dict[str, str]]:
        self.entered.set()
        self.goes_on.wait(SECONDS)
        return [{"color": str(image.getpixel((0, 0)))} for image in images]

    def likeness(self, images: Sequence[Image.Image], training: Sequence[Image.Image]) -> float:
        wanted = training[0].getpixel((0, 0))
        return float(images[0].getpixel((0, 0)) == wanted)

    def asked(self, prompt: str) -> dict[str, list[str]]:
        return {}


class Scene:
    """A grid with its files, and a scoring of it whose model and judge are given."""

    def __init__(self, tmp_path: Path, model: Any = None) -> None:
        self.judge = RedJudge()
        self.grid = drawn_grid(tmp_path)
        self._models: Any = SimpleNamespace(
            get=lambda: model,
            status=SimpleNamespace(spec="red" if not model else "x"),
            on_device=contextlib.nullcontext,
        )
        self._paths = Paths.under(tmp_path)
        self.scoring = self.another_scoring()

    def another_scoring(self) -> GridScoring:
        """As the program has it that is started now."""
        scoring = GridScoring(lambda: self.grid, at_once, self._models, lambda: self._paths)
        scoring.judges["red"] = lambda: self.judge
        return scoring


def at_once(task: Callable[[], Any]) -> Future[Any]:
    done: Future[Any] = Future()
    done.set_result(task())
    return done


def drawn_grid(tmp_path: Path) -> GridSnapshot:
    """Three steps, one row, two seeds, finished; trained on red pictures."""
    pictures, run = tmp_path / "pictures", tmp_path / "run"
    pictures.mkdir()
    run.mkdir()
    for number in range(2):
        Image.new("RGB", (64, 64), (255, 0, 0)).save(pictures / f"{number}.png")
    config = TrainingConfig(embedding_name="sks", dataset=DatasetConfig(data_dir=str(pictures)))
    (run / "run.yaml").write_text(to_yaml(config), encoding="utf-8")
    cells = []
    for column, (step, color) in enumerate(COLORS.items()):
        for seed in (1, 2):
            path = run / f"{step}-{seed}.png"
            Image.new("RGB", (64, 64), color).save(path)
            cells.append(GridCell(row=0, column=column, seed=seed, path=path))
    losses = {100: 0.3, 200: 0.1, 300: None}
    columns = [GridColumn(step=step, path=run, evaluation_loss=losses[step]) for step in COLORS]
    return GridSnapshot(
        number=1,
        state=GridState.FINISHED,
        embedding_name="sks",
        run=run,
        columns=tuple(columns),
        rows=(GridRow(title="a", prompt="sks"),),
        seeds=(1, 2),
        cells=tuple(cells),
    )


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    scene = Scene(tmp_path)
    yield scene
    scene.scoring.interrupt()
    scene.judge.goes_on.set()


def test_a_finished_grid_is_judged_and_a_step_recommended(scene: Scene) -> None:
    first = scene.scoring.follow(LikenessConfig())
    assert first.is_active
    done = scene.scoring.wait(SECONDS)
    assert {step: one.likeness for step, one in done.scores.items()} == {100: 0, 200: 0, 300: 1}
    assert {step: one.evaluation_loss for step, one in done.scores.items()} == {100: 0.3, 200: 0.1, 300: None}
    assert done.recommendation is not None and done.recommendation.step == 300
    assert (done.grid, done.name, done.is_active, done.error) == (1, "redness", False, "")


def test_scores_are_there_again_after_a_restart_with_their_own_grid_alone(
    scene: Scene, tmp_path: Path
) -> None:
    scene.grid = replace(scene.grid, picture=tmp_path / "run" / "grids" / "sks-0123456789.png")
    scene.scoring.follow(LikenessConfig())
    judged = scene.scoring.wait(SECONDS)
    again = scene.another_scoring().snapshot()
    assert judged.scores and not again.is_active
    assert replace(again, revision=0) == replace(judged, revision=0, done=0, total=0)
    scene.grid = replace(scene.grid, picture=tmp_path / "run" / "grids" / "sks-9876543210.png")
    assert scene.another_scoring().snapshot() == ScoringSnapshot()


def test_judging_waits_until_the_grid_is_drawn(scene: Scene) -> None:
    whole = scene.grid
    scene.grid = replace(whole, state=GridState.DRAWING, cells=whole.cells[:1])
    scene.scoring.follow(LikenessConfig())
    assert not scene.judge.entered.wait(0.5)
    scene.grid = whole
    assert scene.scoring.wait(SECONDS).scores.keys() == COLORS.keys()


def test_steps_that_are_not_drawn_completely_are_left_out(scene: Scene) -> None:
    assert pictures_of(replace(scene.grid, cells=scene.grid.cells[:3])).keys() == {100}


def test_a_failed_grid_without_pictures_leaves_nothing_to_judge(scene: Scene) -> None:
    scene.grid = replace(scene.grid, state=GridState.FAILED, cells=())
    scene.scoring.follow(LikenessConfig())
    done = scene.scoring.wait(SECONDS)
    assert not done.scores and not done.is_active and not done.error


def test_another_grid_ends_the_judging_of_the_last(scene: Scene) -> None:
    scene.judge.goes_on.clear()
    scene.scoring.follow(LikenessConfig())
    assert scene.judge.entered.wait(SECONDS)
    scene.grid = replace(scene.grid, number=2)
    scene.scoring.follow(LikenessConfig())
    scene.judge.goes_on.set()
    done = scene.scoring.wait(SECONDS)
    assert done.grid == 2 and done.scores[300].likeness == 1 and not done.error


def test_what_is_given_up_ends_without_an_error(scene: Scene) -> None:
    scene.judge.goes_on.clear()
    scene.scoring.follow(LikenessConfig())
    assert scene.judge.entered.wait(SECONDS)
    scene.scoring.interrupt()
    scene.judge.goes_on.set()
    done = scene.scoring.wait(SECONDS)
    assert not done.is_active and not done.error


def test_evaluation_losses_stay_when_the_training_pictures_are_gone(scene: Scene, tmp_path: Path) -> None:
    (tmp_path / "pictures").rename(tmp_path / "elsewhere")
    scene.scoring.follow(LikenessConfig())
    done = scene.scoring.wait(SECONDS)
    assert "doesn't exist" in done.error and not done.is_active
    assert done.scores[200].evaluation_loss == 0.1 and done.scores[200].likeness is None
    assert done.recommendation is not None and done.recommendation.step == 200


def test_what_nobody_foresaw_is_a_sentence(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    def broken() -> Any:
        raise ZeroDivisionError("no")

    scene.scoring.judges["red"] = broken
    scene.scoring.follow(LikenessConfig())
    error = scene.scoring.wait(SECONDS).error
    assert "an unexpected error (ZeroDivisionError: no)" in error and "Judging a grid failed" in caplog.text


def test_every_change_has_a_revision_of_its_own(scene: Scene) -> None:
    seen = [scene.scoring.snapshot().revision]
    for _ in range(2):
        seen.append(scene.scoring.follow(LikenessConfig()).revision)
        seen.append(scene.scoring.wait(SECONDS).revision)
    assert sorted(set(seen)) == seen


def test_without_a_judge_the_vae_compares(tmp_path: Path, tiny_model: Any) -> None:
    scene = Scene(tmp_path, tiny_model)
    scene.scoring.follow(LikenessConfig())
    done = scene.scoring.wait(SECONDS)
    assert "the VAE's features" in done.name and not done.error
    scores = [done.scores[step].likeness or 0 for step in COLORS]
    assert scores[2] == pytest.approx(1, abs=1e-3) and scores[2] > scores[1] > scores[0]


def test_an_encoder_of_the_users_choice_compares(tmp_path: Path, tiny_encoders: Any) -> None:
    scene = Scene(tmp_path)
    config = LikenessConfig(likeness_model=str(tiny_encoders.folder("clip")))
    scene.scoring.check(config)
    scene.scoring.follow(config)
    done = scene.scoring.wait(SECONDS)
    assert done.name == "cosine in tiny-clip" and not done.error
    assert done.scores[300].likeness == pytest.approx(1, abs=1e-4)
    assert done.scores[100].likeness is not None and done.scores[100].likeness < 0.999


def test_an_encoder_that_can_not_be_used_is_told_before_anything_is_drawn(
    scene: Scene, tmp_path: Path
) -> None:
    with pytest.raises(ModelError, match="Likeness model: the folder"):
        scene.scoring.check(LikenessConfig(likeness_model=str(tmp_path / "pictures")))
    scene.scoring.check(LikenessConfig())
