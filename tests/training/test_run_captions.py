"""Runs whose captions vary."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from traintab.configs import TrainingConfig, replace_fields
from traintab.embeddings.formats import read_embedding
from traintab.paths import Paths
from traintab.training.events import StepCompleted, TrainingEvent

Trainer = Callable[..., list[TrainingEvent]]

VARIED = {
    "shuffle_tags": True,
    "tag_drop_out": 0.2,
    "caption_drop_out": 0.3,
    "keep_tags": 1,
    "tag_separator": ";",
    "wildcards": True,
    "caption_prefix": "{big|small}",
    "caption_suffix": "at night",
    "template_line": "each time",
    "token_string": "sks",
    "caption_extension": "caption",
    "evaluate_every": 0,
}


@pytest.fixture
def varied(config: TrainingConfig, pictures: Path) -> TrainingConfig:
    """The five pictures with captions of four tags, everything that varies switched on."""
    for path in pictures.glob("*.png"):
        color = path.name.split()[0]
        path.with_suffix(".caption").write_text(f"{color}; a; b; {{c|d}} sks", encoding="utf-8")
    return replace_fields(config, VARIED)


def vectors_of(paths: Paths) -> torch.Tensor:
    return read_embedding(paths.embeddings_dir / "zq.pt").vectors["clip_l"]


def prompts_of(events: list[TrainingEvent]) -> list[str]:
    return [event.prompt for event in events if isinstance(event, StepCompleted)]


def test_an_interrupted_run_goes_on_to_the_same_bits_and_prompts(
    varied: TrainingConfig, run_training: Trainer, paths: Paths
) -> None:
    start = (paths.embeddings_dir / "zq.pt").read_bytes()
    whole = prompts_of(run_training(varied))
    expected = vectors_of(paths)
    assert len(set(whole)) > 6
    assert any("at night" in prompt for prompt in whole)
    assert not any("sks" in prompt or "{" in prompt for prompt in whole)
    (paths.embeddings_dir / "zq.pt").write_bytes(start)
    first = prompts_of(run_training(varied, stop_at=5))
    second = prompts_of(run_training(varied, resume=True))
    assert [*first, *second] == whole
    assert torch.equal(vectors_of(paths), expected)


@pytest.mark.parametrize(
    "fields",
    [
        {"caption_prefix": "blue"},
        {"caption_suffix": "blue"},
        {"caption_drop_out": 0.9},
        {"template_line": "each time"},
        {"wildcards": True},
        {"token_string": "hat"},
        {"caption_extension": ".caption"},
        {"shuffle_tags": True},
        {"shuffle_tags": True, "keep_tags": 1},
        {"shuffle_tags": True, "tag_separator": ";"},
    ],
    ids=str,
)
@pytest.mark.option(
    "caption_prefix",
    "caption_suffix",
    "caption_drop_out",
    "template_line",
    "wildcards",
    "token_string",
    "caption_extension",
    "keep_tags",
    "tag_separator",
    "shuffle_tags",
)
def test_each_option_trains_other_vectors(
    config: TrainingConfig, run_training: Trainer, paths: Paths, pictures: Path, fields: dict[str, Any]
) -> None:
    for path in pictures.glob("*.png"):
        path.with_suffix(".txt").write_text("cat, {red|blue} hat, a; b", encoding="utf-8")
        path.with_suffix(".caption").write_text("a girl", encoding="utf-8")
    base = {"steps": 3, "evaluate_every": 0, "save_every": 0}
    start = (paths.embeddings_dir / "zq.pt").read_bytes()
    results = []
    compared = {name: value for name, value in fields.items() if name == "shuffle_tags" and len(fields) > 1}
    for own in (compared, fields):
        (paths.embeddings_dir / "zq.pt").write_bytes(start)
        run_training(replace_fields(config, {**base, **own}))
        results.append(vectors_of(paths))
    assert not torch.equal(*results)


@pytest.mark.option("data_dir", "template", "tag_drop_out", "filename_word_regex", "filename_join_string")
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, {"template": "subject.txt"}),
        ({}, {"tag_drop_out": 0.9}),
        ({}, {"filename_word_regex": r"\w+ "}),
        ({"filename_word_regex": r"\w+"}, {"filename_word_regex": r"\w+", "filename_join_string": " of "}),
        ({}, {"data_dir": "others"}),
    ],
    ids=str,
)
def test_other_pictures_and_words_train_other_vectors(
    config: TrainingConfig,
    run_training: Trainer,
    paths: Paths,
    pictures: Path,
    before: dict[str, Any],
    after: dict[str, Any],
) -> None:
    others = pictures.parent / "others"
    others.mkdir()
    Image.new("RGB", (64, 64), "yellow").save(others / "red hat.png")
    base = {"steps": 3, "evaluate_every": 0, "save_every": 0, "template": "tiny.txt"}
    start = (paths.embeddings_dir / "zq.pt").read_bytes()
    results = []
    for own in (before, after):
        (paths.embeddings_dir / "zq.pt").write_bytes(start)
        fields = {**base, **own}
        if "data_dir" in own:
            fields["data_dir"] = str(others)
        run_training(replace_fields(config, fields))
        results.append(vectors_of(paths))
    assert not torch.equal(*results)


def test_a_resumed_run_draws_lines_anew_where_they_no_longer_show_the_name(
    config: TrainingConfig, run_training: Trainer, template: Path
) -> None:
    template.write_text("[filewords]\na photo of [name]\n", encoding="utf-8")
    config = replace_fields(config, {"caption_prefix": "[name],", "evaluate_every": 0})
    first = prompts_of(run_training(config, stop_at=6))
    assert any(prompt.startswith("zq,") for prompt in first)
    second = prompts_of(run_training(replace_fields(config, {"caption_prefix": ""}), resume=True))
    assert set(second) == {"a photo of zq"}
