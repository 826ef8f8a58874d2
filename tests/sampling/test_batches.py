"""Batches, and who is told of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import torch

from traintab.configs import GenerationConfig
from traintab.embeddings.embedding import Embedding
from traintab.errors import MemoryShortageError, NonFiniteError
from traintab.models.model import Model
from traintab.sampling import batches as module
from traintab.sampling.samplers import SAMPLERS
from traintab.sampling.txt2img import GeneratedImage, txt2img


def config(**settings: Any) -> GenerationConfig:
    return GenerationConfig(**{"prompt": "a red hat", "seed": 1, "num_inference_steps": 3, **settings})


def pixels(generated: GeneratedImage) -> np.ndarray:
    return np.asarray(generated.image).astype(int)


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_a_member_of_a_batch_is_the_picture_drawn_alone(sampler: str, tiny_model: Model) -> None:
    batch = txt2img(tiny_model, config(sampler=sampler, batch_size=3, seed=5), {})

    assert [member.seed for member in batch] == [5, 6, 7]
    for member in batch:
        (alone,) = txt2img(tiny_model, config(sampler=sampler, seed=member.seed), {})
        assert np.abs(pixels(member) - pixels(alone)).max() <= 1


def test_seeds_go_on_over_all_batches(tiny_model: Model) -> None:
    drawn = txt2img(tiny_model, config(batch_size=2, count=2, seed=2**32 - 2), {})

    assert [picture.seed for picture in drawn] == [2**32 - 2, 2**32 - 1, 0, 1]


def test_every_picture_of_a_batch_tells_its_own_seed(tiny_model: Model) -> None:
    drawn = txt2img(tiny_model, config(batch_size=2, seed=8), {})

    assert ["Seed: 8," in drawn[0].infotext, "Seed: 9," in drawn[1].infotext] == [True, True]


def test_steps_are_counted_over_batches_and_not_over_pictures(tiny_model: Model) -> None:
    calls: list[tuple[int, int]] = []

    txt2img(tiny_model, config(batch_size=2, count=2), {}, on_step=lambda *call: calls.append(call))

    assert calls == [(done, 6) for done in range(1, 7)]


def test_a_step_of_two_evaluations_counts_once(tiny_model: Model) -> None:
    calls: list[tuple[int, int]] = []

    txt2img(tiny_model, config(sampler="Heun"), {}, on_step=lambda *call: calls.append(call))

    assert calls == [(1, 3), (2, 3), (3, 3)]


def test_skipping_gives_up_one_batch_and_goes_on_with_the_next(tiny_model: Model) -> None:
    steps: list[int] = []
    wanted = {4: True}

    drawn = txt2img(
        tiny_model,
        config(count=3),
        {},
        on_step=lambda done, _total: steps.append(done),
        skipped=lambda: bool(steps) and wanted.pop(steps[-1], False),
    )

    assert [picture.seed for picture in drawn] == [1, 3]
    assert steps == [1, 2, 3, 4, 7, 8, 9]


def test_skipping_too_late_for_a_picture_does_not_skip_the_next(tiny_model: Model) -> None:
    presses: list[int] = []

    drawn = txt2img(
        tiny_model,
        config(count=2),
        {},
        on_step=lambda done, _total: presses.append(done) if done == 3 else None,
        skipped=lambda: bool(presses and presses.pop()),
    )

    assert [picture.seed for picture in drawn] == [1, 2]


def test_an_interrupt_ends_all_batches(tiny_model: Model) -> None:
    steps: list[int] = []

    drawn = txt2img(
        tiny_model,
        config(count=3, batch_size=2),
        {},
        on_step=lambda done, _total: steps.append(done),
        interrupted=lambda: steps[-1:] == [4],
    )

    assert [picture.seed for picture in drawn] == [1, 2]
    assert steps == [1, 2, 3, 4]


def test_finished_pictures_are_told_batch_by_batch(tiny_model: Model) -> None:
    told: list[Sequence[GeneratedImage]] = []

    drawn = txt2img(tiny_model, config(count=2, batch_size=2), {}, on_images=told.append)

    assert [len(batch) for batch in told] == [2, 2]
    assert [picture for batch in told for picture in batch] == drawn


def test_latents_are_shown_after_each_step_and_last_those_of_the_picture(tiny_model: Model) -> None:
    shown: list[torch.Tensor] = []

    drawn = txt2img(tiny_model, config(sampler="Heun", batch_size=2), {}, on_latents=shown.append)

    assert [latents.shape for latents in shown] == [(2, 4, 8, 8)] * 3
    last = module.to_image(tiny_model.decode_latents(shown[-1][1:]))
    assert np.array_equal(np.asarray(last), np.asarray(drawn[1].image))


def test_watching_does_not_change_the_picture(tiny_model: Model) -> None:
    (plain,) = txt2img(tiny_model, config(), {})

    (watched,) = txt2img(
        tiny_model,
        config(),
        {},
        on_step=lambda *_: None,
        interrupted=lambda: False,
        skipped=lambda: False,
        on_latents=lambda _latents: None,
    )

    assert np.array_equal(pixels(plain), pixels(watched))


def test_hooks_may_be_none(tiny_model: Model) -> None:
    drawn = txt2img(
        tiny_model,
        config(),
        {},
        on_step=None,
        interrupted=None,
        skipped=None,
        on_latents=None,
        on_images=None,
    )

    assert len(drawn) == 1


def test_a_picture_of_nan_is_an_error_and_not_a_black_picture(tiny_model: Model) -> None:
    broken = {"mycat": Embedding(name="mycat", vectors={"clip_l": torch.full((1, 32), float("nan"))})}

    with pytest.raises(NonFiniteError, match="seed 1 became NaN"):
        txt2img(tiny_model, config(prompt="mycat", batch_size=2), broken)


def test_a_weight_beyond_all_numbers_draws_as_the_heaviest_there_is(tiny_model: Model) -> None:
    beyond, heaviest = (
        txt2img(tiny_model, config(prompt=f"(hat:{weight})", num_inference_steps=1), {})[0].image
        for weight in ("9" * 400, "100")
    )
    assert beyond.tobytes() == heaviest.tobytes()


def test_too_little_memory_is_told_with_what_to_lower(
    tiny_model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run_out(*_arguments: object) -> None:
        raise torch.cuda.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(module, "initial_noise", run_out)

    with pytest.raises(MemoryShortageError, match=r"Drawing 64 x 64 pixels ran out of memory.* from 4 to 2"):
        txt2img(tiny_model, config(batch_size=4), {})


@pytest.mark.parametrize(
    ("sampler", "told"),
    [
        ("Euler", "Schedule type: Uniform,"),
        ("DPM2", "Schedule type: Karras,"),
        ("DDIM", "Sampler: DDIM, CFG"),
    ],
)
def test_the_picture_tells_what_automatic_meant(sampler: str, told: str, tiny_model: Model) -> None:
    (drawn,) = txt2img(tiny_model, config(sampler=sampler), {})

    assert told in drawn.infotext
