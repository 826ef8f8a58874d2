import re
from xml.etree import ElementTree

import pytest

from traintab.ui.loss_plot import loss_plot, smoothed

FALLING = [(step, 1.0 / step) for step in range(1, 101)]


def lines(svg: str) -> dict[str, list[tuple[float, float]]]:
    root = ElementTree.fromstring(svg)
    return {
        line.attrib["class"]: [
            (float(x), float(y)) for x, y in (pair.split(",") for pair in line.attrib["points"].split())
        ]
        for line in root.iter("polyline")
    }


@pytest.mark.parametrize("points", [[], [(1, 0.5)]])
def test_without_a_curve_there_is_a_line_of_text(points: list[tuple[int, float]]) -> None:
    assert "<svg" not in loss_plot(points) and "appears here" in loss_plot(points)


def test_a_falling_loss_is_drawn_raw_and_smoothed_within_the_frame() -> None:
    found = lines(loss_plot(FALLING))
    assert set(found) == {"traintab-loss-raw", "traintab-loss-smooth"}
    for points in found.values():
        assert len(points) == 100
        assert all(0 <= x <= 640 and 0 <= y <= 200 for x, y in points)
    raw = found["traintab-loss-raw"]
    assert raw[-1][1] > raw[10][1] and raw[-1][0] > raw[10][0]


def test_the_curve_leaves_room_for_the_steps_that_are_left() -> None:
    half = lines(loss_plot(FALLING, total_steps=200))["traintab-loss-raw"]
    whole = lines(loss_plot(FALLING, total_steps=100))["traintab-loss-raw"]
    assert half[-1][0] < 0.6 * whole[-1][0]


def test_one_wild_step_does_not_flatten_the_rest() -> None:
    wild = [(step, 1000.0 if step == 50 else 0.5) for step in range(1, 101)]
    heights = [y for _, y in lines(loss_plot(wild))["traintab-loss-raw"]]
    assert min(heights) >= 0 and heights[0] < 100


def test_a_loss_of_zero_can_be_drawn() -> None:
    assert lines(loss_plot([(1, 0.0), (2, 0.0)]))


def test_the_trend_is_the_mean_of_the_neighbours() -> None:
    points = [(1, 0.0), (2, 3.0), (3, 0.0)]
    assert smoothed(points) == [(1, 1.5), (2, 1.0), (3, 1.5)]
    noisy = [(step, float(step % 2)) for step in range(100)]
    assert all(abs(value - 0.5) < 0.2 for _, value in smoothed(noisy)[5:-5])


def test_the_picture_is_described_for_those_who_cannot_see_it() -> None:
    assert re.search(r'aria-label="Loss from step 1 to 100, now 0\.\d+ on average"', loss_plot(FALLING))


EVALUATED = [(0, 0.31), (25, 0.305), (50, 0.3), (75, 0.302), (100, 0.301)]


def test_evaluations_fill_the_plot_by_an_axis_of_their_own_that_says_its_ends() -> None:
    svg = loss_plot(FALLING, evaluations=EVALUATED, best_step=50)
    curve = lines(svg)["traintab-loss-evaluation"]
    heights = [y for _, y in curve]
    assert len(curve) == 5 and max(heights) - min(heights) > 100
    root = ElementTree.fromstring(svg)
    texts = ["".join(text.itertext()) for text in root.iter("text")]
    assert "0.3000" in texts and "0.3100" in texts
    assert "each step · smoothed · evaluation (right axis)" in texts


def test_the_best_step_is_marked_on_its_curve() -> None:
    svg = loss_plot(FALLING, evaluations=EVALUATED, best_step=50)
    (mark,) = ElementTree.fromstring(svg).iter("circle")
    assert (float(mark.attrib["cx"]), float(mark.attrib["cy"])) == lines(svg)["traintab-loss-evaluation"][2]
    assert "<circle" not in loss_plot(FALLING, evaluations=EVALUATED)


def test_all_curves_have_the_same_steps_below_them() -> None:
    found = lines(loss_plot(FALLING, evaluations=EVALUATED))
    assert found["traintab-loss-evaluation"][-1][0] == found["traintab-loss-raw"][-1][0]
    assert found["traintab-loss-evaluation"][0][0] < found["traintab-loss-raw"][0][0]


def test_one_evaluation_is_no_curve_and_equal_ones_can_be_drawn() -> None:
    assert set(lines(loss_plot(FALLING, evaluations=EVALUATED[:1]))) == {
        "traintab-loss-raw",
        "traintab-loss-smooth",
    }
    assert lines(loss_plot(FALLING, evaluations=[(0, 0.3), (25, 0.3)]))["traintab-loss-evaluation"]


def test_the_evaluation_is_described_too() -> None:
    assert "0.3010 on the evaluation set" in loss_plot(FALLING, evaluations=EVALUATED)
