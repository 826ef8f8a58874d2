from __future__ import annotations

import pytest
import torch

from traintab.conditioning.encoding import encode_prompts
from traintab.conditioning.tokenized import TokenizedPrompt, tokenize_prompt
from traintab.models.model import Model
from traintab.models.text_encoder import EncoderOutput, TextEncoder

NAMES = {"mycat": 2}


class CountingEncoder(TextEncoder):
    """Remembers the size of every forward pass; a bias gives its outputs a mean, as CLIP's have."""

    bias = 0.0

    def __init__(self, *arguments: object) -> None:
        super().__init__(*arguments)  # type: ignore[arg-type]
        self.sequences: list[int] = []

    def forward(self, input_ids: torch.Tensor, clip_skip: int = 1) -> EncoderOutput:
        self.sequences.append(input_ids.shape[0])
        states, pooled = super().forward(input_ids, clip_skip)
        return EncoderOutput(states + self.bias, pooled)


@pytest.fixture
def text_encoder(tiny_model: Model) -> CountingEncoder:
    encoder = tiny_model.text_encoders[0]
    return CountingEncoder(encoder.name, encoder.tokenizer, encoder.module)


@pytest.fixture
def vectors() -> dict[str, torch.Tensor]:
    return {"mycat": torch.randn(2, 32, generator=torch.Generator().manual_seed(1))}


def tokenized(text_encoder: TextEncoder, *texts: str) -> list[TokenizedPrompt]:
    return [tokenize_prompt(text, text_encoder, NAMES) for text in texts]


def test_equal_prompts_are_encoded_once_in_one_forward_pass(
    text_encoder: CountingEncoder, vectors: dict[str, torch.Tensor]
) -> None:
    embeds = encode_prompts(text_encoder, tokenized(text_encoder, "mycat", "hat", "mycat", "mycat"), vectors)

    assert text_encoder.sequences == [2]
    assert embeds.shape == (4, 77, 32)
    assert torch.equal(embeds[0], embeds[2])
    assert torch.equal(embeds[0], embeds[3])
    assert not torch.equal(embeds[0], embeds[1])


def test_a_prompt_in_a_batch_is_what_it_is_alone(
    text_encoder: CountingEncoder, vectors: dict[str, torch.Tensor]
) -> None:
    prompts = tokenized(text_encoder, "a mycat", "hat, mycat", "(cat:1.3)")

    together = encode_prompts(text_encoder, prompts, vectors)

    for row, prompt in zip(together, prompts, strict=True):
        assert torch.allclose(row, encode_prompts(text_encoder, [prompt], vectors)[0], atol=1e-5)


def test_shorter_prompts_are_padded_with_empty_chunks(text_encoder: CountingEncoder) -> None:
    short, long, empty = tokenized(text_encoder, "hat", "cat BREAK cat BREAK hat", "")

    embeds = encode_prompts(text_encoder, [short, long], {})

    assert embeds.shape == (2, 3 * 77, 32)
    assert text_encoder.sequences == [6]
    nothing = encode_prompts(text_encoder, [empty], {})[0]
    assert torch.allclose(embeds[0, 77:154], nothing, atol=1e-5)
    assert torch.allclose(embeds[0, 154:], nothing, atol=1e-5)


def test_vectors_work_in_every_chunk_of_every_prompt(
    text_encoder: CountingEncoder, vectors: dict[str, torch.Tensor]
) -> None:
    first, second = tokenized(text_encoder, "hat", "hat BREAK cat mycat")
    changed = {"mycat": vectors["mycat"].flip(1)}

    before = encode_prompts(text_encoder, [first, second], vectors)
    after = encode_prompts(text_encoder, [first, second], changed)

    assert torch.equal(before[0], after[0])
    assert torch.equal(before[1, :79], after[1, :79])
    assert not torch.allclose(before[1, 79], after[1, 79])


