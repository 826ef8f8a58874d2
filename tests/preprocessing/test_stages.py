"""Threads make and write pictures, a captioner works in between: in order, in batches, stopped soon."""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from traintab.errors import MemoryShortageError
from traintab.preprocessing import models_at_hand, one_picture, run
from traintab.preprocessing.captioners import CaptionerMeans, FetchInterrupted
from traintab.preprocessing.events import (
    PictureDone,
    PictureSkipped,
    PreprocessFinished,
    PreprocessInterrupted,
)

from .runs import Runs, of_kind, what_happened


class Namer:
    """Says what colour the middle is; knows how many pictures came at once, and whether it was closed."""

    name = "namer"
    problem: Exception | None = None

    def __init__(self) -> None:
        self.batches: list[int] = []
        self.closed = 0

    def captions(self, images: Sequence[Image.Image]) -> list[str]:
        self.batches.append(len(images))
        if self.problem is not None and len(self.batches) > 1:
            raise self.problem
        return [f"{image.mode} {image.getpixel((32, 32))[0]}" for image in images]

    def close(self) -> None:
        self.closed += 1


@pytest.fixture
def namer(monkeypatch: pytest.MonkeyPatch) -> Namer:
    found = Namer()
    monkeypatch.setattr(models_at_hand, "check_captioner", lambda config, models_dir: None)
    monkeypatch.setattr(models_at_hand, "load_captioner", lambda config, means: found)
    return found


@pytest.fixture
def means(tmp_path: Path) -> CaptionerMeans:
    return CaptionerMeans(models_dir=tmp_path, device="cpu", report=print, interrupted=lambda: False)


@pytest.fixture
def captioned(again: Runs, means: CaptionerMeans) -> Any:
    """A run whose captions are the namer's."""

    def events(interrupted: Any = None, **settings: Any) -> list[Any]:
        config = again.config(**{"caption": "blip", **settings})
        return list(run.preprocess(config, means=means, interrupted=interrupted))

    return events


def reds(save: Any, count: int) -> None:
    for number in range(count):
        save(f"{number}.png", (64, 64), (20 * number, 0, 0))


@pytest.mark.preprocess_option("caption_batch_size")
def test_originals_are_captioned_in_batches_and_copies_take_their_captions(
    save: Any, namer: Namer, captioned: Any, out: Path
) -> None:
    reds(save, 7)
    captioned(caption_batch_size=3, flip="both")
    assert namer.batches == [3, 3, 1]
    assert namer.closed == 1
    for number in range(7):
        texts = [(out / f"{number:05d}-{sub}-{number}.txt").read_text("utf-8") for sub in range(4)]
        assert texts == [f"RGB {20 * number}"] * 4


def test_the_pieces_of_a_split_picture_have_captions_of_their_own(
    source: Path, namer: Namer, captioned: Any, out: Path
) -> None:
    long = Image.new("RGB", (64, 256), "black")
    long.paste((200, 0, 0), (0, 128, 64, 256))
    long.save(source / "a.png")
    captioned(split=True, caption_batch_size=2)
    assert sum(namer.batches) == len(list(out.glob("*.png")))
    assert max(namer.batches) == 2
    assert {path.read_text("utf-8") for path in out.glob("*.txt")} == {"RGB 0", "RGB 200"}


def test_a_captioner_sees_transparent_parts_as_white(
    source: Path, namer: Namer, captioned: Any, out: Path
) -> None:
    Image.new("RGBA", (64, 64), (0, 0, 0, 0)).save(source / "a.png")
    captioned(keep_transparency=True)
    assert (out / "00000-0-a.txt").read_text("utf-8") == "RGB 255"


