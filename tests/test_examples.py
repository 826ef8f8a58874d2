from pathlib import Path

import pytest
from PIL import Image

from traintab.configs import OptimizationConfig
from traintab.errors import ConfigError
from traintab.examples import example_named, find_examples
from traintab.paths import Paths


class ExamplePaths(Paths):
    """Paths whose examples lie in the data directory."""

    @property
    def demo_examples_dir(self) -> Path:
        return self.data_dir / "examples"


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return ExamplePaths.under(tmp_path)


def add_example(paths: Paths, name: str, settings: str = "") -> Path:
    folder = paths.demo_examples_dir / name
    folder.mkdir(parents=True)
    Image.new("RGB", (8, 8)).save(folder / "01.png")
    if settings:
        (folder / "example.yaml").write_text(settings)
    return folder


def test_without_a_folder_there_are_no_examples(paths: Paths) -> None:
    assert find_examples(paths) == []


def test_an_example_brings_its_settings(paths: Paths) -> None:
    settings = "title: a character\ncreate: {initialization_text: girl}\ntrain: {steps: 150, batch_size: 4}\n"
    folder = add_example(paths, "character", settings)
    example = example_named("character", paths)
    assert example.title == "a character" and example.embedding_name == "demo-character"
    assert example.create_config("mira").initialization_text == "girl"
    config = example.training_config("mira", "demo")
    assert (config.embedding_name, config.model, config.optimization.steps) == ("mira", "demo", 150)
    assert config.dataset.data_dir == str(folder)


def test_an_example_without_settings_trains_with_the_defaults(paths: Paths) -> None:
    add_example(paths, "old_toy")
    (example,) = find_examples(paths)
    assert example.title == "old toy"
    assert example.training_config("x", "demo").optimization == OptimizationConfig()


def test_a_folder_without_pictures_is_no_example(paths: Paths) -> None:
    (paths.demo_examples_dir / "empty").mkdir(parents=True)
    assert find_examples(paths) == []


def test_an_unknown_example_is_refused_with_the_known_ones(paths: Paths) -> None:
    add_example(paths, "character")
    with pytest.raises(ConfigError, match="'dog'; there are: character"):
        example_named("dog", paths)


def test_the_shipped_examples_can_be_trained_as_they_are(tmp_path: Path) -> None:
    examples = find_examples(Paths.under(tmp_path))
    assert {example.name for example in examples} == {"character", "object", "style"}
    for example in examples:
        assert example.create_config("mira").initialization_text != "*"
        assert example.training_config("mira", "demo").preview.preview_every > 0


def test_the_shipped_examples_stop_by_themselves(tmp_path: Path) -> None:
    for example in find_examples(Paths.under(tmp_path)):
        config = example.training_config("mira", "demo")
        assert config.evaluation.automatic_stop
        earliest = config.evaluation.evaluate_every * config.evaluation.automatic_stop_window
        assert earliest <= config.optimization.steps / 2, "or there is hardly a step at which it could stop"
