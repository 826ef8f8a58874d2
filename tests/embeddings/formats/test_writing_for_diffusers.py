"""diffusers' own `load_textual_inversion` reads each of our exports and gives the same bits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from traintab.embeddings.embedding import Embedding
from traintab.embeddings.formats import write_embedding

ROWS = (1, 3)


def numbers(rows: int, width: int) -> torch.Tensor:
    return torch.randn(rows, width, generator=torch.Generator().manual_seed(width)) * 0.03


def embedding_of(name: str, rows: int, **widths: int) -> Embedding:
    vectors = {encoder: numbers(rows, width) for encoder, width in widths.items()}
    return Embedding(name=name, vectors=vectors, step=7, sd_checkpoint_name="model")


def text_encoder(width: int, vocabulary: int, model_type: Any) -> Any:
    from transformers import CLIPTextConfig

    config = CLIPTextConfig(
        vocab_size=vocabulary,
        hidden_size=width,
        intermediate_size=8,
        num_hidden_layers=1,
        num_attention_heads=4,
        projection_dim=8,
        bos_token_id=vocabulary - 2,
        eos_token_id=vocabulary - 1,
        pad_token_id=vocabulary - 1,
    )
    return model_type(config)


@pytest.fixture(scope="module")
def sd1(tiny_model_dir: Path) -> Any:
    """A pipeline whose text encoder is as wide as SD1's."""
    from diffusers import StableDiffusionPipeline
    from transformers import CLIPTextModel

    pipeline = StableDiffusionPipeline.from_pretrained(
        tiny_model_dir, safety_checker=None, local_files_only=True
    )
    encoder = text_encoder(768, len(pipeline.tokenizer), CLIPTextModel)
    pipeline.register_modules(text_encoder=encoder)
    return pipeline


@pytest.fixture(scope="module")
def sdxl(sd1: Any, tiny_model_dir: Path) -> Any:
    """A pipeline with text encoders as wide as SDXL's."""
    from diffusers import StableDiffusionXLPipeline
    from transformers import CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

    tokenizers = [CLIPTokenizer.from_pretrained(tiny_model_dir / "tokenizer") for _ in range(2)]
    vocabulary = len(tokenizers[0])
    return StableDiffusionXLPipeline(
        vae=sd1.vae,
        text_encoder=text_encoder(768, vocabulary, CLIPTextModel),
        text_encoder_2=text_encoder(1280, vocabulary, CLIPTextModelWithProjection),
        tokenizer=tokenizers[0],
        tokenizer_2=tokenizers[1],
        unet=sd1.unet,
        scheduler=sd1.scheduler,
        add_watermarker=False,
    )


def found(tokenizer: Any, encoder: Any, token: str, rows: int) -> torch.Tensor:
    """The vectors that a prompt with `token` gets."""
    tokens = [token, *(f"{token}_{row}" for row in range(1, rows))]
    ids = tokenizer.convert_tokens_to_ids(tokens)
    table = encoder.get_input_embeddings().weight
    assert len(set(ids)) == rows and tokenizer.unk_token_id not in ids
    return table[ids].detach()


@pytest.mark.parametrize("rows", ROWS)
@pytest.mark.parametrize(
    ("suffix", "target"),
    [(".pt", "webui"), (".safetensors", "emb_params"), (".bin", "diffusers"), (".safetensors", "diffusers")],
)
def test_each_sd1_export(tmp_path: Path, sd1: Any, suffix: str, target: str, rows: int) -> None:
    name = f"{target}-{suffix[1:]}-{rows}"
    embedding = embedding_of(name, rows, clip_l=768)
    (path,) = write_embedding(embedding, tmp_path / f"a{suffix}", target)
    # emb_params is a file for web UIs; diffusers takes it with the token named by the caller.
    token = {"token": name} if target == "emb_params" else {}
    sd1.load_textual_inversion(str(path), **token)
    assert torch.equal(found(sd1.tokenizer, sd1.text_encoder, name, rows), embedding.vectors["clip_l"])


@pytest.mark.parametrize("rows", ROWS)
@pytest.mark.parametrize("suffix", [".bin", ".safetensors"])
def test_each_file_of_an_sdxl_pair(tmp_path: Path, sdxl: Any, suffix: str, rows: int) -> None:
    name = f"pair-{suffix[1:]}-{rows}"
    embedding = embedding_of(name, rows, clip_g=1280, clip_l=768)
    first, second = write_embedding(embedding, tmp_path / f"learned_embeds{suffix}", "diffusers")
    parts = (
        (first, sdxl.tokenizer, sdxl.text_encoder, "clip_l"),
        (second, sdxl.tokenizer_2, sdxl.text_encoder_2, "clip_g"),
    )
    for path, tokenizer, encoder, key in parts:
        sdxl.load_textual_inversion(str(path), tokenizer=tokenizer, text_encoder=encoder)
        assert torch.equal(found(tokenizer, encoder, name, rows), embedding.vectors[key])


@pytest.mark.parametrize("rows", ROWS)
def test_the_sdxl_file_for_sharing_split_by_the_caller(tmp_path: Path, sdxl: Any, rows: int) -> None:
    name = f"split-{rows}"
    embedding = embedding_of(name, rows, clip_l=768, clip_g=1280)
    (path,) = write_embedding(embedding, tmp_path / "a.safetensors")
    tensors = load_file(path)
    parts = (
        (sdxl.tokenizer, sdxl.text_encoder, "clip_l"),
        (sdxl.tokenizer_2, sdxl.text_encoder_2, "clip_g"),
    )
    for tokenizer, encoder, key in parts:
        sdxl.load_textual_inversion(tensors[key], token=name, tokenizer=tokenizer, text_encoder=encoder)
        assert torch.equal(found(tokenizer, encoder, name, rows), embedding.vectors[key])
