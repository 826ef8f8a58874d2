"""A training that ran out of memory says what to lower, and that nothing is lost."""

from __future__ import annotations

import pytest

from traintab.configs import DatasetConfig, OptimizationConfig, TrainingConfig
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


def test_encoding_is_told_a_smaller_size() -> None:
    assert less_to_encode(512, 512, Shortage()) == "lower the size from 512 x 512 to 320 x 320 pixels"
