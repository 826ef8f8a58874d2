from __future__ import annotations

import copy
import dataclasses
import hashlib
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from traintab.configs import GenerationConfig
from traintab.embeddings.embedding import Embedding
from traintab.errors import ConfigError
from traintab.models.model import Model
from traintab.sampling.infotext import parse_infotext
from traintab.sampling.samplers import SAMPLERS
from traintab.sampling.txt2img import GeneratedImage, txt2img


def draw(
    model: Model, embeddings: dict[str, Embedding] | None = None, **settings: object
) -> list[GeneratedImage]:
    defaults = {"prompt": "a red hat", "seed": 1, "num_inference_steps": 2}
    return txt2img(model, GenerationConfig(**{**defaults, **settings}), embeddings or {})


def pixels(generated: GeneratedImage) -> np.ndarray:
    return np.asarray(generated.image).astype(int)


@pytest.fixture
def mycat() -> dict[str, Embedding]:
    vectors = torch.randn(2, 32, generator=torch.Generator().manual_seed(1))
    return {"mycat": Embedding(name="mycat", vectors={"clip_l": vectors})}


def test_a_picture_has_the_model_s_own_size_unless_told_otherwise(tiny_model: Model) -> None:
    assert draw(tiny_model)[0].image.size == (64, 64)
    assert draw(tiny_model, width=128, height=64)[0].image.size == (128, 64)
    assert draw(tiny_model)[0].image.mode == "RGB"


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_the_same_seed_draws_the_same_picture(sampler: str, tiny_model: Model) -> None:
    first, again = (draw(tiny_model, sampler=sampler, num_inference_steps=4)[0] for _ in range(2))
    other = draw(tiny_model, sampler=sampler, num_inference_steps=4, seed=2)[0]

    assert np.array_equal(pixels(first), pixels(again))
    assert not np.array_equal(pixels(first), pixels(other))


@pytest.mark.parametrize("steps", [1, 2, 3])
@pytest.mark.parametrize("sampler", SAMPLERS)
def test_few_steps_are_enough_for_every_sampler(sampler: str, steps: int, tiny_model: Model) -> None:
    assert len(draw(tiny_model, sampler=sampler, num_inference_steps=steps)) == 1


def test_each_picture_of_a_batch_is_the_one_of_its_own_seed(tiny_model: Model) -> None:
    batch = draw(tiny_model, count=3, seed=5)

    assert [generated.seed for generated in batch] == [5, 6, 7]
    for generated in batch:
        assert np.array_equal(pixels(generated), pixels(draw(tiny_model, seed=generated.seed)[0]))
        assert parse_infotext(generated.infotext)["Seed"] == str(generated.seed)


def test_seeds_go_on_from_zero_after_the_last(tiny_model: Model) -> None:
    assert [generated.seed for generated in draw(tiny_model, seed=2**32 - 1, count=2)] == [2**32 - 1, 0]


def test_seed_minus_one_is_a_new_one_each_time(tiny_model: Model) -> None:
    seeds = {draw(tiny_model, seed=-1, num_inference_steps=1)[0].seed for _ in range(3)}

    assert len(seeds) == 3
    assert -1 not in seeds


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_global_random_generators_are_left_alone(sampler: str, tiny_model: Model) -> None:
    before = torch.get_rng_state(), random.getstate(), np.random.get_state()[1].copy()

    draw(tiny_model, sampler=sampler, seed=-1)

    assert torch.equal(torch.get_rng_state(), before[0])
    assert random.getstate() == before[1]
    assert np.array_equal(np.random.get_state()[1], before[2])


def test_the_state_of_global_generators_does_not_change_the_picture(tiny_model: Model) -> None:
    torch.manual_seed(1)
    first = draw(tiny_model, sampler="Euler a", num_inference_steps=4)[0]
    torch.manual_seed(2)

    assert np.array_equal(
        pixels(first), pixels(draw(tiny_model, sampler="Euler a", num_inference_steps=4)[0])
    )


def test_the_prompt_and_the_negative_prompt_matter(tiny_model: Model) -> None:
    plain = pixels(draw(tiny_model)[0])

    assert not np.array_equal(plain, pixels(draw(tiny_model, prompt="a blue cat")[0]))
    assert not np.array_equal(plain, pixels(draw(tiny_model, negative_prompt="blue cat")[0]))


