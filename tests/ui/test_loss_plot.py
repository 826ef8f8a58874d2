import itertools
import math
import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traintab.ui.loss_plot import loss_plot, smoothed, trend_now
from traintab.ui.plot_frame import Frame

FALLING = [(step, 1.0 / step) for step in range(1, 101)]
EVALUATED = [(0, 0.31), (25, 0.305), (50, 0.3), (75, 0.302), (100, 0.301)]
FRAME = Frame(first=0, last=10, low=0.1, high=10.0, left=0.0, right=100.0, top=0.0, bottom=50.0)


def tree(plot: str) -> ElementTree.Element:
    return ElementTree.fromstring(f"<div>{plot}</div>")


def lines(plot: str, scale: str = "linear") -> dict[str, list[tuple[float, float]]]:
    """The curves of a scale, and those that both have."""
    root = tree(plot)
    hidden = {"linear": "log", "log": "linear"}[scale]
    others = {
        id(line) for group in root.iter("g") if group.attrib["class"].endswith(hidden) for line in group
    }
    return {
        line.attrib["class"]: [
            (float(x), float(y)) for x, y in (pair.split(",") for pair in line.attrib["points"].split())
        ]
        for line in root.iter("polyline")
        if id(line) not in others
    }


def texts(plot: str) -> list[str]:
    return ["".join(text.itertext()) for text in tree(plot).iter("text")]


def paths(plot: str, kind: str) -> list[ElementTree.Element]:
    return [path for path in tree(plot).iter("path") if path.attrib["class"] == f"traintab-{kind}"]


@pytest.mark.parametrize("points", [[], [(1, 0.5)]])
def test_without_a_curve_there_is_a_line_of_text(points: list[tuple[int, float]]) -> None:
    assert "<svg" not in loss_plot(points) and "appears here" in loss_plot(points)


@pytest.mark.parametrize("scale", ["linear", "log"])
def test_a_falling_loss_is_drawn_raw_and_smoothed_within_the_frame(scale: str) -> None:
    found = lines(loss_plot(FALLING), scale)
    assert set(found) == {"traintab-loss-raw", "traintab-loss-smooth"}
    for points in found.values():
        assert len(points) == 100
        assert all(0 <= x <= 480 and 0 <= y <= 140 for x, y in points)
    raw = found["traintab-loss-raw"]
    assert raw[-1][1] > raw[10][1] and raw[-1][0] > raw[10][0]


def test_on_the_logarithmic_scale_equal_ratios_have_equal_heights() -> None:
    halving = [(step, 2.0**-step) for step in range(11)]
    heights = [y for _, y in lines(loss_plot(halving), "log")["traintab-loss-raw"]][1:]
    steps = [later - earlier for earlier, later in itertools.pairwise(heights)]
    assert max(steps) - min(steps) < 0.3 and min(steps) > 5


def test_the_curve_leaves_room_for_the_steps_that_are_left() -> None:
    half = lines(loss_plot(FALLING, total_steps=200))["traintab-loss-raw"]
    whole = lines(loss_plot(FALLING, total_steps=100))["traintab-loss-raw"]
    assert half[-1][0] < 0.6 * whole[-1][0]


def test_one_wild_step_does_not_flatten_the_rest() -> None:
    wild = [(step, 1000.0 if step == 50 else 0.5) for step in range(1, 101)]
    heights = [y for _, y in lines(loss_plot(wild))["traintab-loss-raw"]]
    assert min(heights) >= 0 and heights[0] < 60


@pytest.mark.parametrize("values", [(0.0, 0.0), (0.0, 0.5), (math.nan, 0.5), (math.inf, 0.5)])
def test_losses_that_have_no_logarithm_can_be_drawn(values: tuple[float, float]) -> None:
    plot = loss_plot(list(enumerate(values, 1)))
    assert lines(plot, "log") and lines(plot, "linear")


