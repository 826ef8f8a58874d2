from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from traintab.drawing import DrawingSnapshot, DrawingState, DrawnPicture
from traintab.drawing.progress import DrawingProgress


def under_way() -> DrawingProgress:
    progress = DrawingProgress(DrawingSnapshot(number=1, state=DrawingState.WAITING))
    progress.begin()
    return progress


def picture(seed: int) -> DrawnPicture:
    return DrawnPicture(path=Path(f"{seed}.png"), seed=seed, infotext="cat")


def test_a_skip_is_heard_once() -> None:
    progress = under_way()
    progress.skip()

    assert (progress.skipped(), progress.skipped()) == (True, False)


def test_a_skip_is_told_until_it_is_heard() -> None:
    progress = under_way()
    progress.skip()
    while_skipping = progress.snapshot.message
    progress.skipped()

    assert (while_skipping, progress.snapshot.message) == ("Skipping this picture.", "Drawing.")


def test_a_skip_that_is_heard_after_an_interrupt_leaves_what_is_said_of_that() -> None:
    progress = under_way()
    progress.skip()
    progress.interrupt()
    progress.skipped()

    assert progress.snapshot.message == "Interrupting after this step."


def test_a_skip_before_the_first_step_skips_nothing() -> None:
    progress = DrawingProgress(DrawingSnapshot(state=DrawingState.WAITING))
    progress.skip()
    progress.begin()

    assert not progress.skipped()


def test_an_interrupt_is_heard_until_the_end() -> None:
    progress = under_way()
    progress.interrupt()

    assert progress.interrupted() and progress.interrupted()


def test_an_interrupt_while_the_model_is_awaited_is_not_forgotten() -> None:
    progress = DrawingProgress(DrawingSnapshot(state=DrawingState.WAITING))
    progress.interrupt()
    progress.wait_for_model()
    progress.begin()

    assert progress.snapshot.state is DrawingState.STOPPING


def test_a_preview_knows_its_step_and_makes_room_for_the_picture() -> None:
    progress, preview = under_way(), Image.new("RGB", (8, 8))
    progress.step(1, 2)
    progress.show(preview)
    shown = progress.snapshot
    progress.step(2, 2)
    progress.add(picture(5))

    assert (shown.preview, shown.preview_step) == (preview, 1)
    assert progress.snapshot.preview is None
    assert [drawn.seed for drawn in progress.snapshot.pictures] == [5]


def test_notes_stay_in_sight_to_the_end() -> None:
    progress = DrawingProgress(DrawingSnapshot(state=DrawingState.WAITING))
    progress.begin(["mira is in training."])
    progress.note("The picture is drawn again in float32.")
    progress.finish(1)

    assert progress.snapshot.notes == ("mira is in training.", "The picture is drawn again in float32.")


@pytest.mark.parametrize("is_seen", [True, False])
def test_a_note_goes_to_the_log_only_where_nobody_looks(
    caplog: pytest.LogCaptureFixture, is_seen: bool
) -> None:
    progress = DrawingProgress(DrawingSnapshot(state=DrawingState.DRAWING), is_seen=is_seen)

    progress.note("The picture is drawn again in float32.")

    assert ("drawn again" in caplog.text) is not is_seen


def test_each_change_has_a_revision_of_its_own() -> None:
    progress = under_way()
    seen = {progress.snapshot.revision}
    progress.step(1, 2)
    seen.add(progress.snapshot.revision)
    progress.add(picture(1))
    seen.add(progress.snapshot.revision)
    progress.finish(1)
    seen.add(progress.snapshot.revision)

    assert len(seen) == 4


@pytest.mark.parametrize(
    ("drawn", "wanted", "message"),
    [(1, 1, "Drew 1 picture."), (3, 3, "Drew 3 pictures."), (2, 4, "Drew 2 pictures; 2 skipped.")],
)
def test_the_end_tells_how_many_pictures_there_are(drawn: int, wanted: int, message: str) -> None:
    progress = under_way()
    progress.add(*(picture(seed) for seed in range(drawn)))
    progress.finish(wanted)

    assert (progress.snapshot.state, progress.snapshot.message) == (DrawingState.FINISHED, message)


def test_an_interrupt_that_came_too_late_is_a_finished_drawing() -> None:
    progress = under_way()
    progress.interrupt()
    progress.add(picture(1))
    progress.finish(1)

    assert progress.snapshot.state is DrawingState.FINISHED
