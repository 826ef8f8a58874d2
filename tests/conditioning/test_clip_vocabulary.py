"""Names and counts with the vocabulary of the real CLIP, against what A1111 says."""

from __future__ import annotations

import pytest

from traintab.conditioning.counting import TokenCounter
from traintab.models.model import Model
from traintab.models.text_encoder import TextEncoder
from traintab.models.transformers_adapter import load_tokenizer
from traintab.paths import PACKAGE_DIR


@pytest.fixture(scope="module")
def text_encoder(tiny_model: Model) -> TextEncoder:
    """CLIP L's tokenizer before the tiny model's text encoder, which isn't asked for more than its length."""
    tokenizer = load_tokenizer(str(PACKAGE_DIR / "models" / "configs"), "tokenizer", local_files_only=True)
    return TextEncoder("clip_l", tokenizer, tiny_model.text_encoders[0].module)


@pytest.mark.parametrize(
    ("prompt", "name", "is_found"),
    [
        ("a photo of SKS dog", "sks", True),
        ("<sks>", "sks", True),
        ("my-cat-x", "cat", True),
        ("cats", "cat", False),
        ("wildcat", "cat", False),
        ("face-50", "face-5", True),
        ("emb12", "emb1", True),
        ("emb 1", "emb1", True),
        ("by Ōtomo, ink", "ōtomo", True),
        ("my_style.v2 of a house", "my_style.v2", True),
        ("embedding:my_style.v2.safetensors", "my_style.v2", True),
        ("(embedding:sks:1.2)", "sks", True),
    ],
)
def test_names_are_found_where_a1111_finds_them(
    prompt: str, name: str, is_found: bool, text_encoder: TextEncoder
) -> None:
    count = TokenCounter(text_encoder, {name: 2}).count(prompt)

    assert count.recognised == ((name,) if is_found else ())


# The left number of A1111's counter.
@pytest.mark.parametrize(
    ("prompt", "tokens"),
    [
        ("a photo of a cat", 5),
        ("masterpiece, best quality, 1girl", 7),
        ("(masterpiece:1.2), [[best quality]], ((1girl))", 7),
        ("1990s", 5),
        ("a photo of a cat <lora:ink:0.8>", 5),
        ("a [photo:drawing in ink:0.3] of a cat", 7),
    ],
)
def test_words_are_counted_as_in_a1111(prompt: str, tokens: int, text_encoder: TextEncoder) -> None:
    assert TokenCounter(text_encoder, {}).count(prompt).tokens == tokens
