"""One model in memory at a time: the old one is gone before the next is read, whatever it was used for."""

import copy
import gc
import weakref
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from traintab.configs import (
    CreateConfig,
    GenerationConfig,
    LoadingConfig,
    TrainingConfig,
    from_mapping,
    from_yaml,
    replace_fields,
)
from traintab.errors import ConfigError
from traintab.hosts.standalone import StandaloneHost
from traintab.jobs import JobStatus
from traintab.models.model import Model
from traintab.paths import Paths
from traintab.studio import Studio
from traintab.training.run_folder import UNFINISHED, RunFolder

SECONDS = 120.0


class Loader:
    """Copies a model for each load; `left` tells how many of the earlier copies were alive then."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._unets: list[weakref.ref[torch.nn.Module]] = []
        self.left: list[int] = []

    def __call__(self, spec: str, report: Callable[[str], None]) -> Model:
        gc.collect()
        self.left.append(sum(unet() is not None for unet in self._unets))
        model = replace(self._model, name=spec, unet=copy.deepcopy(self._model.unet))
        self._unets.append(weakref.ref(model.unet))
        return model


@pytest.fixture
def loader(tiny_model: Model) -> Loader:
    return Loader(tiny_model)


@pytest.fixture
def studio(tmp_path: Path, loader: Loader) -> Iterator[Studio]:
    studio = Studio(StandaloneHost(Paths.under(tmp_path / "data")), model="tiny", load=loader)
    yield studio
    studio.close(SECONDS)


def draw(studio: Studio) -> None:
    assert studio.txt2img(GenerationConfig(prompt="a cat", num_inference_steps=1))


def fail_to_draw(studio: Studio) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Model, "predict", lambda self, latents, *others, **options: latents / 0)
        with pytest.raises(Exception, match="became NaN"):
            studio.txt2img(GenerationConfig(prompt="a cat", num_inference_steps=1))


def train(studio: Studio) -> None:
    pictures = studio.paths.data_dir / "pictures"
    pictures.mkdir(parents=True)
    Image.new("RGB", (64, 64), "red").save(pictures / "one.png")
    studio.create_embedding(CreateConfig(name="mira", initialization_text="girl"))
    values = {"embedding_name": "mira", "data_dir": str(pictures), "model": "tiny", "steps": 2}
    studio.train(from_mapping(TrainingConfig, {**values, "preview_every": 1, "save_every": 0}))
    assert studio._worker.wait(SECONDS).status is JobStatus.FINISHED


@pytest.mark.parametrize("use", [draw, fail_to_draw, train])
def test_switching_frees_the_old_model_first(
    studio: Studio, loader: Loader, use: Any, tiny_model_dir: Path
) -> None:
    use(studio)

    studio.select_model(str(tiny_model_dir))
    name = studio.model.name

    assert name == str(tiny_model_dir)
    assert loader.left == [0, 0]


def test_a_run_goes_on_only_with_its_model_loaded_as_it_was(studio: Studio) -> None:
    studio.remembered.remember("loading", {"prediction_type": "v_prediction"})
    train(studio)
    (run,) = studio.paths.log_dir.glob("*/mira/run.yaml")
    config = from_yaml(TrainingConfig, run.read_text(encoding="utf-8"))
    RunFolder(path=run.parent, embedding_name="mira").mark(UNFINISHED)
    studio.remembered.remember("loading", {"prediction_type": "epsilon"})

    assert config.loading == LoadingConfig(prediction_type="v_prediction")
    with pytest.raises(ConfigError, match="'v_prediction' instead of 'epsilon'"):
        studio.train(replace_fields(config, {"steps": 4}), resume=True)
