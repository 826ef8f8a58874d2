"""A drawing's HTML."""

from __future__ import annotations

import base64
import io
from dataclasses import replace

from PIL import Image

from traintab.drawing import DrawingSnapshot, DrawingState
from traintab.ui.drawing_html import drawing_html, elsewhere_html, infotext_html, preview_html

DRAWING = DrawingSnapshot(
    number=1, kind="txt2img", state=DrawingState.DRAWING, step=3, total_steps=8, eta_seconds=2.5
)


def test_progress_is_told_in_steps_and_seconds() -> None:
    text = drawing_html(DRAWING)
    assert "3 of 8 steps · 2.5 s left" in text and "width:37.5%" in text
    assert 'data-state="drawing" data-step="3"' in text


def test_before_the_first_step_the_message_stands_over_a_bar_without_an_end() -> None:
    text = drawing_html(replace(DRAWING, state=DrawingState.WAITING, step=0, message="Waiting for <it>."))
    assert "Waiting for &lt;it&gt;." in text and "traintab-bar-unknown" in text


def test_why_it_stops_is_told_while_it_stops() -> None:
    text = drawing_html(replace(DRAWING, state=DrawingState.STOPPING, message="Interrupting."))
    assert "3 of 8 steps · 2.5 s left · Interrupting." in text


def test_the_end_is_told_without_a_bar() -> None:
    text = drawing_html(replace(DRAWING, state=DrawingState.FINISHED, step=8, message="Drew 1 picture."))
    assert "Drew 1 picture." in text and "Finished" in text and "progressbar" not in text


def test_notes_stay_in_sight() -> None:
    assert "<li>a &lt;b&gt;</li>" in drawing_html(replace(DRAWING, notes=("a <b>",)))


def test_nothing_is_said_before_the_first_drawing() -> None:
    assert drawing_html(DrawingSnapshot()) == (
        '<div class="traintab-drawing" data-state="idle" data-step="0"></div>'
    )


def test_another_tabs_drawing_is_named_while_it_goes_on() -> None:
    assert "txt2img is drawing." in elsewhere_html(DRAWING)
    assert "drawing." not in elsewhere_html(replace(DRAWING, state=DrawingState.FINISHED))


def test_a_preview_stands_inside_the_page() -> None:
    text = preview_html(Image.new("RGBA", (6, 4)), alone=True)
    data = text.split("base64,")[1].split('"')[0]
    assert Image.open(io.BytesIO(base64.b64decode(data))).size == (6, 4)
    assert "traintab-live-alone" in text
    assert "traintab-live-alone" not in preview_html(Image.new("RGB", (6, 4)), alone=False)
    assert preview_html(None, alone=True) == ""


def test_no_infotext_is_shown_while_there_is_no_picture() -> None:
    assert infotext_html((), 0) == ""
