"""The embeddings that a run trains, looked up before anything loads."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from traintab.configs import TrainingConfig, replace_fields
from traintab.embeddings.embedding import Embedding
from traintab.embeddings.formats import write_embedding
from traintab.errors import (
    ConfigError,
    DatasetError,
    EmbeddingFileError,
    EmbeddingNameError,
    NothingToDoError,
)
from traintab.paths import Paths
from traintab.training.checks import check_before_loading
from traintab.training.events import TrainingEvent
from traintab.training.unfinished import config_to_resume

Trainer = Callable[..., list[TrainingEvent]]


def test_it_is_refused_when_a_name_stands_in_no_prompt(together: TrainingConfig, paths: Paths) -> None:
    for path in Path(together.dataset.data_dir).glob("*.txt"):
        path.unlink()
    with pytest.raises(
        DatasetError, match=r"No picture's prompt shows 'xw', so nothing.*or train without it"
    ):
        check_before_loading(together, paths)


def test_a_name_inside_a_longer_word_is_found_out_by_its_tokens(
    together: TrainingConfig, run_training: Trainer
) -> None:
    for path in Path(together.dataset.data_dir).glob("*.txt"):
        path.write_text("a hatxwq", "utf-8")
    with pytest.raises(DatasetError, match="No picture's prompt shows 'xw'"):
        run_training(together)


@pytest.mark.parametrize(("more", "said"), [("zq", "names 'zq' twice"), ("xw, XW", "names 'XW' twice")])
def test_a_name_that_comes_twice_is_refused(
    together: TrainingConfig, paths: Paths, more: str, said: str
) -> None:
    with pytest.raises(ConfigError, match=said):
        check_before_loading(replace_fields(together, {"more_embeddings": more}), paths)


def test_an_embedding_that_is_not_there_is_named(together: TrainingConfig, paths: Paths) -> None:
    with pytest.raises(EmbeddingNameError, match="no embedding called 'nobody'"):
        check_before_loading(replace_fields(together, {"more_embeddings": "xw, nobody"}), paths)


def test_one_of_another_kind_of_model_is_refused(together: TrainingConfig, paths: Paths) -> None:
    other = Embedding(name="big", vectors={"clip_l": torch.zeros(1, 768)})
    write_embedding(other, paths.embeddings_dir / "big.pt")
    with pytest.raises(
        EmbeddingFileError, match="'big', which is for Stable Diffusion 1, but 'zq' is for 32"
    ):
        check_before_loading(replace_fields(together, {"more_embeddings": "big"}), paths)


def test_a_resumed_run_keeps_those_it_began_with(
    together: TrainingConfig, run_training: Trainer, paths: Paths
) -> None:
    run_training(together, stop_at=4)
    with pytest.raises(NothingToDoError, match="trained in the unfinished run of 'zq' too; resume that one"):
        config_to_resume("XW", paths)
    changed = replace_fields(config_to_resume("zq", paths), {"more_embeddings": ""})
    with pytest.raises(ConfigError, match="the run to resume trains zq and xw; leave it as it was"):
        check_before_loading(changed, paths, resume=True)


def test_names_are_written_as_their_files_spell_them(together: TrainingConfig, paths: Paths) -> None:
    plan = check_before_loading(replace_fields(together, {"more_embeddings": " XW ,"}), paths)
    assert plan.config.vectors.more_embeddings == "xw"
    assert plan.rules.names == ("zq", "xw")


def test_name_in_a_template_is_the_one_that_the_caption_names(together: TrainingConfig, paths: Paths) -> None:
    rules = check_before_loading(together, paths).rules
    line = "a photo of [name], [filewords]"
    assert rules.prompt(line, "a hat") == "a photo of zq, a hat"
    assert rules.prompt(line, "XW in a hat") == "a photo of xw, XW in a hat"
    assert rules.prompt(line, "xw and zq") == "a photo of zq, xw and zq"
    assert rules.prompt(line, "xwing") == "a photo of zq, xwing"
    assert rules.prompt(line, "[name] and xw") == "a photo of zq, zq and xw"
