import pytest

from traintab.ui.wording import number, rate, span


@pytest.mark.parametrize(
    ("value", "text"), [(None, "–"), (0.12345, "0.1235"), (0.005, "0.0050"), (0.00001, "1e-05"), (0, "0")]
)
def test_numbers_show_the_digits_that_matter(value: float | None, text: str) -> None:
    assert number(value) == text


@pytest.mark.parametrize(("value", "text"), [(None, "–"), (0.005, "0.005"), (0.00001, "1e-05")])
def test_learning_rates_are_told_as_people_write_them(value: float | None, text: str) -> None:
    assert rate(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "–"),
        (0.25, "0.25 s"),
        (42.4, "42 s"),
        (59.9, "1 min 0 s"),
        (200, "3 min 20 s"),
        (7500, "2 h 5 min"),
    ],
)
def test_times_are_told_in_units_that_suit(seconds: float | None, text: str) -> None:
    assert span(seconds) == text
