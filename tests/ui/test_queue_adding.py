from typing import Any

import pytest

from traintab.configs import PreprocessConfig, TrainingConfig, all_options
from traintab.errors import BusyError, ConfigError
from traintab.jobs import JobSnapshot, JobStatus, QueueSnapshot
from traintab.model_slot import ModelStatus
from traintab.ui.page import Page
from traintab.ui.queue_adding import queue_offered, queue_preprocessing, queue_training


def defaults(config_type: type, **values: Any) -> dict[str, Any]:
    return {**{name: declared.default for name, declared in all_options(config_type).items()}, **values}


def test_a_training_is_queued_with_the_form_s_values_on_the_selected_model(page: Page, studio: Any) -> None:
    studio.model_status = ModelStatus(spec="sd15")
    studio.job = JobSnapshot(status=JobStatus.RUNNING)
    (message,) = queue_training(
        page, defaults(TrainingConfig, embedding_name="mira", data_dir="in", steps=300)
    )
    ((method, config),) = studio.calls
    assert (method, config.model, config.optimization.steps) == ("queue", "sd15", 300)
    assert "Training of mira is in the queue" in message and "its turn" in message
    assert page.remembered.values("train")["steps"] == 300


def test_a_bad_value_is_refused_before_it_is_queued(page: Page, studio: Any) -> None:
    with pytest.raises(ConfigError, match="Max steps"):
        queue_training(page, defaults(TrainingConfig, embedding_name="mira", data_dir="in", steps=-5))
    assert studio.calls == []


def test_preprocessing_is_queued_and_its_destination_flows_on(page: Page, studio: Any) -> None:
    message, data_dir = queue_preprocessing(page, defaults(PreprocessConfig, source="in", destination="out"))
    ((method, (config, model)),) = studio.calls
    assert (method, config.destination, model, data_dir) == ("queue", "out", "demo", "out")
    assert "in the queue" in message and page.remembered.values("train")["data_dir"] == "out"


def test_a_held_queue_says_how_it_goes_on(page: Page, studio: Any) -> None:
    studio.queue.shown = QueueSnapshot(held="Held.")
    (message,) = queue_training(page, defaults(TrainingConfig, embedding_name="mira", data_dir="in"))
    assert "Release the queue" in message


def test_what_can_not_start_now_may_be_queued(page: Page) -> None:
    def refuse() -> tuple[Any, ...]:
        raise BusyError("Training of ben is running at step 3 of 9.")

    with pytest.raises(BusyError, match=r"step 3 of 9\..*press Add to queue"):
        queue_offered(refuse)()