def test_of_thousands_of_steps_neighbours_are_drawn_as_one() -> None:
    many = [(step, 1.0 if step % 2 else 0.0) for step in range(1, 4001)]
    plot = loss_plot(many)
    assert len(lines(plot)["traintab-loss-raw"]) == len(lines(plot)["traintab-loss-smooth"]) <= 300
    assert lines(plot)["traintab-loss-raw"][-1][0] == lines(loss_plot(FALLING))["traintab-loss-raw"][-1][0]


def test_the_trend_is_the_mean_of_the_neighbours() -> None:
    points = [(1, 0.0), (2, 3.0), (3, 0.0)]
    assert smoothed(points) == [(1, 1.5), (2, 1.0), (3, 1.5)]
    noisy = [(step, float(step % 2)) for step in range(100)]
    assert all(abs(value - 0.5) < 0.2 for _, value in smoothed(noisy)[5:-5])


@given(st.lists(st.floats(0, 10), min_size=1, max_size=200))
def test_the_smoothed_loss_is_where_the_smoothed_curve_ends(values: list[float]) -> None:
    points = list(enumerate(values))
    assert trend_now(points) == pytest.approx(smoothed(points)[-1][1], abs=1e-9)
    assert trend_now([]) is None


def test_the_picture_is_described_for_those_who_cannot_see_it() -> None:
    assert re.search(r'aria-label="Loss from step 1 to 100, now 0\.\d+ on average"', loss_plot(FALLING))
    found = loss_plot(FALLING, evaluations=EVALUATED, best_step=50)
    assert "0.3010 on the evaluation set, which was best at step 50" in found


def test_evaluations_fill_the_plot_by_an_axis_of_their_own_that_says_its_ends() -> None:
    plot = loss_plot(FALLING, evaluations=EVALUATED, best_step=50)
    heights = [y for _, y in lines(plot)["traintab-loss-evaluation"]]
    assert len(heights) == 5 and max(heights) - min(heights) > 100
    assert "0.3000" in texts(plot) and "0.3100" in texts(plot)
    assert "evaluation (right axis)" in plot


def test_the_best_step_is_marked_on_its_curve() -> None:
    plot = loss_plot(FALLING, evaluations=EVALUATED, best_step=50)
    (mark,) = tree(plot).iter("circle")
    assert (float(mark.attrib["cx"]), float(mark.attrib["cy"])) == lines(plot)["traintab-loss-evaluation"][2]
    assert mark.find("title") is not None and "<circle" not in loss_plot(FALLING, evaluations=EVALUATED)


def test_all_curves_have_the_same_steps_below_them() -> None:
    found = lines(loss_plot(FALLING, evaluations=EVALUATED))
    assert found["traintab-loss-evaluation"][-1][0] == found["traintab-loss-raw"][-1][0]
    assert found["traintab-loss-evaluation"][0][0] < found["traintab-loss-raw"][0][0]


def test_one_evaluation_is_no_curve_and_equal_ones_can_be_drawn() -> None:
    found = lines(loss_plot(FALLING, evaluations=EVALUATED[:1]))
    assert set(found) == {"traintab-loss-raw", "traintab-loss-smooth"}
    assert lines(loss_plot(FALLING, evaluations=[(0, 0.3), (25, 0.3)]))["traintab-loss-evaluation"]


@pytest.mark.parametrize(
    ("values", "guides"),
    [
        ((0.31, 0.29), ["above .3: poor"]),
        ((0.21, 0.15), ["above .2: fails for characters", "below .15: stable"]),
        ((0.19, 0.16), ["above .2: fails for characters", "below .15: stable"]),
        ((0.18, 0.17), []),
        ((0.02, 0.01), []),
    ],
)
def test_rules_of_thumb_stand_on_the_evaluations_axis_where_they_are_near(
    values: tuple[float, float], guides: list[str]
) -> None:
    plot = loss_plot(FALLING, evaluations=list(enumerate(values)))
    assert [text for text in texts(plot) if ":" in text] == guides
    assert ("rules of thumb" in plot) is bool(guides)


