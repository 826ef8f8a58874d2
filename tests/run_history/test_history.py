"""What the list of past runs tells, and that it reads no folder twice."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from traintab.errors import InputError
from traintab.file_lock import FileLock
from traintab.jobs import JobSnapshot, JobStatus
from traintab.jobs.records import Record, Records
from traintab.paths import Paths
from traintab.run_history import RunHistory, RunStatus, summary
from traintab.run_history import history as history_module

MakeRun = Callable[..., Any]


def job_in(folder: Path, status: JobStatus, **facts: Any) -> JobSnapshot:
    return JobSnapshot(
        id="20240229-100000-000000-train", kind="train", status=status, folder=str(folder), **facts
    )


def test_an_empty_log_directory_has_no_runs(history: RunHistory) -> None:
    assert history.runs() == ()


def test_a_run_is_told_by_what_its_folder_holds(make_run: MakeRun, history: RunHistory) -> None:
    made = make_run(steps=20, model="sd15")
    (run,) = history.runs()
    assert (run.place, run.name, run.status) == ("2024-02-29/mira", "mira", RunStatus.FINISHED)
    assert (run.step, run.total_steps, run.model) == (20, 40, "sd15")
    assert run.preview == made.preview(20)
    assert run.loss == pytest.approx(sum(1 / step for step in range(1, 21)) / 20, abs=1e-6)
    assert run.started is not None and run.started.tzinfo is None


def test_the_newest_run_comes_first(make_run: MakeRun, history: RunHistory) -> None:
    make_run("2024-02-29/mira", started="2024-02-29T10:00:00+00:00")
    make_run("2024-02-29/mira-2", started="2024-02-29T12:00:00+00:00")
    make_run("2024-02-28/ben", name="ben", started="2024-02-28T23:00:00+00:00")
    assert [run.place for run in history.runs()] == [
        "2024-02-29/mira-2",
        "2024-02-29/mira",
        "2024-02-28/ben",
    ]


def test_a_run_that_came_to_no_end_is_interrupted(
    make_run: MakeRun, history: RunHistory, unfinished: str
) -> None:
    make_run(status=unfinished)
    assert history.runs()[0].status is RunStatus.INTERRUPTED


def test_a_failed_job_in_an_unfinished_run_tells_its_error(
    make_run: MakeRun, history: RunHistory, unfinished: str, paths: Paths
) -> None:
    made = make_run(status=unfinished)
    failed = job_in(made.path, JobStatus.FAILED, error="The disk is full.")
    Records(paths.jobs_dir).save(Record(snapshot=failed))
    (run,) = history.runs()
    assert (run.status, run.error) == (RunStatus.FAILED, "The disk is full.")


def test_a_run_that_finished_after_a_failure_is_finished(
    make_run: MakeRun, history: RunHistory, paths: Paths
) -> None:
    made = make_run()
    Records(paths.jobs_dir).save(Record(snapshot=job_in(made.path, JobStatus.FAILED, error="NaN")))
    assert history.runs()[0].status is RunStatus.FINISHED


def test_the_run_of_the_present_job_is_running_at_its_step(
    make_run: MakeRun, history: RunHistory, unfinished: str, jobs: list[JobSnapshot]
) -> None:
    made = make_run(status=unfinished, steps=10)
    jobs.append(job_in(made.path, JobStatus.RUNNING, step=17, total_steps=50))
    (run,) = history.runs()
    assert (run.status, run.step, run.total_steps) == (RunStatus.RUNNING, 17, 50)


def test_a_run_that_another_program_trains_in_is_running(
    make_run: MakeRun, history: RunHistory, unfinished: str
) -> None:
    made = make_run(status=unfinished)
    lock = FileLock(made.lock_file)
    assert lock.acquire()
    assert history.runs()[0].status is RunStatus.RUNNING
    lock.release()
    assert history.runs()[0].status is RunStatus.INTERRUPTED


def test_the_best_step_is_told_from_its_file(make_run: MakeRun, history: RunHistory) -> None:
    made = make_run()
    made.write(made.best_file, json.dumps({"embedding_name": "mira", "step": 10, "loss": 0.125}).encode())
    run = history.runs()[0]
    assert (run.best_step, run.best_loss) == (10, 0.125)


@pytest.mark.parametrize("loss", ["9" * 400, "NaN", "Infinity", '"low"', "null"])
def test_a_best_step_whose_loss_is_no_number_is_none(
    make_run: MakeRun, history: RunHistory, loss: str
) -> None:
    made = make_run()
    made.write(made.best_file, f'{{"step": 10, "loss": {loss}}}'.encode())
    (run,) = history.runs()
    assert (run.best_step, run.best_loss) == (None, None)


def test_a_start_before_all_calendars_costs_no_other_run(make_run: MakeRun, history: RunHistory) -> None:
    make_run("2024-02-29/early", started="0001-01-01T00:00:00+23:00")
    make_run("2024-02-29/mira")
    found = {run.place: run.started for run in history.runs()}
    assert found.keys() == {"2024-02-29/early", "2024-02-29/mira"}
    assert found["2024-02-29/early"] is not None


@pytest.mark.parametrize("name", ["half a letter \ud800", "nothing \0 in between"])
def test_a_name_that_no_page_can_show_makes_no_run(make_run: MakeRun, history: RunHistory, name: str) -> None:
    made = make_run()
    made.write(made.status_file, json.dumps({"embedding_name": name, "status": "finished"}).encode())
    assert history.runs() == ()


def test_a_run_of_the_web_ui_is_a_run_too(paths: Paths, history: RunHistory) -> None:
    folder = paths.log_dir / "2023-01-02" / "cat"
    (folder / "embeddings").mkdir(parents=True)
    (folder / "embeddings" / "cat-500.pt").write_bytes(b"")
    settings = {"datetime": "2023-01-02 03:04:05", "embedding_name": "cat", "steps": 1000, "model_name": "v1"}
    (folder / "settings-2023-01-02-03-04-05.json").write_text(json.dumps(settings))
    (run,) = history.runs()
    assert (run.name, run.step, run.total_steps, run.model) == ("cat", 500, 1000, "v1")
    assert run.is_web_ui and run.status is RunStatus.INTERRUPTED
    assert f"{run.started:%Y-%m-%d %H:%M:%S}" == "2023-01-02 03:04:05"


@pytest.mark.parametrize("name", ["../../secret", "..", "a/b", ""])
def test_a_name_that_leads_out_of_the_folder_makes_no_run(
    make_run: MakeRun, history: RunHistory, name: str
) -> None:
    made = make_run()
    made.write(made.status_file, json.dumps({"embedding_name": name, "status": "finished"}).encode())
    assert history.runs() == ()


@pytest.mark.parametrize("content", [b"", b"\0\0\0\0", b"{", b"[1]", b'{"status": 3}', b"\xff\xfe"])
def test_a_damaged_status_costs_nothing_but_itself(
    make_run: MakeRun, history: RunHistory, content: bytes
) -> None:
    made = make_run()
    made.status_file.write_bytes(content)
    (run,) = history.runs()
    assert (run.name, run.status, run.step) == ("mira", RunStatus.INTERRUPTED, 20)


def test_folders_that_are_no_runs_are_passed_over(paths: Paths, history: RunHistory) -> None:
    for place in ("2024-02-29/notes", "2024-02-29/.hidden", "pictures"):
        (paths.log_dir / place).mkdir(parents=True)
    (paths.log_dir / "2024-02-29" / "file.txt").write_text("no run")
    assert history.runs() == ()


def test_only_a_folder_that_changed_is_read_again(
    make_run: MakeRun, history: RunHistory, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_run("2024-02-29/mira")
    changing = make_run("2024-02-29/ben", name="ben")
    history.runs()
    read: list[str] = []

    def noted(path: Path, log_dir: Path) -> Any:
        read.append(path.name)
        return summary.read_summary(path, log_dir)

    monkeypatch.setattr(history_module, "read_summary", noted)
    history.runs()
    assert read == []
    changing.loss_table.write_text("step,epoch,epoch_step,loss,learn_rate\n33,0,0,0.5,0.1\n")
    assert {run.name: run.step for run in history.runs()} == {"mira": 20, "ben": 33}
    assert read == ["ben"]


def test_a_place_that_is_no_run_is_refused(make_run: MakeRun, history: RunHistory) -> None:
    make_run()
    assert history.find("2024-02-29/mira").name == "mira"
    for place in ("", None, "2024-02-29/../2024-02-29/mira", "..", "/etc"):
        with pytest.raises(InputError):
            history.find(place)


def test_the_curve_of_a_run_comes_from_its_table(make_run: MakeRun, history: RunHistory) -> None:
    made = make_run(steps=20)
    made.evaluation_table.write_text("step,loss,variance_share\n10,0.2,\n20,0.1,0.5\n")
    curves = history.curves(history.runs()[0])
    assert [step for step, _ in curves.losses] == list(range(1, 21))
    assert curves.evaluations == ((10, 0.2), (20, 0.1)) and curves.best_step == 20


def test_the_recorded_curve_stands_in_for_a_table_with_few_rows(
    make_run: MakeRun, history: RunHistory, paths: Paths
) -> None:
    made = make_run(steps=20)
    made.loss_table.write_text("step,epoch,epoch_step,loss,learn_rate\n20,0,0,0.5,0.1\n")
    recorded = tuple((step, 0.25) for step in range(1, 21))
    job = job_in(made.path, JobStatus.FINISHED, losses=recorded)
    Records(paths.jobs_dir).save(Record(snapshot=job))
    assert history.curves(history.runs()[0]).losses == recorded
    Records(paths.jobs_dir).save(Record(snapshot=replace(job, losses=recorded[:5])))
    assert len(history.curves(history.runs()[0]).losses) == 1, "a curve that ends early is another one's"


def test_previews_and_copies_are_found_by_their_steps(make_run: MakeRun, history: RunHistory) -> None:
    made = make_run(steps=20)
    made.preview(20).replace(made.preview(20, 2))
    made.preview(10).replace(made.preview(20))
    (made.path / "images" / "other-5.png").write_bytes(b"")
    run = history.runs()[0]
    assert [(step, number) for step, number, _ in history.previews(run)] == [(20, 1), (20, 2)]
    assert history.copies(run) == {20: made.checkpoint(20), 10: made.checkpoint(10)}


@pytest.mark.long
def test_a_thousand_runs_are_listed_in_a_moment(make_run: MakeRun, history: RunHistory) -> None:
    for number in range(1000):
        make_run(f"2024-02-{number % 28 + 1:02}/mira-{number}", steps=10)
    history.runs()
    before = time.perf_counter()
    assert len(history.runs()) == 1000
    assert time.perf_counter() - before < 1.0
