"""The UNet's training."""

from __future__ import annotations

import itertools
import random
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn

from traintab.demo import device, train_unet
from traintab.demo.characters import sample_picture
from traintab.demo.latent_reader import LatentReader
from traintab.demo.made_up_names import NameComposer
from traintab.demo.pool import render_pool
from traintab.demo.tokenizer import load_tokenizer
from traintab.demo.train_text_encoder import WIDTH, Reader, new_text_encoder


class Fake(nn.Module):
    """Predicts what it was told to."""

    def __init__(self, answer: torch.Tensor) -> None:
        super().__init__()
        self.answer = answer

    def forward(self, *_inputs: object) -> SimpleNamespace:
        return SimpleNamespace(sample=self.answer)


def test_almost_no_signal_is_left_at_the_last_timestep() -> None:
    scheduler = train_unet.new_noise_scheduler()
    assert scheduler.config.prediction_type == "v_prediction"
    assert scheduler.alphas_cumprod[-1] < 1e-3


def test_a_new_unet_predicts_nothing_yet() -> None:
    unet = train_unet.new_unet()
    with torch.no_grad():
        out = unet(torch.randn(1, 8, 16, 16), torch.tensor([10]), torch.randn(1, 77, WIDTH)).sample
    assert out.shape == (1, 8, 16, 16)
    assert not out.any()


