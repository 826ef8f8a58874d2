from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from traintab.job_progress import changes, follow
from traintab.jobs import JobContext, JobSnapshot, JobStatus, Worker
from traintab.preprocessing.events import (
    PictureDone,
    PictureSkipped,
    PictureUnchanged,
    PreprocessFinished,
    PreprocessInterrupted,
    PreprocessStarted,
)
from traintab.training.events import (
    BestStep,
    CheckpointSaved,
    Evaluated,
    PreviewSaved,
    StepCompleted,
    TrainingFinished,
    TrainingInterrupted,
    TrainingNotice,
    TrainingStarted,
)

HERE = Path("run")
STARTED = TrainingStarted(step=0, total_steps=3, steps_per_epoch=2, num_images=2, run_dir=HERE)


def steps(first: int, last: int) -> list[object]:
    return [StepCompleted(step=n, epoch=1, loss=1.0 / n, learning_rate=0.005) for n in range(first, last + 1)]


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[Worker]:
    worker = Worker(tmp_path)
    yield worker
    worker.close(20)


def after(worker: Worker, *events: object, before: JobSnapshot | None = None) -> JobSnapshot:
    """The last snapshot of a job that tells these events."""

    def run(context: JobContext) -> Iterator[object]:
        if before is not None:
            context.update(losses=before.losses, images=before.images, folder=before.folder)
        yield from follow(events, context)

    worker.start("train", "Training of mira", run)
    return worker.wait(20)


def test_a_finished_run_has_its_steps_curve_and_message(worker: Worker) -> None:
    end = TrainingFinished(step=3, path=Path("mira.pt"))
    last = after(worker, STARTED, *steps(1, 3), end)
    assert (last.status, last.step, last.total_steps) == (JobStatus.FINISHED, 3, 3)
    assert [step for step, _ in last.losses] == [1, 2, 3]
    assert last.message == "Finished at step 3: mira.pt is ready to use." and not last.resumable


def test_an_interrupted_run_can_be_resumed(worker: Worker) -> None:
    last = after(worker, STARTED, *steps(1, 2), TrainingInterrupted(step=2, path=Path("mira.pt")))
    assert last.status is JobStatus.INTERRUPTED and last.resumable and last.folder == "run"


def test_a_run_that_is_asked_to_stop_at_its_last_step_is_finished(worker: Worker) -> None:
    def run(context: JobContext) -> Iterator[object]:
        worker.stop()
        yield from follow([STARTED, *steps(1, 3), TrainingFinished(step=3, path=Path("m.pt"))], context)

    worker.start("train", "Training", run)
    assert worker.wait(20).status is JobStatus.FINISHED


def test_a_resumed_run_keeps_its_curve_up_to_the_step_it_goes_on_from(worker: Worker) -> None:
    losses = tuple((n, 1.0) for n in range(1, 9))
    before = JobSnapshot(losses=losses, images=(("a.png", "step 5"),), folder=str(HERE))
    started = TrainingStarted(step=5, total_steps=7, steps_per_epoch=2, num_images=2, run_dir=HERE)
    last = after(worker, started, *steps(6, 7), before=before)
    assert [step for step, _ in last.losses] == [1, 2, 3, 4, 5, 6, 7]
    assert last.images == before.images


def test_a_step_without_a_loss_keeps_the_last_one(worker: Worker) -> None:
    silent = StepCompleted(step=3, epoch=2, loss=None, learning_rate=0.001)
    last = after(worker, STARTED, *steps(1, 2), silent)
    assert (last.step, last.epoch, last.loss, last.learning_rate) == (3, 2, 0.5, 0.001)


def test_notices_tell_how_far_the_preparation_is() -> None:
    found = changes(TrainingNotice(message="Encoding 4 of 8.", fraction=0.5), JobSnapshot())
    assert found == {"message": "Encoding 4 of 8.", "fraction": 0.5}


def test_a_preview_drawn_again_stands_once_and_last() -> None:
    before = JobSnapshot(images=(("a.png", "step 1"), ("b.png", "step 2")))
    found = changes(PreviewSaved(step=3, path=Path("a.png")), before)
    assert found["images"] == (("b.png", "step 2"), ("a.png", "step 3"))


