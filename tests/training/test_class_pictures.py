"""Class pictures teach an embedding nothing, and that is said."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from PIL import Image

from traintab.configs import TrainingConfig, replace_fields
from traintab.models.model import Model
from traintab.paths import Paths
from traintab.training.checks import check_before_loading
from traintab.training.events import TrainingEvent, TrainingNotice, TrainingStarted
from traintab.training.picture_loss import PromptEncoder

Trainer = Callable[..., list[TrainingEvent]]


@pytest.fixture
def classes(tmp_path: Path) -> Path:
    """Two class pictures; the caption of one names the embedding."""
    folder = tmp_path / "class"
    folder.mkdir()
    for name in ("a hat.png", "zq hat.png"):
        Image.new("RGB", (64, 64), "red").save(folder / name)
    return folder


@pytest.mark.option("class_data_dir")
def test_a_run_goes_on_without_class_pictures_and_says_why(
    config: TrainingConfig, run_training: Trainer, classes: Path
) -> None:
    (classes / "zq hat.png").unlink()
    events = run_training(replace_fields(config, {"class_data_dir": str(classes), "steps": 1}))
    told = " ".join(event.message for event in events if isinstance(event, TrainingNotice))
    assert "1 class picture is left out, because no caption of theirs names 'zq'" in told
    assert "zero gradient" in told
    assert "Prior loss weight" in told
    assert next(event for event in events if isinstance(event, TrainingStarted)).num_images == 5


@pytest.mark.option("class_data_dir")
def test_class_pictures_whose_captions_name_the_embedding_are_shown(
    config: TrainingConfig, paths: Paths, classes: Path
) -> None:
    plan = check_before_loading(replace_fields(config, {"class_data_dir": str(classes)}), paths)
    assert [image.name for image in plan.dataset.images][5:] == ["class/zq hat.png"]


def test_the_token_string_names_the_embedding_too(
    config: TrainingConfig, paths: Paths, classes: Path
) -> None:
    (classes / "a hat.png").rename(classes / "sks hat.png")
    wanted = {"class_data_dir": str(classes), "token_string": "sks"}
    assert len(check_before_loading(replace_fields(config, wanted), paths).dataset.images) == 7


def test_without_a_class_folder_nothing_is_said(config: TrainingConfig, paths: Paths) -> None:
    assert "class picture" not in " ".join(check_before_loading(config, paths).notices)


def test_a_prompt_without_the_name_has_no_gradient_to_give(model: Model) -> None:
    """The fact that the notice tells."""
    from traintab.embeddings.embedding import Embedding

    vectors = torch.ones(2, model.text_encoders[0].width, requires_grad=True)
    encoder = PromptEncoder(model, {"zq": Embedding(name="zq", vectors={"clip_l": vectors.detach()})})
    for prompt, moves in (("a photo of a hat", False), ("a photo of zq", True)):
        encoded = encoder.encode([prompt], "zq", {"clip_l": vectors})
        assert encoded.prompt_embeds.requires_grad is moves, prompt
