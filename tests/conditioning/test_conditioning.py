from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from traintab.conditioning.conditioning import condition
from traintab.embeddings.embedding import Embedding
from traintab.errors import ConfigError
from traintab.models.model import Model


def make_embedding(name: str, width: int = 32, encoder: str = "clip_l") -> Embedding:
    generator = torch.Generator().manual_seed(len(name))
    return Embedding(name=name, vectors={encoder: torch.randn(2, width, generator=generator)})


def test_all_prompts_have_the_chunks_of_the_longest(tiny_model: Model) -> None:
    assert condition(tiny_model, ["cat " * 100, ""], {}).prompt_embeds.shape == (2, 154, 32)


def test_nothing_has_a_gradient(tiny_model: Model) -> None:
    embedding = make_embedding("mycat")
    embedding.vectors["clip_l"].requires_grad_()

    assert not condition(tiny_model, ["mycat"], {"mycat": embedding}).prompt_embeds.requires_grad


def test_the_embeddings_of_all_prompts_are_told(tiny_model: Model) -> None:
    embeddings = {name: make_embedding(name) for name in ("mycat", "myhat", "unused")}

    used = condition(tiny_model, ["a myhat, myhat", "mycat"], embeddings).used

    assert used == ("myhat", "mycat")


def test_an_embedding_changes_what_the_unet_is_told(tiny_model: Model) -> None:
    embeddings = {"mycat": make_embedding("mycat")}

    with_it = condition(tiny_model, ["a mycat"], embeddings).prompt_embeds

    assert not torch.allclose(with_it, condition(tiny_model, ["a mycat"], {}).prompt_embeds)


def test_an_embedding_of_another_model_is_ordinary_text(tiny_model: Model) -> None:
    foreign = {
        "mycat": make_embedding("mycat", width=768),
        "myhat": make_embedding("myhat", encoder="clip_h"),
    }

    conditioning = condition(tiny_model, ["mycat myhat"], foreign)

    assert conditioning.used == ()
    assert torch.equal(conditioning.prompt_embeds, condition(tiny_model, ["mycat myhat"], {}).prompt_embeds)


@pytest.mark.parametrize("family", ["sd1", "sd2", "sdxl"])
def test_a_prompt_of_several_chunks_works_in_every_family(tiny_families: Any, family: str) -> None:
    model = tiny_families.model(family)

    given = condition(model, ["cat " * 100 + "(hat:1.4)", ""], {})

    assert given.prompt_embeds.shape == (2, 154, sum(model.widths.values()))
    assert given.prompt_embeds.isfinite().all()


def test_the_pooled_output_is_the_first_chunk_s_without_weights(tiny_families: Any) -> None:
    model = tiny_families.model("sdxl")

    pooled = condition(model, ["hat", "cat " * 100, "(cat:1.5) " * 75, "hat"], {}).pooled_prompt_embeds
    expected = condition(model, ["hat", "cat " * 75], {}).pooled_prompt_embeds

    assert pooled is not None and expected is not None
    assert pooled.shape == (4, 1280)
    for row, same in enumerate((0, 1, 1, 0)):
        assert torch.allclose(pooled[row], expected[same], atol=1e-5)
    assert not torch.allclose(pooled[0], pooled[1], atol=1e-3)


def test_only_sdxl_has_a_pooled_output(tiny_model: Model) -> None:
    assert condition(tiny_model, ["cat"], {}).pooled_prompt_embeds is None


@pytest.mark.parametrize("family", ["sd2", "sdxl"])
def test_clip_skip_changes_sd1_alone(tiny_families: Any, tiny_model: Model, family: str) -> None:
    def skipping(model: Model, clip_skip: int) -> torch.Tensor:
        return condition(model, ["a red hat"], {}, clip_skip=clip_skip).prompt_embeds

    model = tiny_families.model(family)
    assert torch.equal(skipping(model, 1), skipping(model, 12))
    assert not torch.allclose(skipping(tiny_model, 1), skipping(tiny_model, 2))