def test_without_a_guidance_scale_the_model_s_own_is_used_and_told(tiny_model: Model) -> None:
    own = replace(tiny_model, default_guidance_scale=3.5)

    drawn = draw(own)[0]

    assert np.array_equal(pixels(drawn), pixels(draw(tiny_model, guidance_scale=3.5)[0]))
    assert "CFG scale: 3.5," in drawn.infotext
    assert "CFG scale: 7," in draw(tiny_model)[0].infotext


def test_guidance_of_one_leaves_the_negative_prompt_out(tiny_model: Model) -> None:
    plain = draw(tiny_model, guidance_scale=1.0)[0]

    assert np.array_equal(
        pixels(plain), pixels(draw(tiny_model, guidance_scale=1.0, negative_prompt="cat")[0])
    )


@pytest.mark.parametrize(("scale", "batches"), [(1.0, {1}), (7.0, {2})])
def test_with_and_without_the_prompt_run_in_one_batch(
    scale: float, batches: set[int], tiny_model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    original = Model.predict
    monkeypatch.setattr(
        Model, "predict", lambda self, x, *rest: seen.append(len(x)) or original(self, x, *rest)
    )

    draw(tiny_model, guidance_scale=scale)

    assert set(seen) == batches


def test_an_embedding_by_name_changes_the_picture(tiny_model: Model, mycat: dict[str, Embedding]) -> None:
    plain = pixels(draw(tiny_model, prompt="mycat")[0])

    assert not np.array_equal(plain, pixels(draw(tiny_model, mycat, prompt="mycat")[0]))
    assert not np.array_equal(
        plain, pixels(draw(tiny_model, mycat, prompt="mycat", negative_prompt="mycat")[0])
    )


def test_embeddings_with_a_file_are_named_in_the_infotext(
    tiny_model: Model, mycat: dict[str, Embedding], tmp_path: Path
) -> None:
    file = tmp_path / "mycat.pt"
    file.write_bytes(b"vectors")
    on_disk = {"mycat": dataclasses.replace(mycat["mycat"], source=file)}

    positive = draw(tiny_model, on_disk, prompt="a mycat")[0].infotext
    negative = draw(tiny_model, on_disk, negative_prompt="mycat")[0].infotext

    expected = f"mycat: {hashlib.sha256(b'vectors').hexdigest()[:12]}"
    assert parse_infotext(positive)["TI hashes"] == parse_infotext(negative)["TI hashes"] == expected
    assert "TI hashes" not in draw(tiny_model, on_disk, prompt="a hat")[0].infotext


def test_embeddings_without_a_file_have_no_hash(tiny_model: Model, mycat: dict[str, Embedding]) -> None:
    deleted = {"mycat": dataclasses.replace(mycat["mycat"], source=Path("gone.pt"))}

    assert "TI hashes" not in draw(tiny_model, mycat, prompt="mycat")[0].infotext
    assert "TI hashes" not in draw(tiny_model, deleted, prompt="mycat")[0].infotext


def test_an_interrupt_during_the_last_step_keeps_its_picture(tiny_model: Model) -> None:
    done = []
    config = GenerationConfig(seed=1, num_inference_steps=3)

    pictures = txt2img(
        tiny_model, config, {}, on_step=lambda n, _: done.append(n), interrupted=lambda: len(done) >= 3
    )

    assert len(pictures) == 1


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"width": 100}, "Width is 100; it must be a multiple of 8"),
        ({"height": 60}, "Height is 60"),
        ({"sampler": "Guess"}, "Sampling method is 'Guess'"),
        ({"num_inference_steps": 0}, "Sampling steps is 0"),
        ({"count": 0}, "Batch count is 0"),
    ],
)
def test_bad_settings_are_refused_before_anything_is_drawn(
    settings: dict[str, object], told: str, tiny_model: Model
) -> None:
    with pytest.raises(ConfigError, match=told):
        draw(tiny_model, **settings)


def test_a_half_precision_unet_draws_nearly_the_same(tiny_model: Model) -> None:
    unet = copy.deepcopy(tiny_model.unet).to(torch.bfloat16)
    half = dataclasses.replace(tiny_model, unet=unet, dtype=torch.bfloat16)

    difference = pixels(draw(half, sampler="DDIM")[0]) - pixels(draw(tiny_model, sampler="DDIM")[0])

    assert np.abs(difference).mean() < 3
