"""Other words are understood beside the embedding as beside a word that the model knows."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from traintab.configs import RegularisationConfig
from traintab.datasets.batches import BatchOrder
from traintab.datasets.seeds import seeded_generator
from traintab.embeddings.embedding import Embedding
from traintab.errors import ConfigError
from traintab.models.model import Model
from traintab.training.context_prompts import ContextPrompts, context_prompts_of
from traintab.training.context_regularisation import ContextRegularisation, RegularisedLoss
from traintab.training.picture_loss import PromptEncoder
from traintab.training.state import TrainingState

LINES = ("a [name] on red", "[name] and a hat", "the old [name]")


def vectors_of(model: Model, rows: int = 2) -> dict[str, torch.Tensor]:
    return {
        encoder.name: torch.randn(rows, encoder.width, generator=seeded_generator(encoder.name)) * 0.05
        for encoder in model.text_encoders
    }


def made(model: Model, *, rows: int = 2, **settings: Any) -> tuple[ContextRegularisation, TrainingState]:
    prompts = ContextPrompts(**{"source": "mine", "lines": LINES, "word": "girl", **settings})
    vectors = vectors_of(model, rows)
    encoder = PromptEncoder(model, {"zq": Embedding(name="zq", vectors=vectors)})
    state = TrainingState(vectors, order=BatchOrder(1, 1), generator=seeded_generator("context"))
    return ContextRegularisation(model, encoder, prompts, "zq", vectors), state


def written_out(model: Model, vectors: dict[str, torch.Tensor], line: str, word: str) -> torch.Tensor:
    """CoRe's equation 3 for one prompt, with the vectors put into the token table."""
    before, after = line.split("[name]")
    distances = []
    for encoder in model.text_encoders:
        tokenizer, table = encoder.tokenizer, encoder.module.get_input_embeddings().weight
        head = [tokenizer.bos_token_id, *tokenizer(before, add_special_tokens=False).input_ids]
        tail = [*tokenizer(after, add_special_tokens=False).input_ids, tokenizer.eos_token_id]
        new = list(range(len(table), len(table) + len(vectors[encoder.name])))
        name = next(name for name, tensor in encoder.module.named_parameters() if tensor is table)
        outputs = []
        for middle in (new, tokenizer(word, add_special_tokens=False).input_ids):
            ids = head + middle + tail
            padded = torch.tensor([ids + [encoder.pad_id] * (77 - len(ids))])
            whole = {name: torch.cat([table, vectors[encoder.name]])}
            output = torch.func.functional_call(
                encoder.module, whole, (padded,), {"output_hidden_states": True}
            )
            is_xl = len(model.text_encoders) == 2
            states = output.hidden_states[-2] if is_xl else output.last_hidden_state
            outputs.append(states[0, len(ids) - len(tail) : len(ids)])
        own, known = outputs
        cosines = (own * known).sum(-1) / own.norm(dim=-1) / known.norm(dim=-1)
        distances.append((1 - cosines).mean())
    return torch.stack(distances).mean()


@pytest.mark.parametrize("family", ["sd1", "sd2", "sdxl"])
def test_it_is_the_paper_s_distance_and_reaches_every_row(tiny_families: Any, family: str) -> None:
    model = tiny_families.model(family)
    regularisation, state = made(model)
    theirs = {name: tensor.requires_grad_() for name, tensor in vectors_of(model).items()}
    expected = torch.stack([written_out(model, theirs, line, "girl") for line in LINES]).mean()
    distance = regularisation.distance(state.vectors)
    torch.testing.assert_close(distance, expected, rtol=1e-5, atol=1e-6)
    distance.backward()
    expected.backward()
    for name, leaf in state.vectors.items():
        assert leaf.grad is not None and theirs[name].grad is not None
        assert bool((leaf.grad.abs().sum(dim=1) > 0).all())
        torch.testing.assert_close(leaf.grad, theirs[name].grad, rtol=1e-3, atol=1e-6)


def test_the_word_itself_is_at_no_distance(model: Model) -> None:
    regularisation, _ = made(model, rows=1)
    encoder = model.text_encoders[0]
    assert encoder.tokenize("girl") and len(encoder.tokenize("girl")) == 1
    assert regularisation.distance({"clip_l": encoder.token_vectors("girl")}).item() < 1e-6
    assert regularisation.distance({"clip_l": encoder.token_vectors("hat")}).item() > 1e-3


