"""Programs on one folder."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from .queue_program import Program


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[], Program]]:
    """Starts programs on one folder, and closes them."""
    programs: list[Program] = []

    def make() -> Program:
        programs.append(Program(tmp_path / "jobs"))
        return programs[-1]

    yield make
    for program in programs:
        program.close()