def test_a_token_s_own_vector_gives_what_the_word_gives(text_encoder: CountingEncoder) -> None:
    word, name = tokenized(text_encoder, "a red hat", "a mycat")

    embeds = encode_prompts(text_encoder, [word, name], {"mycat": text_encoder.token_vectors("red hat")})

    assert torch.equal(embeds[0], embeds[1])


def test_the_gradient_reaches_the_vectors_through_equal_prompts(
    text_encoder: CountingEncoder, vectors: dict[str, torch.Tensor]
) -> None:
    leaf = vectors["mycat"].requires_grad_()
    prompts = tokenized(text_encoder, "(mycat:1.2)", "hat", "(mycat:1.2)")

    encode_prompts(text_encoder, prompts, {"mycat": leaf}).square().sum().backward()

    assert leaf.grad is not None
    assert (leaf.grad.abs().sum(dim=1) > 0).all()
    assert all(parameter.grad is None for parameter in text_encoder.module.parameters())


def test_the_gradient_is_the_slope_of_the_loss(
    text_encoder: CountingEncoder, vectors: dict[str, torch.Tensor]
) -> None:
    leaf, step = vectors["mycat"].requires_grad_(), 1e-2
    prompts = tokenized(text_encoder, "a mycat hat")
    direction = torch.randn(2, 32, generator=torch.Generator().manual_seed(2))
    target = torch.randn(1, 77, 32, generator=torch.Generator().manual_seed(3))

    def loss(moved: torch.Tensor) -> torch.Tensor:
        return (encode_prompts(text_encoder, prompts, {"mycat": moved}) * target).sum()

    loss(leaf).backward()
    measured = (loss(leaf + step * direction) - loss(leaf - step * direction)) / (2 * step)

    assert leaf.grad is not None
    assert (leaf.grad * direction).sum().item() == pytest.approx(measured.item(), rel=0.02)


def test_weights_multiply_the_output_and_keep_the_chunk_s_mean(text_encoder: CountingEncoder) -> None:
    text_encoder.bias = 0.5
    plain, weighted = tokenized(text_encoder, "a red hat", "a (red:1.5) hat")

    before, after = encode_prompts(text_encoder, [plain, weighted], {})

    factors = torch.ones(77, 1)
    factors[2] = 1.5
    expected = before * factors
    expected *= before.mean() / expected.mean()
    assert torch.allclose(after, expected, atol=1e-5)
    assert after.mean().item() == pytest.approx(before.mean().item(), rel=1e-4)


def test_only_the_weighted_chunk_changes(text_encoder: CountingEncoder) -> None:
    text_encoder.bias = 0.5
    plain, weighted = tokenized(text_encoder, "hat BREAK cat", "hat BREAK (cat:1.4)")

    before, after = encode_prompts(text_encoder, [plain, weighted], {})

    assert torch.equal(before[:77], after[:77])
    assert not torch.allclose(before[77:], after[77:])


def test_a_mean_of_nearly_nothing_is_not_restored(text_encoder: CountingEncoder) -> None:
    plain, weighted = tokenized(text_encoder, "a red hat", "a (red:1.5) hat")

    before, after = encode_prompts(text_encoder, [plain, weighted], {})

    assert abs(before.mean()) < 0.01 * before.std()
    assert torch.allclose(after[2], before[2] * 1.5, atol=1e-5)
    assert torch.allclose(after[3:], before[3:], atol=1e-6)


def test_half_precision_encoders_take_float32_vectors(tiny_model: Model) -> None:
    import copy

    encoder = tiny_model.text_encoders[0]
    half = TextEncoder("clip_l", encoder.tokenizer, copy.deepcopy(encoder.module).to(torch.bfloat16))
    leaf = torch.randn(2, 32, requires_grad=True)

    embeds = encode_prompts(half, tokenized(half, "(mycat:1.2)"), {"mycat": leaf})
    embeds.float().square().sum().backward()

    assert embeds.dtype is torch.bfloat16
    assert leaf.grad is not None
    assert leaf.grad.dtype is torch.float32