@pytest.mark.parametrize("clip_skip", [0, 3])
def test_a_clip_skip_beyond_the_layers_is_refused(tiny_model: Model, clip_skip: int) -> None:
    sentence = f"Clip skip is {clip_skip}, but .* has 2 layers; .* from 1 to 2"

    with pytest.raises(ConfigError, match=sentence) as refused:
        condition(tiny_model, ["cat"], {}, clip_skip=clip_skip)

    assert refused.value.field == "clip_skip"


@pytest.mark.parametrize("sign", ["", "-"])
def test_a_weight_of_many_digits_leaves_numbers(tiny_model: Model, sign: str) -> None:
    assert condition(tiny_model, [f"a (cat:{sign}{'9' * 400})"], {}).prompt_embeds.isfinite().all()


@pytest.mark.parametrize("family", ["sd1", "sd2", "sdxl"])
def test_a_name_with_the_vectors_of_a_word_is_that_word_bit_for_bit(tiny_families: Any, family: str) -> None:
    model = tiny_families.model(family)
    vectors = {encoder.name: encoder.token_vectors("cat") for encoder in model.text_encoders}
    embeddings = {"zq": Embedding(name="zq", vectors=vectors)}

    named = condition(model, ["a photo of (zq:1.2), red hat"], embeddings)
    plain = condition(model, ["a photo of (cat:1.2), red hat"], {})

    assert named.used == ("zq",)
    assert torch.equal(named.prompt_embeds, plain.prompt_embeds)
    if family == "sdxl":
        assert named.pooled_prompt_embeds is not None and plain.pooled_prompt_embeds is not None
        assert torch.equal(named.pooled_prompt_embeds, plain.pooled_prompt_embeds)


@pytest.mark.parametrize("encoder", ["clip_l", "clip_g"])
def test_each_of_sdxl_s_text_encoders_takes_its_own_vectors(tiny_families: Any, encoder: str) -> None:
    model = tiny_families.model("sdxl")
    vectors = {e.name: e.token_vectors("cat") for e in model.text_encoders}
    changed = {**vectors, encoder: vectors[encoder].flip(1)}

    before = condition(model, ["zq"], {"zq": Embedding(name="zq", vectors=vectors)}).prompt_embeds
    after = condition(model, ["zq"], {"zq": Embedding(name="zq", vectors=changed)}).prompt_embeds

    is_first = encoder == "clip_l"
    # The penultimate layer of two is the first one, which tells the change to the places behind it.
    assert torch.equal(before[..., :768], after[..., :768]) != is_first
    assert torch.equal(before[..., 768:], after[..., 768:]) == is_first


def test_vectors_for_one_of_sdxl_s_text_encoders_are_not_enough(tiny_families: Any) -> None:
    embeddings = {"zq": make_embedding("zq", width=768)}

    assert condition(tiny_families.model("sdxl"), ["zq"], embeddings).used == ()


@settings(max_examples=40)
@given(prompt=st.text())
def test_any_text_gives_finite_numbers(tiny_model: Model, prompt: str) -> None:
    assert condition(tiny_model, [prompt], {}).prompt_embeds.isfinite().all()


@pytest.mark.parametrize("prompt", ["\ud800", "a\x00b", "(" * 500, "[cat:-3](hat:0)", "\u200b", "😀" * 60])
def test_odd_texts_give_finite_numbers(tiny_model: Model, prompt: str) -> None:
    assert condition(tiny_model, [prompt], {}).prompt_embeds.isfinite().all()


@settings(max_examples=40)
@given(text=st.text(st.characters(codec="utf-8", exclude_characters="()[]\\:"), min_size=1))
def test_a_weight_of_one_changes_nothing(tiny_model: Model, text: str) -> None:
    plain, weighted = condition(tiny_model, [text, f"({text}:1.0)"], {}).prompt_embeds

    assert torch.equal(plain, weighted)
