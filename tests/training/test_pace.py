"""How long the next training takes."""

from __future__ import annotations

import dataclasses

from hypothesis import given
from hypothesis import strategies as st

from traintab.training.pace import Pace, expected_pace

ASKED = Pace(
    model="sd15", device="cuda", precision="bfloat16", width=512, height=512, batch_size=4, accumulation=1
)
MEASURED = dataclasses.replace(
    ASKED,
    seconds_per_step=0.5,
    seconds_per_preview=3.0,
    seconds_per_evaluation=1.0,
    seconds_before=10.0,
    peak_memory=6 * 2**30,
    total_memory=8 * 2**30,
)


def like(**changes: object) -> Pace:
    return dataclasses.replace(MEASURED, **changes)  # type: ignore[arg-type]


def test_nothing_is_known_of_another_model_or_device() -> None:
    assert expected_pace(ASKED, [like(model="sdxl"), like(device="cpu"), like(precision="float32")]) is None


def test_the_same_settings_take_what_they_took() -> None:
    found = expected_pace(ASKED, [like(seconds_per_step=9.0), MEASURED])
    assert found is not None and found.is_measured
    assert found.pace == MEASURED


def test_before_a_model_is_loaded_any_device_s_measure_counts() -> None:
    unknown = dataclasses.replace(ASKED, device="", precision="")
    found = expected_pace(unknown, [MEASURED])
    assert found is not None and found.pace.seconds_per_step == 0.5


def test_twice_the_pixels_last_twice_as_long_and_need_more_memory() -> None:
    found = expected_pace(dataclasses.replace(ASKED, batch_size=8), [MEASURED])
    assert found is not None and not found.is_measured
    assert found.pace.seconds_per_step == 1.0
    assert found.pace.seconds_per_preview == 3.0
    assert found.memory_is_least and not found.memory_is_most
    assert found.pace.peak_memory == MEASURED.peak_memory


def test_accumulated_passes_take_time_and_no_memory() -> None:
    found = expected_pace(dataclasses.replace(ASKED, accumulation=3), [MEASURED])
    assert found is not None and found.pace.seconds_per_step == 1.5
    assert found.memory_is_most


def test_of_memory_nothing_is_told_when_checkpointing_differs() -> None:
    found = expected_pace(dataclasses.replace(ASKED, checkpointing="on"), [MEASURED])
    assert found is not None and not (found.memory_is_least or found.memory_is_most or found.is_measured)


@given(batches=st.lists(st.integers(1, 64), min_size=1), asked=st.integers(1, 64))
def test_the_measure_nearest_in_work_is_taken(batches: list[int], asked: int) -> None:
    known = [like(batch_size=batch, seconds_per_step=float(batch)) for batch in batches]
    found = expected_pace(dataclasses.replace(ASKED, batch_size=asked), known)
    assert found is not None
    nearest = min(max(batch, asked) / min(batch, asked) for batch in batches)
    origin = found.origin.batch_size
    assert max(origin, asked) / min(origin, asked) == nearest
    assert abs(found.pace.seconds_per_step - asked) < 1e-9 * asked
