"""The handlers of the panels: values in, what the page shows out."""

from pathlib import Path
from typing import Any

import pytest

from traintab.configs import CreateConfig, PreprocessConfig, TrainingConfig, all_options
from traintab.errors import ConfigError
from traintab.model_slot import ModelStatus
from traintab.ui.create_panel import create
from traintab.ui.gradio_compat import skip
from traintab.ui.page import Page
from traintab.ui.preprocess_panel import preprocess
from traintab.ui.start_panel import has_embeddings, try_example
from traintab.ui.train_panel import train


def defaults(config_type: type, **values: Any) -> dict[str, Any]:
    """The values of a form whose other fields nobody touched."""
    return {**{name: declared.default for name, declared in all_options(config_type).items()}, **values}


def test_a_created_embedding_is_selected_in_the_train_panel(page: Page, studio: Any) -> None:
    message, dropdown, first_screen = create(page, defaults(CreateConfig, name="zoe", num_vectors=2))
    assert first_screen["open"] is False
    assert "Created zoe with 2 vectors" in message
    assert dropdown["value"] == "zoe" and "zoe" in dropdown["choices"]
    assert studio.calls == [("create_embedding", CreateConfig(name="zoe", num_vectors=2))]
    assert page.remembered.values("train") == {"embedding_name": "zoe"}


def test_a_name_with_a_catch_is_created_with_a_warning(page: Page) -> None:
    message, *_ = create(page, defaults(CreateConfig, name="mirabelle", num_vectors=1))
    assert "Created mirabelle" in message and "begin alike" in message


def test_an_embedding_without_a_name_is_not_created(page: Page, studio: Any) -> None:
    with pytest.raises(ConfigError, match="Name is empty"):
        create(page, defaults(CreateConfig))
    assert studio.calls == []


def test_preprocessing_starts_and_promises_no_folder_that_may_never_be(page: Page, studio: Any) -> None:
    values = defaults(PreprocessConfig, source="in", destination="out", width="128", split_threshold=0.25)
    message, data_dir = preprocess(page, values)
    ((_, config),) = studio.calls
    assert data_dir == skip() and "Preprocessing has started.<" in message
    assert (config.width, config.height, config.splitting.split_threshold) == (128, None, 0.25)
    assert page.remembered.values("train") == {}


def test_training_starts_with_the_forms_values_on_the_selected_model(page: Page, studio: Any) -> None:
    studio.model_status = ModelStatus(spec="sd15")
    (message,) = train(
        page, defaults(TrainingConfig, embedding_name="mira", data_dir="in", steps=300, width="")
    )
    ((_, config),) = studio.calls
    assert (config.model, config.embedding_name, config.optimization.steps) == ("sd15", "mira", 300)
    assert config.dataset.width is None and "Training of mira has started" in message


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("steps", -5, "Max steps is -5"),
        ("steps", 2.5, "Max steps is 2.5"),
        ("steps", None, "Max steps"),
        ("width", "abc", "Width is 'abc'"),
        ("width", "100", "multiple of 8"),
        ("batch_size", 0, "Batch size is 0"),
        ("embedding_name", None, "Embedding"),
        ("data_dir", "", "Dataset directory is empty"),
        ("preview_every", -1, "Save an image"),
    ],
)
def test_a_bad_value_is_refused_by_its_label_and_starts_nothing(
    page: Page, studio: Any, field: str, value: Any, words: str
) -> None:
    good = defaults(TrainingConfig, embedding_name="mira", data_dir="in")
    with pytest.raises(ConfigError, match=words):
        train(page, {**good, field: value})
    assert studio.calls == []


def test_what_was_typed_is_remembered_even_when_it_is_refused(page: Page) -> None:
    with pytest.raises(ConfigError):
        train(page, defaults(TrainingConfig, steps=-5))
    assert page.remembered.values("train")["steps"] == -5


def test_an_example_fills_the_train_panel_and_opens_it(page: Page, studio: Any) -> None:
    message, train_message, tabs, accordion, *fields = try_example(page, "character")
    assert "press Train Embedding" in message and message == train_message
    assert tabs["selected"] == "train" and accordion["open"] is False
    updates = dict(zip(page.train.names, fields, strict=True))
    assert updates["embedding_name"]["value"] == "demo-character"
    assert updates["seed"]["value"] == 7 and updates["steps"]["value"] == 1000
    assert page.remembered.values("train")["embedding_name"] == "demo-character"


def test_the_first_screen_is_for_those_who_have_no_embedding_yet(page: Page, tmp_path: Path) -> None:
    assert not has_embeddings(page)
    (tmp_path / "embeddings").mkdir()
    (tmp_path / "embeddings" / ".gitkeep").write_text("")
    assert not has_embeddings(page)
    (tmp_path / "embeddings" / "mira.pt").write_text("")
    assert has_embeddings(page)
