"""Whose rows are whose, when several embeddings are trained in one run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from traintab.configs import TrainingConfig, replace_fields
from traintab.embeddings.embedding import Embedding
from traintab.errors import ConfigError, EmbeddingNameError
from traintab.training.picture_loss import PromptEncoder
from traintab.training.together import (
    TogetherFacts,
    TrainedEmbedding,
    joined,
    listed,
    names_in_run,
    rows_of_each,
)


def trained(*counts: int) -> list[TrainedEmbedding]:
    return [
        TrainedEmbedding(name=f"e{index}", num_vectors=count, target=Path(f"e{index}.pt"), step_offset=index)
        for index, count in enumerate(counts)
    ]


def config(more: str) -> TrainingConfig:
    return replace_fields(TrainingConfig(embedding_name=" mira "), {"more_embeddings": more})


def test_the_run_s_own_name_is_the_first() -> None:
    assert names_in_run(config("")) == ("mira",)
    assert names_in_run(config(" ben smith, rob,, ")) == ("mira", "ben smith", "rob")


@pytest.mark.parametrize("more", ["Mira", "ben, ben", "ben, BEN"])
def test_no_name_comes_twice(more: str) -> None:
    with pytest.raises(ConfigError, match="twice, 'mira' itself counted; write each name once") as caught:
        names_in_run(config(more))
    assert caught.value.field == "more_embeddings"


def test_a_name_that_no_embedding_can_have_is_refused() -> None:
    with pytest.raises(EmbeddingNameError, match="b:c"):
        names_in_run(config("ben, b:c"))


@given(counts=st.lists(st.integers(1, 75), min_size=1, max_size=5))
def test_what_is_joined_comes_apart_again(counts: list[int]) -> None:
    vectors = [
        {"clip_l": torch.full((count, 2), float(index)), "clip_g": torch.full((count, 3), -float(index))}
        for index, count in enumerate(counts)
    ]
    whole = joined(vectors)
    assert whole["clip_g"].shape == (sum(counts), 3)
    for own, again in zip(vectors, rows_of_each(whole, trained(*counts)), strict=True):
        assert own.keys() == again.keys()
        assert all(torch.equal(own[encoder], again[encoder]) for encoder in own)


def test_rows_are_copies() -> None:
    whole = {"clip_l": torch.ones(3, 2)}
    rows_of_each(whole, trained(1, 2))[1]["clip_l"].zero_()
    assert whole["clip_l"].min() == 1


def test_a_state_remembers_names_rows_and_steps() -> None:
    facts = TogetherFacts(trained(2, 3)).state_dict()
    assert TogetherFacts.of({"parts": {TogetherFacts.NAME: facts}}) == [
        {"name": "e0", "num_vectors": 2, "step_offset": 0},
        {"name": "e1", "num_vectors": 3, "step_offset": 1},
    ]


def test_a_state_of_one_embedding_or_of_an_older_version_remembers_none() -> None:
    assert TogetherFacts.of({}) == TogetherFacts.of({"parts": {}}) == []


def test_names_are_listed_as_people_do() -> None:
    assert [listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"])] == ["a", "a and b", "a, b and c"]


def test_each_name_has_its_own_rows_of_the_leaf_in_both_of_sdxl_s_text_encoders(tiny_families: Any) -> None:
    model = tiny_families.model("sdxl")
    one, other = ({name: torch.full((n, w), 0.1) for name, w in model.widths.items()} for n in (1, 2))
    embeddings = {"zq": Embedding(name="zq", vectors=one), "xw": Embedding(name="xw", vectors=other)}
    encoder = PromptEncoder(model, embeddings, together=("zq", "xw"))
    leaves = {name: tensor.requires_grad_() for name, tensor in joined([one, other]).items()}
    for prompt, rows in (("a zq", [0]), ("a cat xw", [1, 2]), ("xw and zq", [0, 1, 2])):
        encoded = encoder.encode([prompt], "zq", leaves)
        for leaf in leaves.values():
            (gradient,) = torch.autograd.grad((encoded.prompt_embeds**3).sum(), leaf, retain_graph=True)
            assert gradient.abs().amax(dim=1).nonzero().flatten().tolist() == rows