def test_a_rule_of_thumb_is_drawn_at_the_height_of_its_value() -> None:
    plot = loss_plot(FALLING, evaluations=[(0, 0.31), (50, 0.3), (100, 0.29)])
    (guide,) = (line for line in tree(plot).iter("line") if line.attrib["class"] == "traintab-guide")
    assert float(guide.attrib["y1"]) == lines(plot)["traintab-loss-evaluation"][1][1]


@pytest.mark.parametrize(("end", "is_below"), [(0.205, True), (0.195, False), (0.24, False)])
def test_the_words_of_a_rule_of_thumb_keep_out_of_the_curves_way(end: float, is_below: bool) -> None:
    plot = loss_plot(FALLING, evaluations=[(0, 0.35), (20, end), (100, end)])
    (words,) = (text for text in tree(plot).iter("text") if text.text == "above .2: fails for characters")
    heights = [line.attrib["y1"] for line in tree(plot).iter("line") if line.get("class") == "traintab-guide"]
    assert (float(words.attrib["y"]) > float(heights[1])) is is_below


def test_the_learning_rate_is_drawn_as_stairs_with_its_highest_value() -> None:
    plot = loss_plot(FALLING, rates=[(1, 0.005), (50, 0.001)])
    (stairs,) = paths(plot, "rate-line")
    assert re.fullmatch(r"M[\d. ]+H[\d.]+V[\d.]+H[\d.]+", stairs.attrib["d"])
    assert "0.005" in texts(plot) and "learning rate" in plot
    assert not paths(loss_plot(FALLING), "rate-line")


def test_copies_and_previews_are_marked_with_a_sentence_each() -> None:
    plot = loss_plot(FALLING, marks=[(25, "saved"), (50, "preview"), (5000, "saved"), (60, "unknown")])
    (saved,), (preview,) = paths(plot, "mark-saved"), paths(plot, "mark-preview")
    assert "".join(saved.itertext()) == "Saved at step 25"
    assert "".join(preview.itertext()) == "Preview at step 50"
    assert "traintab-key-saved" in plot and "traintab-key-saved" not in loss_plot(FALLING)


def test_the_note_says_which_curve_to_judge_by() -> None:
    assert "mostly the noise of its random timestep" in loss_plot(FALLING)
    assert "judge by the evaluation" in loss_plot(FALLING, evaluations=EVALUATED)


def test_the_script_finds_the_values_in_the_picture() -> None:
    (svg,) = tree(loss_plot(FALLING, evaluations=EVALUATED, rates=[(1, 0.005)])).iter("svg")
    rows = [row.split() for row in svg.attrib["data-curve"].split(";")]
    assert [(int(step), float(loss)) for step, loss, _ in rows[:2]] == [(1, 1.0), (2, 0.5)]
    assert svg.attrib["data-rates"] == "1 0.005" and svg.attrib["data-evaluations"].startswith("0 0.31;25")
    first, last, left, right, *_ = map(float, svg.attrib["data-edges"].split())
    curve = lines(loss_plot(FALLING, evaluations=EVALUATED))["traintab-loss-raw"]
    assert curve[-1][0] == pytest.approx(left + (100 - first) / (last - first) * (right - left), abs=0.1)


@given(st.floats(0, 1), st.booleans())
def test_a_share_of_the_height_and_its_value_are_inverse(share: float, is_log: bool) -> None:
    frame = replace(FRAME, is_log=is_log)
    assert frame.y(frame.value_at(share)) == pytest.approx(50.0 * (1 - share), abs=1e-6)


def test_the_value_in_the_middle_of_the_height_is_half_of_the_one_above() -> None:
    grid = tree(replace(FRAME, low=0.0, high=1.162).grid())
    low, middle, high = (float(str(text.text)) for text in grid.iter("text"))
    assert (low, middle, high) == (0.0, 0.581, 1.16) and high / 2 == pytest.approx(middle, rel=0.005)
