from typing import Any

import pytest

from traintab.jobs import QueueEntry, QueueSnapshot
from traintab.ui.api import Endpoints, answered


def ask(studio: Any, **request: Any) -> Any:
    return answered(Endpoints(studio).queue)(request)


def test_without_a_request_the_queue_is_told(studio: Any) -> None:
    entry = QueueEntry(id="a1", kind="train", title="Training of mira", detail="to step 5", added="2026")
    studio.queue.shown = QueueSnapshot(entries=(entry,), held="Held.")
    answer = ask(studio)
    assert (answer["event"], answer["held"], answer["runner"]) == ("queue", "Held.", None)
    (told,) = answer["entries"]
    assert (told["id"], told["status"], told["title"]) == ("a1", "waiting", "Training of mira")


def test_a_training_is_added_by_the_fields_of_run_yaml(studio: Any) -> None:
    ask(studio, action="add", embedding_name="mira", dataset={"data_dir": "in"}, steps=5)
    ((method, config),) = studio.calls
    assert (method, config.embedding_name, config.optimization.steps) == ("queue", "mira", 5)
    assert config.model == "demo" and config.dataset.data_dir == "in"


def test_preprocessing_is_added_by_its_own_fields(studio: Any) -> None:
    ask(studio, action="add_preprocessing", source="in", destination="out")
    ((_, (config, model)),) = studio.calls
    assert (config.source, config.destination, model) == ("in", "out", "demo")


@pytest.mark.parametrize(
    ("request_", "call"),
    [
        ({"action": "cancel", "id": "a1"}, ("cancel", "a1")),
        ({"action": "retry", "id": "a1"}, ("retry", "a1")),
        ({"action": "move", "id": "a1", "by": -1}, ("move", ("a1", -1))),
        ({"action": "hold"}, ("hold", "")),
        ({"action": "hold", "id": "a1"}, ("hold", "a1")),
        ({"action": "release"}, ("release", "")),
    ],
    ids=str,
)
def test_the_queue_is_ordered(studio: Any, request_: dict[str, Any], call: Any) -> None:
    assert ask(studio, **request_)["event"] == "queue"
    assert studio.calls == [call]


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        ({"action": "burn"}, "action is 'burn'"),
        ({"action": "snapshot"}, "action is 'snapshot'"),
        ({"action": "cancel", "id": 5}, "id is 5"),
        ({"action": "move", "id": "a1"}, "by is None"),
        ({"action": "add", "stepz": 5}, "stepz"),
    ],
    ids=str,
)
def test_a_wrong_request_is_answered_with_what_is_expected(
    studio: Any, request_: dict[str, Any], words: str
) -> None:
    answer = ask(studio, **request_)
    assert answer["event"] == "error" and words in answer["message"] and studio.calls == []
