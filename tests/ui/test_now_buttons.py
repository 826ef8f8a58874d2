"""*Sample now* and *Save now* on the page and over HTTP."""

from __future__ import annotations

from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from traintab.errors import NothingToDoError
from traintab.ui.api import Endpoints, answered
from traintab.ui.messages import guarded
from traintab.ui.now_buttons import sample_now, save_now


class Asked:
    """Notes what it was asked for, and answers with files, or refuses."""

    def __init__(self, *paths: Path, error: Exception | None = None) -> None:
        self.paths = [*paths]
        self.error = error
        self.calls: list[str] = []

    def _answer(self, name: str) -> Future[list[Path]]:
        if self.error is not None:
            raise self.error
        self.calls.append(name)
        future: Future[list[Path]] = Future()
        future.set_result(self.paths)
        return future

    def sample(self) -> Future[list[Path]]:
        return self._answer("sample")

    def save(self) -> Future[list[Path]]:
        return self._answer("save")


def test_each_button_asks_for_its_own(studio: Any) -> None:
    studio.training_requests = asked = Asked()
    (sampling,), (saving,) = sample_now(studio)(), save_now(studio)()
    assert asked.calls == ["sample", "save"]
    assert "previews are drawn" in sampling and "is saved" in saving


@pytest.mark.parametrize("action", [sample_now, save_now])
def test_without_a_training_the_button_says_why(studio: Any, action: Any) -> None:
    studio.training_requests = Asked(error=NothingToDoError("No training runs now."))
    (message,) = guarded(action(studio), outputs=1)()
    assert "No training runs now." in message


@pytest.mark.parametrize(
    ("name", "event"), [("sample_now", "preview_saved"), ("save_now", "checkpoint_saved")]
)
def test_the_endpoints_answer_with_the_files(studio: Any, name: str, event: str) -> None:
    studio.training_requests = Asked(Path("a.png"), Path("b.png"))
    answer = answered(getattr(Endpoints(studio), name))({})
    assert answer == {"event": event, "path": "b.png", "paths": ["a.png", "b.png"]}


def test_an_endpoint_tells_why_there_is_nothing(studio: Any) -> None:
    studio.training_requests = Asked(error=NothingToDoError("No training runs now."))
    answer = answered(Endpoints(studio).save_now)({})
    assert answer == {"event": "error", "message": "No training runs now."}