def test_the_further_pictures_of_a_list_are_numbered() -> None:
    found = changes(PreviewSaved(step=3, path=Path("a-2.png"), number=2), JobSnapshot())
    assert found["images"] == (("a-2.png", "step 3 · 2"),)


def test_the_pictures_of_a_long_run_do_not_pile_up() -> None:
    before = JobSnapshot(images=tuple((f"{n}.png", "") for n in range(60)))
    assert len(changes(PreviewSaved(step=1, path=Path("new.png")), before)["images"]) == 60


def test_the_best_of_very_many_evaluations_keeps_its_step_and_its_loss() -> None:
    job = JobSnapshot()
    for step in range(2500):
        job = replace(
            job, **changes(Evaluated(step=step, loss=0.1 if step == 777 else 0.3, is_best=step == 777), job)
        )
    assert (777, 0.1) in job.evaluations and len(job.evaluations) < 1000
    assert job.evaluations[-1] == (2499, 0.3)


def test_a_saved_copy_is_told() -> None:
    found = changes(CheckpointSaved(step=5, path=Path("x/mira-5.pt")), JobSnapshot())
    assert found == {"message": "Saved step 5 as mira-5.pt.", "marks": ((5, "saved"),)}


def test_a_run_that_nobody_remembers_is_resumed_with_the_curve_of_its_files(
    worker: Worker, tmp_path: Path
) -> None:
    rows = ["step,epoch,epoch_step,loss,learn_rate", "2,0,1,0.5,0.005", "4,1,1,0.25,0.001", "9,4,0,0.1,0.001"]
    (tmp_path / "textual_inversion_loss.csv").write_text("\n".join(rows))
    before = JobSnapshot(losses=((1, 9.0),), folder="another run")
    started = replace(STARTED, step=5, total_steps=6, run_dir=tmp_path)
    last = after(worker, started, *steps(6, 6), before=before)
    assert last.losses == ((2, 0.5), (4, 0.25), (6, 1 / 6))
    assert last.rates == ((2, 0.005), (4, 0.001), (6, 0.005))


def test_the_epochs_in_all_are_known(worker: Worker) -> None:
    last = after(worker, STARTED, *steps(1, 3))
    assert (last.epoch, last.total_epochs) == (1, 2)


def test_a_learning_rate_is_noted_where_it_changes(worker: Worker) -> None:
    rates = (0.005, 0.005, 0.001, 0.001, 0.005)
    events = [StepCompleted(step=n, epoch=1, loss=1.0, learning_rate=rate) for n, rate in enumerate(rates, 1)]
    assert after(worker, STARTED, *events).rates == ((1, 0.005), (3, 0.001), (5, 0.005))


def test_a_rate_that_never_rests_is_thinned_between_its_ends() -> None:
    snapshot = JobSnapshot()
    for step in range(1, 5001):
        event = StepCompleted(step=step, epoch=1, loss=None, learning_rate=1.0 / step)
        snapshot = replace(snapshot, **changes(event, snapshot))
    points = [step for step, _ in snapshot.rates]
    assert len(points) < 400 and points[0] == 1 and points[-1] == 5000 and points == sorted(set(points))


def test_copies_and_previews_mark_their_steps_once() -> None:
    events = [
        CheckpointSaved(step=5, path=Path("mira-5.pt")),
        PreviewSaved(step=5, path=Path("a.png")),
        CheckpointSaved(step=5, path=Path("mira.pt")),
        PreviewSaved(step=5, path=Path("a-2.png"), number=2),
        PreviewSaved(step=10, path=Path("b.png")),
    ]
    snapshot = JobSnapshot()
    for event in events:
        snapshot = replace(snapshot, **changes(event, snapshot))
    assert snapshot.marks == ((5, "preview"), (5, "saved"), (10, "preview"))


def test_evaluations_make_a_curve_and_the_best_step_is_known(worker: Worker) -> None:
    story = [
        STARTED,
        Evaluated(step=0, loss=0.5, is_best=True),
        *steps(1, 2),
        Evaluated(step=2, loss=0.25, is_best=True),
        BestStep(step=2, loss=0.25, path=Path("mira-2.pt")),
        *steps(3, 3),
        Evaluated(step=3, loss=0.3, is_best=False),
    ]
    last = after(worker, *story)
    assert last.evaluations == ((0, 0.5), (2, 0.25), (3, 0.3)) and last.best_step == 2
    assert last.step == 3


