"""What a browser is sent of a drawing, from its snapshot alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from PIL import Image

from traintab.drawing import DrawingSnapshot, DrawingState, DrawnPicture
from traintab.ui.drawing_view import PARTS, chosen_infotext, clicked, parts, view

DRAWING = DrawingSnapshot(
    number=1,
    kind="txt2img",
    state=DrawingState.DRAWING,
    step=3,
    total_steps=8,
    eta_seconds=2.5,
    message="Drawing.",
)


def pictures(folder: Path, count: int) -> tuple[DrawnPicture, ...]:
    found = tuple(
        DrawnPicture(path=folder / f"{number}.png", seed=7 + number, infotext=f"mira <{number}>")
        for number in range(count)
    )
    for one in found:
        Image.new("RGB", (8, 8)).save(one.path)
    return found


def is_skipped(value: Any) -> bool:
    return isinstance(value, dict) and set(value) == {"__type__"}


def changed(values: Any) -> list[str]:
    return [name for name, value in zip(PARTS, values, strict=True) if not is_skipped(value)]


def test_the_first_look_shows_everything(studio: Any) -> None:
    seen, *values = view(studio, "txt2img")({})
    assert changed(values) == list(PARTS) and set(seen) == set(PARTS)


def test_a_second_look_sends_nothing(studio: Any) -> None:
    studio.shown = DRAWING
    look = view(studio, "txt2img")
    seen, *_ = look({})
    assert all(map(is_skipped, look(seen)))


def test_a_step_sends_the_status_only(studio: Any) -> None:
    studio.shown = DRAWING
    look = view(studio, "txt2img")
    seen, *_ = look({})
    studio.shown = replace(DRAWING, step=4)
    _, *values = look(seen)
    assert changed(values) == ["status"]


def test_a_new_preview_is_sent_and_goes_with_the_last_step(studio: Any) -> None:
    look = view(studio, "txt2img")
    studio.shown = DRAWING
    seen, *_ = look({})
    studio.shown = replace(DRAWING, preview=Image.new("RGB", (4, 4)), preview_step=3)
    seen, *values = look(seen)
    assert changed(values) == ["preview"] and "data:image/jpeg;base64," in values[PARTS.index("preview")]
    studio.shown = replace(studio.shown, preview=None)
    _, *values = look(seen)
    assert values[PARTS.index("preview")] == ""


def test_a_finished_picture_goes_to_the_gallery_and_is_chosen(studio: Any, tmp_path: Path) -> None:
    look = view(studio, "txt2img")
    studio.shown = DRAWING
    seen, *_ = look({})
    studio.shown = replace(DRAWING, pictures=pictures(tmp_path, 1))
    seen, *values = look(seen)
    shown = dict(zip(PARTS, values, strict=True))
    assert shown["gallery"]["value"] == [(str(tmp_path / "0.png"), "seed 7")]
    assert "mira &lt;0&gt;" in shown["infotext"] and shown["pictures"] == studio.shown.pictures
    studio.shown = replace(DRAWING, pictures=pictures(tmp_path, 2))
    _, *values = look(seen)
    assert "infotext" not in changed(values) and "chosen" not in changed(values), "a click stays as it was"


def test_the_next_drawing_clears_the_last(studio: Any, tmp_path: Path) -> None:
    studio.shown = replace(DRAWING, pictures=pictures(tmp_path, 1), state=DrawingState.FAILED, error="Full.")
    look = view(studio, "txt2img")
    seen, *values = look({})
    assert "Full." in values[PARTS.index("message")]
    studio.shown = replace(DRAWING, number=2)
    _, *values = look(seen)
    shown = dict(zip(PARTS, values, strict=True))
    assert shown["gallery"]["value"] == [] and shown["infotext"] == "" and shown["message"] == ""
    assert shown["chosen"] == 0 and shown["pictures"] == ()


def test_a_lost_file_is_left_out_of_the_gallery(tmp_path: Path) -> None:
    two = pictures(tmp_path, 2)
    two[0].path.unlink()
    found = parts(replace(DRAWING, pictures=two), "txt2img")
    assert [caption for _, caption in found["gallery"].value()["value"]] == ["seed 8"]
    assert found["pictures"].value() == two[1:], "a click means the picture that stands there"


def test_of_very_many_pictures_the_newest_hundred_are_shown(studio: Any, tmp_path: Path) -> None:
    look = view(studio, "txt2img")
    many = pictures(tmp_path, 102)
    studio.shown = replace(DRAWING, pictures=many[:100])
    seen, *_ = look({})
    studio.shown = replace(DRAWING, pictures=many)
    _, *values = look(seen)
    shown = dict(zip(PARTS, values, strict=True))
    assert shown["pictures"] == many[2:] and len(shown["gallery"]["value"]) == 100
    assert shown["chosen"] == 0 and "mira &lt;2&gt;" in shown["infotext"]


@pytest.mark.parametrize(("count", "columns"), [(0, 1), (1, 1), (2, 2), (4, 2), (5, 3), (9, 3), (30, 4)])
def test_pictures_have_as_many_columns_as_suit_them(tmp_path: Path, count: int, columns: int) -> None:
    snapshot = replace(DRAWING, pictures=pictures(tmp_path, count))
    assert parts(snapshot, "txt2img")["gallery"].value()["columns"] == columns


@pytest.mark.parametrize("state", list(DrawingState))
@pytest.mark.parametrize("area", ["txt2img", "img2img"])
def test_buttons_can_be_pressed_when_they_make_sense(state: DrawingState, area: str) -> None:
    found = parts(replace(DRAWING, state=state), area)
    active = state in (DrawingState.WAITING, DrawingState.DRAWING, DrawingState.STOPPING)
    assert found["generate"].value()["interactive"] is not active
    assert found["interrupt"].value()["interactive"] is active
    assert found["skip"].value()["interactive"] is active


def test_another_tabs_drawing_leaves_this_tabs_pictures_alone(studio: Any, tmp_path: Path) -> None:
    studio.shown = replace(DRAWING, pictures=pictures(tmp_path, 1), state=DrawingState.FINISHED)
    look = view(studio, "txt2img")
    seen, *_ = look({})
    studio.shown = replace(DRAWING, number=2, kind="img2img")
    seen, *values = look(seen)
    assert changed(values) == ["status", "generate", "interrupt", "skip"]
    assert "img2img is drawing" in values[0]
    studio.shown = replace(DRAWING, number=3)
    _, *values = look(seen)
    assert {"gallery", "pictures", "infotext"} <= set(changed(values))


def test_a_click_tells_how_that_picture_was_drawn(tmp_path: Path) -> None:
    chosen, text = clicked(pictures(tmp_path, 2), cast(Any, SimpleNamespace(index=1)))
    assert chosen == 1 and "mira &lt;1&gt;" in text


def test_the_chosen_pictures_text_is_empty_while_there_is_none(tmp_path: Path) -> None:
    assert chosen_infotext((), 0) == ""
    assert chosen_infotext(pictures(tmp_path, 2), 1) == "mira <1>"
