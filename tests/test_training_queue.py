"""The queue with real trainings: in order, across a restart, and gone on with where they were left."""

import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from traintab import job_progress
from traintab.configs import CreateConfig, PreprocessConfig, TrainingConfig, from_mapping
from traintab.errors import ConfigError, DatasetError, EmbeddingNameError, InputError, NothingToDoError
from traintab.hosts.standalone import StandaloneHost
from traintab.jobs import JobContext, JobStatus, Queue, QueueEntry, QueueStatus
from traintab.paths import Paths
from traintab.studio import Studio
from traintab.training.events import StepCompleted
from traintab.training.unfinished import Resume
from traintab.training_queue import add_training, training_of

SECONDS = 120.0


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths.under(tmp_path / "data")


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in range(3):
        Image.new("RGB", (64, 64), (80 * number, 40, 200)).save(folder / f"{number}-red girl.png")
    return folder


@pytest.fixture
def start(paths: Paths, tiny_model: Any) -> Iterator[Callable[[], Studio]]:
    """Starts the program, again and again on the same folder."""
    studios: list[Studio] = []

    def make() -> Studio:
        studios.append(Studio(StandaloneHost(paths), model="tiny", load=lambda spec, report: tiny_model))
        return studios[-1]

    yield make
    for studio in studios:
        studio.close(SECONDS)


@pytest.fixture
def stays_at_step_3(monkeypatch: pytest.MonkeyPatch) -> None:
    """A training that has taken three steps takes the fourth only when it is resumed after a stop."""

    def follow(events: Iterable[object], context: JobContext) -> Iterator[object]:
        for event in job_progress.follow(events, context):
            yield event
            if isinstance(event, StepCompleted) and event.step == 3:
                wait(context.should_stop)

    monkeypatch.setattr("traintab.training_job.follow", follow)


def a_run(pictures: Path, **settings: Any) -> TrainingConfig:
    values = {"embedding_name": "mira", "data_dir": str(pictures), "model": "tiny", "steps": 4, **settings}
    return from_mapping(TrainingConfig, {"preview_every": 0, "save_every": 0, **values})


def create(studio: Studio, *names: str) -> None:
    for name in names:
        studio.create_embedding(CreateConfig(name=name, initialization_text="girl"))


def wait(condition: Callable[[], object]) -> None:
    for _ in range(int(SECONDS / 0.02)):
        if condition():
            return
        threading.Event().wait(0.02)
    pytest.fail("It did not happen in time.")


def statuses(studio: Studio) -> dict[str, str]:
    return {
        f"{entry.title.split()[-1]} {entry.detail.split()[2]}": entry.status.value
        for entry in studio.queue.snapshot().entries
    }


def test_queued_trainings_follow_the_one_that_runs(start: Callable[[], Studio], pictures: Path) -> None:
    studio = start()
    create(studio, "mira", "ben")
    studio.train(a_run(pictures, steps=100_000))
    studio.queue.add_training(a_run(pictures, embedding_name="ben"))
    studio.queue.add_training(a_run(pictures, embedding_name="ben", steps=6))
    wait(lambda: studio.snapshot().step >= 2)
    assert list(statuses(studio).values()) == ["waiting", "waiting"]
    studio.interrupt()
    wait(lambda: statuses(studio) == {"ben 4": "finished", "ben 6": "finished"})
    assert studio.library.embeddings()["ben"].step == 6
    studio.queue.hold()
    studio.queue.add_training(a_run(pictures, embedding_name="ben", steps=8))
    assert studio.queue.remove_finished() == 2
    wait(lambda: statuses(studio) == {"ben 8": "waiting"})


def test_what_could_not_be_trained_is_refused_when_it_is_added(
    start: Callable[[], Studio], pictures: Path
) -> None:
    studio = start()
    with pytest.raises(EmbeddingNameError, match="no embedding called 'mira'"):
        studio.queue.add_training(a_run(pictures))
    create(studio, "mira")
    with pytest.raises(DatasetError):
        studio.queue.add_training(a_run(pictures / "nowhere"))
    with pytest.raises(NothingToDoError):
        studio.queue.add_training(a_run(pictures), resume=Resume())
    assert studio.queue.snapshot().entries == ()


def test_pictures_are_preprocessed_before_the_training_that_needs_them(
    start: Callable[[], Studio], pictures: Path, tmp_path: Path
) -> None:
    studio = start()
    create(studio, "mira")
    studio.queue.hold()
    ready = tmp_path / "ready"
    preprocess = PreprocessConfig(source=str(pictures), destination=str(ready), width=64, height=64)
    studio.queue.add_preprocessing(preprocess, "tiny")
    studio.queue.add_training(a_run(ready))
    assert not ready.exists()
    studio.queue.release()
    wait(lambda: [one.status for one in studio.queue.snapshot().entries].count(QueueStatus.FINISHED) == 2)
    assert studio.library.embeddings()["mira"].step == 4