def test_timesteps_are_spread_over_the_whole_range() -> None:
    timesteps = train_unet.spread_timesteps(10)
    assert sorted((timesteps // 100).tolist()) == list(range(10))


def test_loss_is_weighted_by_signal_to_noise() -> None:
    torch.manual_seed(0)
    scheduler = train_unet.new_noise_scheduler()
    latents = torch.zeros(64, 8, 4, 4)
    unet, embeds = Fake(torch.zeros_like(latents)), torch.zeros(64, 77, WIDTH)
    loss, _ = train_unet.v_loss(unet, scheduler, latents, embeds)
    # With no signal the velocity is sqrt(alpha) * noise, so the loss is the mean of alpha times the weight.
    alphas = scheduler.alphas_cumprod
    ratio = alphas / (1 - alphas)
    expected = (alphas * (ratio + 1).clamp(max=6) / (ratio + 1)).mean()
    assert float(loss) == pytest.approx(float(expected), rel=0.1)


def test_the_loss_is_made_where_the_latents_are(monkeypatch: pytest.MonkeyPatch) -> None:
    # The meta device takes part in no sum with the processor's tensors, as a card doesn't.
    monkeypatch.setattr(train_unet, "reduced_precision", lambda _device: nullcontext())
    place = torch.device("meta")
    latents, embeds = torch.zeros(4, 8, 16, 16, device=place), torch.zeros(4, 77, WIDTH, device=place)
    scheduler = train_unet.new_noise_scheduler()
    loss, _ = train_unet.v_loss(train_unet.new_unet().to(place), scheduler, latents, embeds)
    torch.autograd.backward(loss)
    assert loss.device == place


def test_the_right_velocity_stands_for_the_clean_latents(monkeypatch: pytest.MonkeyPatch) -> None:
    scheduler, latents = train_unet.new_noise_scheduler(), torch.randn(6, 8, 16, 16)
    noise = torch.randn_like(latents)
    monkeypatch.setattr(train_unet.torch, "randn_like", lambda _latents: noise)
    timesteps = torch.tensor([0, 100, 300, 500, 800, 999])
    monkeypatch.setattr(train_unet, "spread_timesteps", lambda _count: timesteps)
    velocity = Fake(scheduler.get_velocity(latents, noise, timesteps))
    loss, clean = train_unet.v_loss(velocity, scheduler, latents, torch.zeros(6, 77, WIDTH))
    assert float(loss) == pytest.approx(0, abs=1e-9)
    assert torch.allclose(clean, latents, atol=1e-4)


def test_eyes_count_more_than_the_rest_of_the_latents() -> None:
    cells = train_unet.face_cells(16, 16)
    assert cells.mean() == pytest.approx(1.0)
    assert cells[7, 6] == pytest.approx(2.5 * float(cells[0, 0]))
    assert cells[14, 7] == cells[0, 0]


def test_what_is_hard_to_draw_is_drawn_more_often_than_its_share() -> None:
    plain = {"style": "anime"}
    kinds = [
        plain,
        {"style": "other"},
        {**plain, "shape": "toy", "thing pattern": "plain"},
        {**plain, "shape": "mug", "thing pattern": "dotted"},
        {**plain, "second hair color": "red"},
        *[{"style": "sepia"}] * 15,
    ]
    choice = train_unet.Choice([kinds[index % 20] for index in range(400)])
    rng = random.Random(0)
    drawn = [index % 20 for _ in range(100) for index in choice.draw(rng)]
    shares = [drawn.count(number) / len(drawn) for number in range(5)]
    assert sum(shares) > 1 - train_unet.SHARES[-1]
    for share, least in zip(shares[2:], train_unet.SHARES[2:-1], strict=True):
        assert share == pytest.approx(
            least + 0.25 * train_unet.SHARES[0] + 0.25 * train_unet.SHARES[1], abs=0.03
        )


def test_a_pool_without_toys_has_something_to_draw_too() -> None:
    choice = train_unet.Choice([{"style": "anime"}, {"style": "other"}])
    assert {index for _ in range(10) for index in choice.draw(random.Random(0))} == {0, 1}


@pytest.mark.parametrize(
    ("picture", "unusual"),
    [
        ({"style": "anime", "eye color": "red", "other eye color": "red"}, False),
        ({"style": "anime", "eye color": "red", "other eye color": "blue"}, True),
        ({"style": "anime", "second hair color": "blue"}, True),
        ({"style": "other"}, True),
        ({"style": "night", "shape": "mug"}, True),
        ({"style": "night", "mark": "scar"}, False),
    ],
)
def test_odd_eyes_two_hair_colors_unnamed_styles_and_objects_are_unusual(
    picture: dict[str, str], unusual: bool
) -> None:
    assert train_unet.is_unusual(picture) is unusual


def test_a_batch_is_in_the_order_of_the_pool() -> None:
    drawn = train_unet.Choice([{"style": "anime"}, {"style": "other"}] * 200).draw(random.Random(0))
    assert len(drawn) == train_unet.BATCH
    assert drawn == sorted(drawn)


def test_the_average_follows_quickly_at_first_and_slowly_later() -> None:
    def moved(step: int) -> float:
        slow, fast = nn.Linear(1, 1, bias=False), nn.Linear(1, 1, bias=False)
        nn.init.zeros_(slow.weight)
        nn.init.ones_(fast.weight)
        train_unet.update_average(slow, fast, step)
        return float(slow.weight.detach())

    assert moved(0) == pytest.approx(0.9)
    assert moved(1_000_000) == pytest.approx(0.001)


@pytest.fixture
def work_dir(tmp_path: Path, tokenizer_dir: Path) -> Path:
    (tmp_path / "tokenizer").symlink_to(tokenizer_dir)
    torch.manual_seed(0)
    parts = {
        "text_encoder": new_text_encoder(load_tokenizer(tokenizer_dir)).state_dict(),
        "composer": NameComposer(WIDTH).state_dict(),
        "reader": Reader().state_dict(),
    }
    torch.save(parts, tmp_path / "text_encoder.pt")
    torch.save(LatentReader().state_dict(), tmp_path / "latent_reader.pt")
    return tmp_path


def test_conditions_are_embeddings_of_fresh_captions(work_dir: Path) -> None:
    attributes = [sample_picture(random.Random(index)) for index in range(4)]
    conditioning = train_unet.Conditioning(work_dir, attributes)
    first, other = (conditioning.embed(conditioning.write([0, 1, 2], random.Random(seed))) for seed in (1, 2))
    assert first.shape == (3, 77, WIDTH)
    assert not first.requires_grad
    assert (first - other).abs().max() > 0.1


@pytest.mark.parametrize("on_card", [False, True])
def test_a_moment_of_training_leaves_averaged_weights_and_a_resume_point(
    on_card: bool, work_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (device, train_unet):
        monkeypatch.setattr(module, "is_card", lambda _device: on_card)
    monkeypatch.setattr(train_unet, "BATCH", 3)
    monkeypatch.setattr(train_unet, "CARD_BATCH", 4)
    sizes: list[int] = []
    v_loss = train_unet.v_loss
    monkeypatch.setattr(train_unet, "v_loss", lambda *parts: sizes.append(len(parts[2])) or v_loss(*parts))
    styles = itertools.cycle(["anime", "other"])
    render_pool(
        work_dir / "pool", 8, lambda rng: {**sample_picture(rng), "style": next(styles)}, lambda _line: None
    )
    np.save(work_dir / "latents.npy", np.ones((8, 16, 16, 16), dtype=np.float16))
    train_unet.train_unet(work_dir, 1e-4, lambda _line: None)
    resume = torch.load(work_dir / "unet_resume.pt", weights_only=True)
    assert set(sizes) == {4 if on_card else 3}
    assert resume["step"] == len(sizes)
    assert set(torch.load(work_dir / "unet.pt", weights_only=True)) == set(resume["unet"])
