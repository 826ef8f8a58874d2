"""The autoencoder's training."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from traintab.demo import train_vae
from traintab.demo.device import Rows

CPU = torch.device("cpu")


def test_the_latents_have_8_channels_and_an_eighth_of_the_size() -> None:
    vae = train_vae.new_vae()
    with torch.no_grad():
        latents = vae.encode(torch.zeros(1, 3, 128, 128)).latent_dist.mean
        assert latents.shape == (1, 8, 16, 16)
        assert vae.decode(latents).sample.shape == (1, 3, 128, 128)


def test_eyes_weigh_more_than_the_face_and_the_face_more_than_the_rest() -> None:
    weights = train_vae.face_weights()[0, 0]
    assert weights.shape == (128, 128)
    assert weights.mean() == pytest.approx(1.0)
    assert weights[62, 50] > weights[90, 64] > weights[5, 5]


def test_edges_are_differences_of_neighbours() -> None:
    image = torch.tensor([[1.0, 4.0], [2.0, 8.0]])[None, None]
    across, down = train_vae.edges(image)
    assert across.flatten().tolist() == [3.0, 6.0]
    assert down.flatten().tolist() == [1.0, 4.0]


def test_a_perfect_reconstruction_has_no_loss() -> None:
    images = torch.rand(2, 3, 128, 128)
    weights = train_vae.face_weights()
    assert train_vae.reconstruction_loss(images, images, weights) == 0
    assert train_vae.reconstruction_loss(images + 0.1, images, weights) > 0.1


def test_an_error_in_the_eyes_costs_more() -> None:
    images = torch.zeros(1, 3, 128, 128)
    corner, eye = images.clone(), images.clone()
    corner[..., 2:6, 2:6] = 1
    eye[..., 60:64, 48:52] = 1
    weights = train_vae.face_weights()
    loss = train_vae.reconstruction_loss
    assert loss(eye, images, weights) > 2 * loss(corner, images, weights)


def test_a_wrong_colour_of_a_patch_costs_more_than_as_much_noise() -> None:
    images = torch.zeros(1, 3, 128, 128)
    patch, noise = images.clone(), images.clone()
    patch[..., :16, :16] = 0.5
    noise[..., :16, :16] = 0.5 * (1 - 2 * (torch.arange(256).reshape(16, 16) % 2))
    even = torch.ones(1, 1, 128, 128)
    plain = even * 0
    costs = [train_vae.reconstruction_loss(wrong, images, plain) for wrong in (patch, noise)]
    assert costs[0] > costs[1]
    assert train_vae.reconstruction_loss(patch, images, even) > costs[0]


@pytest.mark.parametrize(("error", "decibels"), [(0.2, 20.0), (0.02, 40.0)])
def test_psnr_is_in_decibels_of_the_whole_range(error: float, decibels: float) -> None:
    images = torch.zeros(2, 3, 8, 8)
    assert train_vae.psnr(images + error, images) == pytest.approx(decibels, abs=1e-4)


def test_batches_are_pictures_between_minus_one_and_one() -> None:
    pictures = np.zeros((5, 4, 4, 3), dtype=np.uint8)
    pictures[..., 0] = 255
    batch = next(train_vae.batches(Rows(pictures, CPU), seed=1, size=3))
    assert batch.shape == (3, 3, 4, 4)
    assert (batch[:, 0] == 1).all() and (batch[:, 1:] == -1).all()


def test_batches_follow_from_their_seed() -> None:
    pictures = np.arange(200 * 48, dtype=np.uint8).reshape(200, 4, 4, 3)
    first, again, other = (next(train_vae.batches(Rows(pictures, CPU), seed, 4)) for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_training_the_decoder_leaves_the_encoder_alone() -> None:
    vae = train_vae.new_vae()
    vae.encoder.requires_grad_(False)
    vae.quant_conv.requires_grad_(False)
    loss, decoded = train_vae._step(vae, torch.zeros(1, 3, 128, 128), train_vae.face_weights(), True)
    torch.autograd.backward(loss)
    assert decoded.shape == (1, 3, 128, 128)
    assert all(parameter.grad is None for parameter in vae.encoder.parameters())
    assert vae.post_quant_conv.weight.grad is not None


def test_roughened_latents_differ_by_at_most_about_a_fifth() -> None:
    torch.manual_seed(0)
    latents = torch.randn(64, 8, 16, 16) * 3
    change = (train_vae._roughened(latents) - latents).std(dim=(1, 2, 3)) / latents.std()
    assert change.max() < 0.22
    assert change.min() < 0.05 < change.max()


def test_training_makes_everything_where_the_pictures_are() -> None:
    latents = train_vae._roughened(torch.zeros(2, 8, 16, 16, device="meta"))
    assert latents.device.type == "meta"