def test_a_closed_program_s_training_goes_on_where_it_was_left(
    start: Callable[[], Studio], pictures: Path, stays_at_step_3: None
) -> None:
    studio = start()
    create(studio, "mira", "ben")
    studio.queue.add_training(a_run(pictures, steps=8))
    studio.queue.add_training(a_run(pictures, embedding_name="ben", steps=2))
    wait(lambda: studio.snapshot().step == 3)
    left = studio.close(SECONDS)
    assert 3 <= left.step < 8

    restarted = start()
    wait(lambda: len(restarted.queue.snapshot().entries) == 2)
    assert list(statuses(restarted).items()) == [("mira 8", "waiting"), ("ben 2", "waiting")]
    assert "the program was closed" in restarted.queue.snapshot().held
    assert restarted.snapshot().status is JobStatus.INTERRUPTED
    restarted.queue.release()
    wait(lambda: set(statuses(restarted).values()) == {"finished"})
    folders = {one.title: one.folder for one in restarted.queue.snapshot().entries}
    assert folders["Training of mira"] == left.folder
    assert restarted.library.embeddings()["mira"].step == 8


def test_a_cancelled_training_is_saved_and_tried_again_from_there(
    start: Callable[[], Studio], pictures: Path, stays_at_step_3: None
) -> None:
    studio = start()
    create(studio, "mira")
    entry = studio.queue.add_training(a_run(pictures, steps=8))
    wait(lambda: studio.snapshot().step == 3)
    studio.queue.cancel(entry.id)
    wait(lambda: statuses(studio) == {"mira 8": "interrupted"})
    left = studio.snapshot()
    assert left.status is JobStatus.INTERRUPTED and 3 <= left.step < 8
    studio.queue.retry(entry.id)
    wait(lambda: statuses(studio) == {"mira 8": "finished"})
    assert studio.snapshot().folder == left.folder
    assert studio.library.embeddings()["mira"].step == 8


def test_a_setting_that_this_version_does_not_know_fails_the_entry_alone(
    start: Callable[[], Studio], pictures: Path, paths: Paths
) -> None:
    studio = start()
    create(studio, "mira")
    queue = Queue(paths.queue_dir)
    queue.add(
        "train", "Training of new", {"config": {"embedding_name": "new", "sparkle": 3}}, detail="to step 1"
    )
    queue.add("train", "Training of torn", {"config": "x"}, detail="to step 1")
    studio.queue.add_training(a_run(pictures))
    wait(lambda: statuses(studio).get("mira 4") == "finished")
    messages = {entry.title: entry.message for entry in studio.queue.snapshot().entries}
    assert "'sparkle'" in messages["Training of new"]
    assert "add it again" in messages["Training of torn"]


def test_what_is_resumed_by_name_is_kept_with_the_point_to_go_on_from(paths: Paths) -> None:
    request = {"config": {"embedding_name": "mira", "data_dir": "in"}, "resume": True, "from_step": 500}
    config, resume = training_of(QueueEntry(id="a", kind="train", title="A", request=request), paths)
    assert (config.embedding_name, resume) == ("mira", Resume(from_step=500))


def test_wrong_settings_never_reach_the_queue(paths: Paths) -> None:
    with pytest.raises((ConfigError, EmbeddingNameError)):
        add_training(Queue(paths.queue_dir), TrainingConfig(embedding_name="mira"), paths)
    assert not paths.queue_dir.exists()


def test_what_this_version_does_not_know_stands_in_nobody_s_way(
    start: Callable[[], Studio], pictures: Path, paths: Paths
) -> None:
    queue = Queue(paths.queue_dir)
    unknown = queue.add("dance", "Dance", {"config": {}})
    with pytest.raises(InputError, match="doesn't know what 'dance' means"):
        training_of(unknown, paths)
    queue.add("preprocess", "Preprocessing", {"config": {"sparkle": 3}})
    create(start(), "mira")
    with pytest.raises(DatasetError, match="nowhere"):
        add_training(queue, a_run(pictures / "nowhere"), paths)


@pytest.mark.parametrize("is_restarted", [False, True])
def test_a_training_resumed_in_the_job_view_is_its_entry_again(
    start: Callable[[], Studio], pictures: Path, stays_at_step_3: None, is_restarted: bool
) -> None:
    studio = start()
    create(studio, "mira")
    studio.queue.add_training(a_run(pictures, steps=100_000))
    wait(lambda: studio.snapshot().step == 3)
    if is_restarted:
        studio.close(SECONDS)
        studio = start()
        wait(lambda: statuses(studio) == {"mira 100,000": "waiting"})
    else:
        studio.interrupt()
        wait(lambda: statuses(studio) == {"mira 100,000": "interrupted"})
    folder = studio.snapshot().folder
    studio.resume()
    wait(lambda: statuses(studio) == {"mira 100,000": "running"})
    studio.interrupt()
    wait(lambda: statuses(studio) == {"mira 100,000": "interrupted"})
    (entry,) = studio.queue.snapshot().entries
    assert f"at step {studio.snapshot().step};" in entry.message and entry.folder == folder
    reached = studio.snapshot().step + 2
    studio.resuming.go_on(changes={"steps": reached})
    wait(lambda: statuses(studio) == {"mira 100,000": "finished"})
    assert studio.library.embeddings()["mira"].step == reached
