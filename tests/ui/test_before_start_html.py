"""The figures and sentences of the box below *Train Embedding*."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traintab.configs import TrainingConfig, replace_fields
from traintab.training.before_start import BeforeStart
from traintab.training.pace import Expected, Pace
from traintab.ui.before_start_html import (
    before_start_html,
    expected_seconds,
    not_ready_html,
    still_to_choose_html,
    told_time,
)

GIB = 2**30
PACE = Pace(
    model="sd15",
    device="cuda",
    precision="bfloat16",
    width=512,
    height=512,
    batch_size=4,
    accumulation=1,
    seconds_per_step=2.0,
    seconds_per_preview=5.0,
    seconds_per_evaluation=1.0,
    seconds_before=30.0,
    peak_memory=6 * GIB,
)
FOUND = BeforeStart(
    config=TrainingConfig(),
    default_size=512,
    pictures=8,
    report="8 pictures in <folder>.",
    advice=("Look & see.",),
    start_step=0,
    total_steps=1000,
    steps_per_epoch=2,
    batch_size=4,
    accumulation=1,
    previews=4,
    evaluations=40,
)
MEASURED = Expected(pace=PACE, origin=PACE, is_measured=True)


def figure(page: str, label: str) -> str:
    return page.split(f"<dt>{label}</dt><dd>")[1].split("</dd>")[0]


def test_the_figures_of_a_run_that_was_measured_before() -> None:
    page = before_start_html(FOUND, MEASURED, 8 * GIB)
    labels = ("Pictures", "Steps", "Steps per epoch", "Epochs", "Time", "Memory")
    assert [figure(page, label) for label in labels] == [
        "8",
        "1,000",
        "2",
        "500",
        "about 35 min",
        "about 6.0 GiB",
    ]
    assert "Measured by the last run with these settings." in page
    assert "<li>Look &amp; see.</li>" in page and "8 pictures in &lt;folder&gt;." in page


def test_time_counts_previews_evaluations_and_what_goes_before() -> None:
    assert expected_seconds(FOUND, MEASURED) == 30 + 1000 * 2 + 4 * 5 + 40
    alone = dataclasses.replace(PACE, seconds_per_preview=None, seconds_per_evaluation=None)
    assert expected_seconds(FOUND, dataclasses.replace(MEASURED, pace=alone)) == 2030


def test_what_is_not_known_is_not_made_up() -> None:
    page = before_start_html(FOUND, None, None)
    assert figure(page, "Time") == figure(page, "Memory") == "known after the first run"
    other = Expected(pace=PACE, origin=PACE, is_measured=False)
    assert figure(before_start_html(FOUND, other, None), "Memory") == "known after the first run"


@pytest.mark.parametrize(
    ("known", "told"),
    [({"memory_is_most": True}, "at most 6.0 GiB"), ({"memory_is_least": True}, "more than 6.0 GiB")],
)
def test_of_other_settings_only_a_bound_is_told(known: Any, told: str) -> None:
    expected = Expected(pace=PACE, origin=PACE, is_measured=False, **known)
    page = before_start_html(FOUND, expected, 8 * GIB)
    assert figure(page, "Memory") == told
    assert "Reckoned from a run at 512 × 512 pixels with batches of 4." in page


def test_a_run_that_goes_on_and_one_that_may_stop_early() -> None:
    config = replace_fields(TrainingConfig(), {"automatic_stop": True})
    page = before_start_html(dataclasses.replace(FOUND, start_step=100, config=config), MEASURED, None)
    assert figure(page, "Steps") == "100 to 1,000" and figure(page, "Epochs") == "450"
    assert figure(page, "Time") == "about 32 min at most"


def test_too_little_memory_is_told_with_what_to_lower() -> None:
    page = before_start_html(FOUND, MEASURED, 3 * GIB)
    assert "It needs 6.0 GiB of memory or more, and 3.0 GiB can be had now" in page
    assert "lower the batch size from 4 to 2." in page
    sure = dataclasses.replace(MEASURED, is_measured=False, memory_is_most=True)
    assert "It needs" not in before_start_html(FOUND, sure, 3 * GIB)


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0.1, "about 1 s"),
        (44, "about 45 s"),
        (61, "about 1 min"),
        (3599, "about 60 min"),
        (4700, "about 1 h 20 min"),
        (7200, "about 2 h"),
    ],
)
def test_times_are_told_as_exactly_as_they_are_known(seconds: float, told: str) -> None:
    assert told_time(seconds) == told


@given(st.floats(0, 1e7))
def test_a_told_time_is_near_the_time(seconds: float) -> None:
    words = told_time(seconds).split()[1:]
    factors = {"s": 1, "min": 60, "h": 3600}
    told = sum(int(number) * factors[unit] for number, unit in zip(words[::2], words[1::2], strict=True))
    assert abs(told - seconds) <= max(2.5, 0.05 * seconds + 30 * (seconds >= 60))


@pytest.mark.parametrize(
    ("has", "words"),
    [
        ((False, False), "an embedding and the folder"),
        ((True, False), "the folder with"),
        ((False, True), "or create one"),
    ],
)
def test_what_is_missing_is_asked_for(has: tuple[bool, bool], words: str) -> None:
    assert words in still_to_choose_html(*has)


def test_a_caret_stays_below_the_character_it_points_at() -> None:
    assert '<p class="traintab-lines">1e-3;\n    ^</p>' in not_ready_html("1e-3;\n    ^")
    assert "<p>Max steps is 0.</p>" in not_ready_html("Max steps is 0.")