def test_a_resumed_run_shows_the_evaluations_that_it_goes_on_with(worker: Worker) -> None:
    before = JobSnapshot(evaluations=((0, 0.5), (2, 0.1), (4, 0.2)), best_step=2)
    points = ((0, 0.5), (2, 0.3))
    started = replace(STARTED, step=2, evaluations=points)
    last = after(worker, started, before=before)
    assert (last.evaluations, last.best_step) == (points, 2)


def test_thousands_of_evaluations_are_thinned_and_the_best_stays_known() -> None:
    snapshot = JobSnapshot(best_step=7)
    for step in range(2500):
        event = Evaluated(step=step, loss=0.5, is_best=False)
        snapshot = replace(snapshot, **changes(event, snapshot))
    assert len(snapshot.evaluations) < 1000 and snapshot.best_step == 7


def test_an_event_nobody_shows_changes_nothing() -> None:
    assert changes(object(), JobSnapshot()) == {}


def test_preprocessing_counts_pictures_and_tells_what_was_left_out(worker: Worker) -> None:
    last = after(
        worker,
        PreprocessStarted(total=3, width=64, height=64, notes=("The destination holds files.",)),
        PictureDone(source=Path("a.jpg"), outputs=(Path("0-a.png"), Path("1-a.png"))),
        PictureSkipped(source=Path("b.txt"), reason="no picture."),
        PictureDone(source=Path("c.jpg"), outputs=(Path("0-c.png"),), notes=("It is small.",)),
        PreprocessFinished(written=3, skipped=1),
    )
    assert (last.step, last.total_steps, last.status) == (3, 3, JobStatus.FINISHED)
    assert [path for path, _ in last.images] == ["0-a.png", "1-a.png", "0-c.png"]
    assert last.message == "Wrote 3 training pictures. 1 file gave none."
    assert last.notes == ("The destination holds files.", "c.jpg: It is small.")
    assert last.skipped == (("b.txt", "no picture."),)


def test_preprocessing_counts_as_it_goes_and_says_where_the_pictures_are(worker: Worker) -> None:
    events = (
        PreprocessStarted(total=4, width=64, height=72, destination=Path("out")),
        PictureUnchanged(source=Path("a.jpg"), outputs=(Path("out/0-a.png"),)),
        PictureDone(source=Path("b.jpg"), outputs=(Path("out/0-b.png"), Path("out/1-b.png"))),
        PictureSkipped(source=Path("c.txt"), reason="no picture."),
    )
    before = JobSnapshot()
    for event in events:
        before = replace(before, **changes(event, before))
    assert before.counts == (("pictures written", 2), ("files unchanged", 1), ("files skipped", 1))
    assert (before.step, before.result_folder, before.result_size) == (3, "out", (64, 72))
    last = after(worker, *events, PreprocessFinished(written=2, skipped=1, unchanged=1))
    assert last.message == "Wrote 2 training pictures. 1 file was unchanged. 1 file gave none."
    assert last.counts == before.counts


def test_preprocessing_that_made_nothing_says_what_to_do(worker: Worker) -> None:
    skipped = PictureSkipped(source=Path("a.pt"), reason="no picture.")
    last = after(worker, skipped, PreprocessFinished(written=0, skipped=1))
    assert last.message == (
        "Wrote 0 training pictures. 1 file gave none."
        " There is nothing to train on: put pictures into the source directory, or choose another."
    )
    again = after(worker, skipped, PreprocessFinished(written=0, skipped=1, unchanged=2))
    assert "nothing to train on" not in again.message


def test_advice_stays_in_sight_and_stands_once() -> None:
    before = JobSnapshot(notes=("Two pictures are the same.", "One caption is empty."))
    found = changes(TrainingNotice(message="Two pictures are the same."), before)
    assert found["notes"] == ("One caption is empty.", "Two pictures are the same.")


def test_interrupted_preprocessing_says_what_is_left(worker: Worker) -> None:
    last = after(worker, PreprocessInterrupted(written=2, skipped=0, remaining=5))
    assert last.status is JobStatus.INTERRUPTED
    assert last.message == (
        "Interrupted. 2 pictures are written. 5 files were not looked at. Preprocess goes on from there."
    )
