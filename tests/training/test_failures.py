"""A training that ran out of memory says what to lower, and that nothing is lost."""

from __future__ import annotations

import pytest

from traintab.configs import (
    DatasetConfig,
    MemoryConfig,
    OptimizationConfig,
    PicturesConfig,
    TechniquesConfig,
    TrainingConfig,
)
from traintab.models.memory_advice import Shortage
from traintab.training.failures import less_to_encode, less_to_train


@pytest.mark.parametrize(
    ("batch_size", "smaller"),
    [
        (4, "lower the batch size from 4 to 2"),
        (1, "lower the size from 512 x 768 to 320 x 512 pixels"),
    ],
)
def test_the_batch_is_lowered_before_the_pictures(batch_size: int, smaller: str) -> None:
    config = TrainingConfig(
        embedding_name="mira",
        dataset=DatasetConfig(data_dir="in", width=512, height=768),
        optimization=OptimizationConfig(batch_size=batch_size),
    )

    assert less_to_train(config, Shortage()) == (
        f"the last good state is kept: {smaller} and press Train Embedding again, or close other programs"
        " that use the device and resume"
    )


@pytest.mark.parametrize(
    ("pictures", "before"),
    [
        (
            PicturesConfig(resize_mode="none"),
            "choose Resize mode buckets, because the largest picture decides or ",
        ),
        (PicturesConfig(resolutions="512, 1024"), "take the largest out of Resolutions or "),
        (PicturesConfig(resolutions="512"), ""),
    ],
)
def test_the_largest_of_several_sizes_is_advised_against(pictures: PicturesConfig, before: str) -> None:
    dataset = DatasetConfig(data_dir="in", width=512, height=512)
    config = TrainingConfig(embedding_name="mira", dataset=dataset, pictures=pictures)
    assert f"kept: {before}lower the batch size" in less_to_train(config, Shortage())


@pytest.mark.parametrize(
    ("memory", "before"),
    [
        (MemoryConfig(gradient_checkpointing="off"), "switch Gradient checkpointing on or "),
        (MemoryConfig(precision="fp32"), "choose Precision bf16 or "),
        (
            MemoryConfig(precision="fp32", gradient_checkpointing="off"),
            "switch Gradient checkpointing on or choose Precision bf16 or ",
        ),
        (MemoryConfig(precision="bf16", gradient_checkpointing="on"), ""),
    ],
)
def test_what_saves_memory_and_is_off_is_advised_before_smaller_pictures(
    memory: MemoryConfig, before: str
) -> None:
    dataset = DatasetConfig(data_dir="in", width=512, height=512)
    config = TrainingConfig(
        embedding_name="mira",
        dataset=dataset,
        memory=memory,
        optimization=OptimizationConfig(batch_size=1),
    )
    told = less_to_train(config, Shortage())
    assert told.startswith(f"the last good state is kept: {before}lower the size")


def test_several_timesteps_a_picture_are_advised_against() -> None:
    techniques = TechniquesConfig(timesteps_per_picture=8)
    config = TrainingConfig(embedding_name="mira", techniques=techniques)
    assert "kept: lower Timesteps per picture or lower the batch" in less_to_train(config, Shortage())


def test_encoding_is_told_a_smaller_size() -> None:
    assert less_to_encode(512, 512, Shortage()) == "lower the size from 512 x 512 to 320 x 320 pixels"
