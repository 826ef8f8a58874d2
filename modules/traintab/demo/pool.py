"""The pool: many drawings made once, with their attributes, for all later stages of the build.

`pictures.npy` is a uint8 array [count, 128, 128, 3] and `attributes.jsonl` has one JSON object a line.
Picture `i` is drawn from `sample(random.Random(i))` and the seed `i`.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.lib.format import open_memmap

from .artist import draw_small

Sample = Callable[[random.Random], dict[str, str]]


def render_pool(folder: Path, count: int, sample: Sample, report: Callable[[str], None]) -> None:
    """Draw `count` pictures of `sample` into `folder`, unless they are there already."""
    if (folder / "attributes.jsonl").exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    pictures = open_memmap(folder / "pictures.npy", mode="w+", dtype=np.uint8, shape=(count, 128, 128, 3))
    lines = []
    for index in range(count):
        attributes = sample(random.Random(index))
        pictures[index] = np.asarray(draw_small(attributes, index))
        lines.append(json.dumps(attributes))
        if index % 5000 == 4999:
            report(f"{folder.name}: {index + 1} of {count} pictures drawn")
    pictures.flush()
    partial = folder / "attributes.partial"
    partial.write_text("\n".join(lines) + "\n")
    os.replace(partial, folder / "attributes.jsonl")


def load_pool(folder: Path) -> tuple[np.ndarray, list[dict[str, str]]]:
    """The pictures (a read-only memory map, uint8 [count, 128, 128, 3]) and attributes of a finished pool."""
    pictures = np.load(folder / "pictures.npy", mmap_mode="r")
    lines = (folder / "attributes.jsonl").read_text().splitlines()
    return pictures, [json.loads(line) for line in lines]
