"""The pool of drawings."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np

from traintab.demo.artist import draw_small
from traintab.demo.characters import sample_picture
from traintab.demo.pool import load_pool, render_pool


def silent(_line: str) -> None:
    pass


def test_a_pool_holds_pictures_with_their_attributes(tmp_path: Path) -> None:
    render_pool(tmp_path / "pool", 3, sample_picture, silent)
    pictures, attributes = load_pool(tmp_path / "pool")
    assert pictures.shape == (3, 128, 128, 3)
    assert attributes == [sample_picture(random.Random(index)) for index in range(3)]
    assert np.array_equal(pictures[2], np.asarray(draw_small(attributes[2], 2)))


def test_a_finished_pool_is_left_alone(tmp_path: Path) -> None:
    render_pool(tmp_path / "pool", 2, sample_picture, silent)
    render_pool(tmp_path / "pool", 5, sample_picture, silent)
    assert len(load_pool(tmp_path / "pool")[0]) == 2


def test_an_interrupted_pool_is_drawn_again(tmp_path: Path) -> None:
    folder = tmp_path / "pool"
    folder.mkdir()
    (folder / "pictures.npy").write_bytes(b"half")
    render_pool(folder, 2, sample_picture, silent)
    assert len(load_pool(folder)[1]) == 2