def test_a_step_draws_its_prompts_from_the_state_s_generator(model: Model) -> None:
    distances = []
    for _ in range(2):
        regularisation, state = made(model, per_step=2)
        distances.append([regularisation(state).item() for _ in range(4)])
    assert distances[0] == distances[1]
    assert len(set(distances[0])) > 1


def test_of_several_embeddings_trained_together_it_holds_the_one_the_run_is_called_after(
    model: Model,
) -> None:
    known = {
        name: Embedding(name=name, vectors={"clip_l": torch.full((rows, 32), 0.1)})
        for name, rows in (("xw", 2), ("zq", 1))
    }
    encoder = PromptEncoder(model, known, together=("xw", "zq"))
    leaf = torch.randn(3, 32, generator=seeded_generator("both")).requires_grad_()
    prompts = ContextPrompts(source="mine", lines=LINES, word="girl")
    regularisation = ContextRegularisation(model, encoder, prompts, "zq", {"clip_l": leaf})
    regularisation.distance({"clip_l": leaf}).backward()
    assert leaf.grad is not None
    assert leaf.grad.abs().sum(dim=1).gt(0).tolist() == [False, False, True]


def test_the_word_is_encoded_once_and_not_at_each_step(model: Model) -> None:
    regularisation, state = made(model, per_step=2)
    encoded: list[int] = []
    handle = model.text_encoders[0].embedding_layer.register_forward_hook(
        lambda _layer, _ids, output: encoded.append(len(output))
    )
    try:
        regularisation.distance(state.vectors, [0, 1])
    finally:
        handle.remove()
    assert encoded == [2]


def test_what_it_weighs_is_added_to_the_loss(model: Model) -> None:
    regularisation, state = made(model, per_step=1)
    loss = RegularisedLoss(lambda pictures, state: (torch.tensor(2.0), "a zq"), regularisation, 0.5)
    value, prompt = loss([0], state)
    _, again = made(model, per_step=1)
    torch.testing.assert_close(value, 2.0 + 0.5 * regularisation(again))
    assert prompt == "a zq"


def test_prompts_too_long_for_one_chunk_are_left_out_and_counted(model: Model) -> None:
    regularisation, _ = made(model, rows=60, lines=("[name] on red", "[name] on " + "a " * 20))
    assert regularisation.told() == (
        "Context regularisation compares zq with 'girl' in 1 prompt; 1 too long for it, or with its name"
        " already, left out."
    )
    with pytest.raises(
        ConfigError, match="with all vectors of zq none of the 3 context prompts fits 75 tokens"
    ):
        made(model, rows=75)


def test_prompts_that_don_t_read_the_same_are_refused(model: Model) -> None:
    with pytest.raises(ConfigError, match="but for 'zq' they must read the same"):
        made(model, lines=("[name]s on red",))


def test_the_embedding_is_not_compared_with_itself(model: Model) -> None:
    with pytest.raises(ConfigError, match="Context word is 'one zq', which names zq itself"):
        made(model, word="one zq")


def test_a_prompt_that_has_the_name_as_a_word_already_is_left_out(model: Model) -> None:
    regularisation, _ = made(model, lines=("[name] and a zq", *LINES))
    assert "in 3 prompts; 1 too long" in regularisation.told()


@pytest.mark.parametrize("source", ["subject", "style"])
def test_all_the_built_in_prompts_can_be_compared(model: Model, source: str) -> None:
    settings = RegularisationConfig(prior_loss_weight=1, context_word="girl", context_prompts=source)
    prompts = context_prompts_of(settings)
    assert prompts is not None
    regularisation, state = made(model, source=source, lines=prompts.lines)
    assert regularisation.told().endswith(f"in {len(prompts.lines)} prompts.")
    assert regularisation.distance(state.vectors).item() > 0


def test_a_resumed_run_keeps_its_prompts_though_their_file_has_changed(model: Model) -> None:
    first, state = made(model)
    kept = first.state_dict()
    changed, _ = made(model, lines=("one red hat with [name]",))
    changed.load_state_dict(kept)
    assert changed.distance(state.vectors).item() == first.distance(state.vectors).item()


def test_a_resumed_run_takes_other_prompts_when_the_setting_asks_for_them(model: Model) -> None:
    first, state = made(model)
    other, _ = made(model, source="theirs", lines=("one red hat with [name]",))
    before = other.distance(state.vectors).item()
    other.load_state_dict(first.state_dict())
    assert other.distance(state.vectors).item() == before
