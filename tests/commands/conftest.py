"""The command line run inside the test's process, on the tiny model."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from traintab.cli import main


@dataclass(frozen=True)
class Answer:
    """How a command ended, and what it said."""

    status: int
    out: str
    err: str

    @property
    def objects(self) -> list[dict[str, Any]]:
        """Standard output as JSON lines."""
        return [json.loads(line) for line in self.out.splitlines()]


class Line:
    """`line("create", "name")` runs a command on a data directory of the test's own."""

    def __init__(self, data_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.data_dir = data_dir
        self._capsys = capsys

    def __call__(self, *arguments: object) -> Answer:
        self._capsys.readouterr()
        status = main([*map(str, arguments), "--data-dir", str(self.data_dir)])
        said = self._capsys.readouterr()
        return Answer(status, said.out, said.err)


@pytest.fixture
def line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Line:
    """The command line."""
    return Line(tmp_path / "data", capsys)


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """A folder of three small pictures."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    for index, color in enumerate(("red", "green", "blue")):
        Image.new("RGB", (64, 80), color).save(folder / f"{index} girl.png")
    return folder


@pytest.fixture
def cat(line: Line, tiny_model_dir: Path) -> Path:
    """The file of a new embedding called cat."""
    assert line("create", "cat", "--init-text", "girl", "--model", tiny_model_dir).status == 0
    return line.data_dir / "embeddings" / "cat.pt"
