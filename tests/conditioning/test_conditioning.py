from __future__ import annotations

import torch

from traintab.conditioning.conditioning import condition, prompt_embeds
from traintab.embeddings.embedding import Embedding
from traintab.models.model import Model


def make_embedding(name: str, width: int = 32, encoder: str = "clip_l") -> Embedding:
    generator = torch.Generator().manual_seed(len(name))
    return Embedding(name=name, vectors={encoder: torch.randn(2, width, generator=generator)})


def test_all_prompts_have_the_chunks_of_the_longest(tiny_model: Model) -> None:
    assert prompt_embeds(tiny_model, ["cat " * 100, ""], {}).shape == (2, 154, 32)


def test_nothing_has_a_gradient(tiny_model: Model) -> None:
    embedding = make_embedding("mycat")
    embedding.vectors["clip_l"].requires_grad_()

    assert not prompt_embeds(tiny_model, ["mycat"], {"mycat": embedding}).requires_grad


def test_the_embeddings_of_all_prompts_are_told(tiny_model: Model) -> None:
    embeddings = {name: make_embedding(name) for name in ("mycat", "myhat", "unused")}

    used = condition(tiny_model, ["a myhat, myhat", "mycat"], embeddings).used

    assert used == ("myhat", "mycat")


def test_an_embedding_changes_what_the_unet_is_told(tiny_model: Model) -> None:
    embeddings = {"mycat": make_embedding("mycat")}

    with_it = prompt_embeds(tiny_model, ["a mycat"], embeddings)

    assert not torch.allclose(with_it, prompt_embeds(tiny_model, ["a mycat"], {}))


def test_an_embedding_of_another_model_is_ordinary_text(tiny_model: Model) -> None:
    foreign = {
        "mycat": make_embedding("mycat", width=768),
        "myhat": make_embedding("myhat", encoder="clip_h"),
    }

    conditioning = condition(tiny_model, ["mycat myhat"], foreign)

    assert conditioning.used == ()
    assert torch.equal(conditioning.prompt_embeds, prompt_embeds(tiny_model, ["mycat myhat"], {}))
