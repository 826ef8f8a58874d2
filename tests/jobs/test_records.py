import json
from dataclasses import replace
from pathlib import Path

import pytest

from traintab.errors import StorageError
from traintab.jobs.failure import Failure
from traintab.jobs.job_log import LOG_FILE
from traintab.jobs.records import Record, Records
from traintab.jobs.snapshot import JobMemory, JobSnapshot, JobStatus


def a_record(job_id: str, status: JobStatus = JobStatus.FINISHED) -> Record:
    snapshot = JobSnapshot(
        id=job_id,
        kind="train",
        title="Training",
        status=status,
        step=7,
        total_steps=10,
        losses=((1, 0.5), (2, 0.25)),
        evaluations=((0, 0.5), (2, 0.4)),
        best_step=2,
        rates=((1, 0.005), (2, 0.001)),
        marks=((2, "saved"),),
        memory=JobMemory(used=1, total=3, peak=2),
        failure=Failure.MEMORY,
        error_file="1-error.txt",
        log=("2026-01-31 12:00:00 Saved.",),
        total_epochs=4,
        images=(("a.png", "step 5"),),
        counts=(("files skipped", 1),),
        skipped=(("b.png", "it is broken."),),
        result_folder="out",
        result_size=(64, 72),
        notes=("Two pictures are the same.",),
        eta_seconds=4.0,
    )
    return Record(snapshot=snapshot, request={"embedding_name": "mira"})


def test_a_record_is_read_back_as_it_was(tmp_path: Path) -> None:
    Records(tmp_path).save(a_record("1"))
    assert Records(tmp_path).newest() == a_record("1")


def test_the_newest_record_is_the_last_by_id(tmp_path: Path) -> None:
    for job_id in ("20260101-2", "20260102-1", "20260101-1"):
        Records(tmp_path).save(a_record(job_id))
    assert Records(tmp_path).newest().snapshot.id == "20260102-1"


def test_an_empty_folder_holds_an_idle_job(tmp_path: Path) -> None:
    assert Records(tmp_path / "missing").recover() == Record()


@pytest.mark.parametrize("status", [JobStatus.RUNNING, JobStatus.STOPPING])
def test_what_ran_when_the_program_ended_is_interrupted_and_can_be_resumed(
    tmp_path: Path, status: JobStatus
) -> None:
    Records(tmp_path).save(a_record("1", status))
    recovered = Records(tmp_path).recover()
    assert recovered.snapshot.status is JobStatus.INTERRUPTED
    assert recovered.snapshot.resumable and recovered.snapshot.step == 7
    assert recovered.snapshot.eta_seconds is None
    assert recovered.request == {"embedding_name": "mira"}
    assert Records(tmp_path).newest() == recovered


def test_the_log_of_the_run_that_was_cut_off_says_so_and_nothing_twice(tmp_path: Path) -> None:
    told, run = "2026-01-31 12:00:00 Saved.", tmp_path / "run"
    run.mkdir()
    (run / LOG_FILE).write_text(f"{told}\n")
    record = a_record("1", JobStatus.RUNNING)
    snapshot = replace(record.snapshot, folder=str(run), log=(told,))
    Records(tmp_path / "jobs").save(replace(record, snapshot=snapshot))
    recovered = Records(tmp_path / "jobs").recover()
    lines = (run / LOG_FILE).read_text().splitlines()
    assert lines == [told, recovered.snapshot.log[-1]] == list(recovered.snapshot.log)
    assert lines[-1].endswith("The program ended while this was running.")


def test_a_preprocessing_that_was_cut_off_tells_how_to_go_on(tmp_path: Path) -> None:
    record = a_record("1", JobStatus.RUNNING)
    Records(tmp_path).save(replace(record, snapshot=replace(record.snapshot, kind="preprocess")))
    assert "Preprocess goes on from there" in Records(tmp_path).recover().snapshot.message


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"snapshot": {}}', '{"snapshot": {"status": "odd"}, "request": {}}']
)
def test_a_broken_record_is_passed_over(tmp_path: Path, content: str) -> None:
    Records(tmp_path).save(a_record("1"))
    (tmp_path / "2.json").write_text(content)
    assert Records(tmp_path).newest() == a_record("1")


def test_fields_of_a_later_version_are_ignored(tmp_path: Path) -> None:
    Records(tmp_path).save(a_record("1"))
    content = json.loads((tmp_path / "1.json").read_text())
    content["snapshot"]["mood"] = "good"
    (tmp_path / "1.json").write_text(json.dumps(content))
    assert Records(tmp_path).newest() == a_record("1")


def test_old_records_make_room(tmp_path: Path) -> None:
    for number in range(105):
        (tmp_path / f"{number:03}.json").write_text("{}")
    Records(tmp_path).prune()
    assert min(path.name for path in tmp_path.iterdir()) == "005.json"


def test_what_has_no_request_to_start_from_cannot_be_resumed(tmp_path: Path) -> None:
    Records(tmp_path).save(replace(a_record("1", JobStatus.RUNNING), request={}))
    assert not Records(tmp_path).recover().snapshot.resumable


def test_a_folder_that_cant_be_made_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="disk space"):
        Records(tmp_path / "file").save(a_record("1"))
