"""The drawing of the learning rate under its field."""

from __future__ import annotations

from itertools import pairwise
from typing import Any
from xml.etree import ElementTree

import gradio as gr
import pytest

from traintab.configs import TrainingConfig
from traintab.ui.form import Form
from traintab.ui.schedule_plot import SchedulePlot, schedule_html


def drawn(**values: Any) -> str:
    return schedule_html({"learning_rate": "0.005", "steps": 1000, **values})


def line(svg: str) -> list[tuple[float, float]]:
    root = ElementTree.fromstring(svg[: svg.index("</svg>") + 6])
    (found,) = root.iter("polyline")
    return [(float(x), float(y)) for x, y in (pair.split(",") for pair in found.attrib["points"].split())]


def test_a_rate_that_stays_is_told_in_words() -> None:
    assert drawn() == '<div class="traintab-rate-told">0.005 in every step.</div>'


def test_steps_of_a_schedule_are_stairs_down_a_logarithmic_scale() -> None:
    points = line(drawn(learning_rate="0.1:250, 0.01:500, 0.001"))
    heights = sorted({y for _, y in points})
    assert len(heights) == 3
    assert heights[1] - heights[0] == pytest.approx(heights[2] - heights[1], abs=0.2)
    falls = [(x, later - y) for (x, y), (_, later) in pairwise(points) if later != y]
    assert [x for x, _ in falls] == pytest.approx([48 + 580 / 4, 48 + 580 / 2], abs=0.1)


def test_the_largest_numbers_there_are_have_a_drawing() -> None:
    assert len({y for _, y in line(drawn(learning_rate="1.7e308:10, 0.001"))}) > 1
    assert len({y for _, y in line(drawn(learning_rate="1.7e308:10, 5e-324", scale_lr=True))}) > 1


def test_a_schedule_that_ends_early_says_so_and_leaves_room() -> None:
    svg = drawn(learning_rate="0.1:250, 0.01:500")
    assert "The run ends at step 500, where the schedule does." in svg
    assert max(x for x, _ in line(svg)) == pytest.approx(48 + 580 / 2, abs=0.1)
    assert "The run ends at step 10," in drawn(learning_rate="0.005:10")


def test_a_curve_with_a_warmup_rises_and_falls_within_the_frame() -> None:
    points = line(drawn(lr_scheduler="cosine", lr_warmup="10%"))
    highest = min(points, key=lambda point: point[1])
    assert points[0][1] > highest[1] and points[-1][1] > highest[1]
    assert highest[0] == pytest.approx(48 + 58, abs=3)
    assert all(0 <= x <= 640 and 0 <= y <= 120 for x, y in points)


def test_a_curve_that_ends_at_0_leaves_room_for_the_rest_of_it() -> None:
    heights = [y for _, y in line(drawn(lr_scheduler="cosine"))]
    assert heights[len(heights) // 2] - heights[0] > 5
    written = [y for _, y in line(drawn(learning_rate="0.1:500, 1e-6"))]
    assert max(written) - min(written) == pytest.approx(120 - 24 - 10, abs=0.2)


@pytest.mark.parametrize("steps", [1, 2, 7, 10_000_000])
@pytest.mark.parametrize("scheduler", ["linear", "cosine with restarts", "polynomial"])
def test_any_number_of_steps_can_be_drawn(steps: int, scheduler: str) -> None:
    svg = drawn(steps=steps, lr_scheduler=scheduler, lr_power=100.0)
    assert "every step" in svg or len(line(svg)) < 700


def test_a_scaled_rate_is_drawn_scaled() -> None:
    told = drawn(scale_lr=True, batch_size=4, gradient_accumulation_steps=2)
    assert "0.04 in every step." in told


def test_a_mistake_has_its_caret_in_place_of_the_drawing() -> None:
    message = drawn(learning_rate="0.005:100, 1e-3:x")
    assert "<svg" not in message and "traintab-failed" in message
    assert message.splitlines()[-1].startswith(" " * 16 + "^")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"learning_rate": "", "steps": 0}, "Embedding Learning rate is empty"),
        ({"learning_rate": ""}, "Embedding Learning rate is empty"),
        ({"lr_scheduler": "linear", "learning_rate": "0.1:5, 0.2"}, "which wants one rate"),
        ({"lr_warmup": "x"}, "Warmup is"),
        ({"learning_rate": "<b>"}, "&lt;b&gt;"),
    ],
)
def test_what_cannot_be_drawn_is_told(values: dict[str, Any], said: str) -> None:
    message = drawn(**values)
    assert "traintab-failed" in message and said in message


@pytest.mark.parametrize("values", [{"steps": None}, {"steps": 0}, {"batch_size": -1}])
def test_what_is_wrong_with_another_field_is_not_told_below_the_rate(values: dict[str, Any]) -> None:
    assert drawn(**values) == ""


def test_with_epochs_the_steps_are_not_known_yet() -> None:
    assert "known when the training begins" in drawn(max_epochs=5)


def test_the_picture_is_described_for_those_who_cannot_see_it() -> None:
    svg = drawn(learning_rate="0.005:100, 0.001")
    assert 'aria-label="Learning rate from 0.005 at step 0 to 0.001 at step 1,000"' in svg


def test_every_field_that_the_rate_depends_on_draws_it_anew(build: Any) -> None:
    def page() -> Any:
        with gr.Blocks() as blocks:
            form = Form(TrainingConfig, "train")
            for name in ("learning_rate", "steps", "lr_scheduler", "lr_warmup"):
                form.field(name)
            SchedulePlot().wire(form)
        return blocks

    assert len(build(page).fns) == 4
