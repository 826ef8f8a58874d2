"""Short numbers of pictures that are close when the pictures look alike."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

__all__ = ["Fingerprint", "fingerprint", "pairs_alike"]

_SIDE = 32
_LOW = 8
_PLAIN = 1.5
_PALETTE_SIDE = 4
# Of 63. Of 51 photos and drawings all are found again after saving as JPEG or halving, 50 when mirrored or
# a fifth brighter, 49 without a rim of 2 %, 34 of 5 %. Others differ in 8 or more, but for one pair.
_MOST_DIFFERENT_BITS = 6
# Of 255, on average. That pair is a drawing on another background and differs by 53; a fifth more or less
# brightness, contrast or half as much more colour moves those 51 by up to 37, a grey copy some by up to 59.
_MOST_DIFFERENT_COLORS = 40


@dataclass(frozen=True, kw_only=True)
class Fingerprint:
    """`shape` and the one that the mirror image has, 63 bits each; `colors` are 4 x 4 of them, RGB."""

    shape: int
    mirrored: int
    colors: bytes


def fingerprint(image: Image.Image) -> Fingerprint | None:
    """The fingerprint of an RGB picture of any size; None for one of a single tone, which tells nothing.

    The grey picture at 32 x 32 is taken apart into cosine waves; of the 8 x 8 slowest each gives a bit:
    whether it is stronger than the median ("pHash": Zauner, "Implementation and Benchmarking of Perceptual
    Image Hash Functions", 2010). The steady tone is left out, so that brightness counts little. Mirroring
    turns the sign of the waves that are odd from left to right.
    """
    small = image.resize((_SIDE, _SIDE), Image.Resampling.BOX)
    tones = np.asarray(small.convert("L"), dtype=np.float32)
    if float(tones.std()) < _PLAIN:
        return None
    waves = np.asarray(cv2.dct(tones), dtype=np.float64)[:_LOW, :_LOW]
    mirrored = waves * np.where(np.arange(_LOW) % 2, -1.0, 1.0)
    colors = small.resize((_PALETTE_SIDE, _PALETTE_SIDE), Image.Resampling.BOX).tobytes()
    return Fingerprint(shape=_bits(waves), mirrored=_bits(mirrored), colors=colors)


def _bits(waves: npt.NDArray[np.float64]) -> int:
    found = waves.flatten()[1:]
    return int("".join("1" if strong else "0" for strong in found > np.median(found)), 2)


def pairs_alike(all_of: list[Fingerprint | None]) -> list[tuple[int, int, bool]]:
    """The pictures that look like an earlier one: index, the first such earlier index, whether mirrored.

    Compares all with all: 10,000 pictures in about a second.
    """
    numbers = [number for number, one in enumerate(all_of) if one is not None]
    known = [one for one in all_of if one is not None]
    shapes = np.array([one.shape for one in known], dtype=np.uint64)
    colors = np.array([_colors(one) for one in known], dtype=np.int16)
    found = []
    for place, one in enumerate(known):
        for mirrored, shape in ((False, one.shape), (True, one.mirrored)):
            close = _different_bits(shapes[:place], np.uint64(shape)) <= _MOST_DIFFERENT_BITS
            near = np.flatnonzero(close)
            own = colors[place][:, ::-1] if mirrored else colors[place]
            near = near[np.abs(colors[near] - own).mean(axis=(1, 2, 3)) <= _MOST_DIFFERENT_COLORS]
            if near.size:
                found.append((numbers[place], numbers[int(near[0])], mirrored))
                break
    return found


def _colors(one: Fingerprint) -> npt.NDArray[np.uint8]:
    return np.frombuffer(one.colors, np.uint8).reshape(_PALETTE_SIDE, _PALETTE_SIDE, 3)


def _different_bits(some: npt.NDArray[np.uint64], one: np.uint64) -> npt.NDArray[np.uint64]:
    """In how many bits each of `some` differs from `one`: bits are added by pairs, fours and eights."""
    bits = some ^ one
    bits = bits - ((bits >> np.uint64(1)) & np.uint64(0x5555555555555555))
    bits = (bits & np.uint64(0x3333333333333333)) + ((bits >> np.uint64(2)) & np.uint64(0x3333333333333333))
    bits = (bits + (bits >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return (bits * np.uint64(0x0101010101010101)) >> np.uint64(56)
