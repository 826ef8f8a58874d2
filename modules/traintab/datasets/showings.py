"""How often each picture is shown in an epoch, so that folders get the parts they were given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

__all__ = ["weighted_repeats"]

_CLOSE_ENOUGH = Fraction(1, 50)
_LONGEST = 20


def weighted_repeats(
    repeats: Sequence[int], folders: Sequence[int], weights: Mapping[int, float]
) -> list[int]:
    """Repeats of pictures, which are multiplied folder by folder until the folders' shares are as `weights`.

    `repeats` and `folders` (a number each) go picture by picture; `weights` are those of the folders, greater
    than 0. The picture that is shown least is shown at least as often as its own repeats say. Whole numbers
    only come close: an epoch is made longer, up to 20 times, until each share is right to 2 %, or else as
    right as can be.
    """
    wanted = _multiples(repeats, folders, weights)
    best, least_error = 1, None
    for longer in range(1, _LONGEST + 1):
        error = max(abs(_whole(m * longer) / (m * longer) - 1) for m in wanted.values())
        if least_error is None or error < least_error:
            best, least_error = longer, error
        if error <= _CLOSE_ENOUGH:
            break
    factors = {folder: _whole(multiple * best) for folder, multiple in wanted.items()}
    return [count * factors[folder] for count, folder in zip(repeats, folders, strict=True)]


def _multiples(
    repeats: Sequence[int], folders: Sequence[int], weights: Mapping[int, float]
) -> dict[int, Fraction]:
    """What each folder's repeats would have to be multiplied by; the smallest is 1."""
    shown: dict[int, int] = {}
    for count, folder in zip(repeats, folders, strict=True):
        shown[folder] = shown.get(folder, 0) + count
    # Not as floats: 0.1 shall be a tenth.
    rates = {folder: Fraction(repr(weights[folder])) / total for folder, total in shown.items()}
    least = min(rates.values())
    return {folder: rate / least for folder, rate in rates.items()}


def _whole(multiple: Fraction) -> int:
    return max(1, round(multiple))