def test_no_model_is_loaded_when_all_is_done(
    save: Any, namer: Namer, captioned: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    reds(save, 2)
    captioned()
    monkeypatch.setattr(models_at_hand, "load_captioner", None)
    assert set(what_happened(captioned()).values()) == {"unchanged"}


def test_a_dry_run_loads_no_model_and_says_so(save: Any, namer: Namer, again: Runs) -> None:
    reds(save, 2)
    events = again(caption="blip", dry_run=True)
    assert "A dry run loads no models" in events[0].notes[0]
    assert isinstance(events[-1], PreprocessFinished)
    assert namer.batches == []


def test_stopping_while_captions_are_made_keeps_what_has_one(
    save: Any, namer: Namer, captioned: Any, out: Path
) -> None:
    reds(save, 9)
    events = captioned(interrupted=lambda: len(namer.batches) == 2, caption_batch_size=2)
    last = events[-1]
    assert isinstance(last, PreprocessInterrupted)
    assert (last.written, last.remaining) == (4, 5)
    assert len(list(out.glob("*.png"))) == len(list(out.glob("*.txt"))) == 4
    assert list(what_happened(captioned()).values()) == ["unchanged"] * 4 + ["done"] * 5


def test_a_captioner_that_fails_ends_the_run_and_what_was_captioned_is_known(
    save: Any, namer: Namer, captioned: Any, out: Path
) -> None:
    reds(save, 6)
    namer.problem = MemoryShortageError("Not even one picture fits.")
    with pytest.raises(MemoryShortageError, match="Not even one"):
        captioned(caption_batch_size=2)
    assert namer.closed == 1
    assert len(list(out.glob("*.txt"))) == 2
    namer.problem = None
    assert list(what_happened(captioned()).values()) == ["unchanged"] * 2 + ["done"] * 4


def test_fetching_a_model_can_be_interrupted(
    save: Any, namer: Namer, captioned: Any, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fetching(config: Any, means: CaptionerMeans) -> None:
        raise FetchInterrupted

    reds(save, 3)
    monkeypatch.setattr(models_at_hand, "load_captioner", fetching)
    assert captioned()[-1] == PreprocessInterrupted(written=0, skipped=0, remaining=3)
    assert not out.exists()


@pytest.mark.preprocess_option("workers")
@pytest.mark.parametrize("workers", [1, 3])
def test_so_many_pictures_are_worked_on_at_once(
    save: Any, again: Runs, monkeypatch: pytest.MonkeyPatch, workers: int
) -> None:
    at_work, most = [0], [0]
    lock, real = threading.Lock(), one_picture.derive
    together = threading.Barrier(workers)

    def counted(*rest: Any, **named: Any) -> Any:
        with lock:
            at_work[0] += 1
            most[0] = max(most[0], at_work[0])
        together.wait(30)
        with lock:
            at_work[0] -= 1
        return real(*rest, **named)

    monkeypatch.setattr(one_picture, "derive", counted)
    reds(save, 9)
    again(workers=workers)
    assert most[0] == workers


@pytest.mark.parametrize("caption", ["none", "blip"])
def test_no_more_pictures_are_held_than_the_threads_need(
    save: Any, namer: Namer, captioned: Any, monkeypatch: pytest.MonkeyPatch, caption: str
) -> None:
    """Two that are made and wait, a thread; the batch; four that are being written; not the folder."""
    alive, gone, most, real = count(1), count(1), [0], one_picture.derive
    lock = threading.Lock()
    left = [0]

    def let_go() -> None:
        left[0] = next(gone)

    def watched(*rest: Any, **named: Any) -> Any:
        derived = real(*rest, **named)
        weakref.finalize(derived.pictures[0].image, let_go)
        with lock:
            most[0] = max(most[0], next(alive) - left[0])
        return derived

    monkeypatch.setattr(one_picture, "derive", watched)
    for number in range(60):
        save(f"{number}.png", (64, 64))
    captioned(caption=caption, workers=2, caption_batch_size=3)
    assert most[0] <= (2 if caption == "none" else 2 * 2 + 3 + 4 * 2)


def test_results_are_told_in_the_order_of_the_names_however_long_each_takes(
    save: Any, again: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = one_picture.open_source

    def slow_at_first(path: Path, *rest: Any, **named: Any) -> Any:
        time.sleep(0.1 if path.name == "0.png" else 0)
        return real(path, *rest, **named)

    monkeypatch.setattr(one_picture, "open_source", slow_at_first)
    reds(save, 8)
    events = again(workers=4)
    assert [event.source.name for event in of_kind(events, PictureDone)] == [f"{n}.png" for n in range(8)]


def test_a_picture_is_waited_for_no_longer_than_it_takes_to_finish_it(
    save: Any, again: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, real = threading.Event(), one_picture.open_source

    def waits(path: Path, *rest: Any, **named: Any) -> Any:
        assert asked.wait(10), "nobody asked while the picture was waited for"
        return real(path, *rest, **named)

    def interrupted() -> bool:
        if len(calls) == 8:  # all are begun, one is at work
            asked.set()
            return True
        calls.append(1)
        return False

    calls: list[int] = []
    monkeypatch.setattr(one_picture, "open_source", waits)
    reds(save, 3)
    last = list(run.preprocess(again.config(workers=1), interrupted=interrupted))[-1]
    assert last == PreprocessInterrupted(written=1, skipped=0, remaining=2)


@pytest.mark.parametrize("problem", [MemoryError(), ValueError("odd"), OverflowError("large")])
def test_a_picture_that_breaks_the_work_is_skipped_alone(
    save: Any, again: Runs, monkeypatch: pytest.MonkeyPatch, problem: Exception
) -> None:
    real = one_picture.derive

    def breaks(image: Image.Image, *rest: Any, **named: Any) -> Any:
        if image.getpixel((0, 0)) == (20, 0, 0):
            raise problem
        return real(image, *rest, **named)

    monkeypatch.setattr(one_picture, "derive", breaks)
    reds(save, 3)
    events = again()
    (skipped,) = of_kind(events, PictureSkipped)
    assert skipped.reason.startswith("1.png ")
    assert events[-1] == PreprocessFinished(written=2, skipped=1)


def test_opencv_breaking_on_a_picture_skips_it_alone(
    save: Any, again: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    import cv2

    def breaks(*rest: Any, **named: Any) -> Any:
        raise cv2.error("assertion failed")

    monkeypatch.setattr(one_picture, "derive", breaks)
    reds(save, 1)
    threads = cv2.getNumThreads()
    assert "assertion failed" in of_kind(again(focal_crop=True), PictureSkipped)[0].reason
    assert cv2.getNumThreads() == threads


def test_a_mistake_of_ours_is_no_fault_of_the_picture(
    save: Any, again: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    def mistaken(*rest: Any, **named: Any) -> Any:
        raise TypeError("ours")

    monkeypatch.setattr(one_picture, "derive", mistaken)
    reds(save, 3)
    with pytest.raises(TypeError, match="ours"):
        again()
