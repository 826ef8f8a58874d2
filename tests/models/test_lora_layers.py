from __future__ import annotations

import pytest
import torch

from traintab.models.lora_layers import weight_change


def numbers(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def changed(pieces: dict[str, torch.Tensor]) -> torch.Tensor:
    change = weight_change(pieces)
    assert change is not None
    return change


def test_a_lora_adds_up_times_down_by_alpha_and_rank() -> None:
    down, up = numbers(4, 6), numbers(8, 4, seed=1)

    assert torch.allclose(changed({"down": down, "up": up}), up @ down)
    assert torch.allclose(changed({"down": down, "up": up, "alpha": torch.tensor(2.0)}), up @ down / 2)


def test_a_convolution_s_change_does_what_two_convolutions_do() -> None:
    down, up = numbers(4, 6, 3, 3), numbers(8, 4, 1, 1, seed=1)
    picture = numbers(1, 6, 5, 5, seed=2)

    change = changed({"down": down, "up": up})

    expected = torch.conv2d(torch.conv2d(picture, down, padding=1), up)
    assert torch.allclose(torch.conv2d(picture, change, padding=1), expected, atol=1e-4)


def test_a_convolution_between_two_of_one_pixel_does_what_the_three_do() -> None:
    down, mid, up = numbers(4, 6, 1, 1), numbers(4, 4, 3, 3, seed=1), numbers(8, 4, 1, 1, seed=2)
    picture = numbers(1, 6, 5, 5, seed=3)

    change = changed({"down": down, "mid": mid, "up": up})

    expected = torch.conv2d(torch.conv2d(torch.conv2d(picture, down), mid, padding=1), up)
    assert torch.allclose(torch.conv2d(picture, change, padding=1), expected, atol=1e-4)


def test_a_loha_is_the_product_of_two_products() -> None:
    first_a, first_b, second_a, second_b = (
        numbers(8, 2),
        numbers(2, 6, seed=1),
        numbers(8, 2, seed=2),
        numbers(2, 6, seed=3),
    )
    pieces = {"hada_w1_a": first_a, "hada_w1_b": first_b, "hada_w2_a": second_a, "hada_w2_b": second_b}

    assert torch.allclose(changed(pieces), (first_a @ first_b) * (second_a @ second_b))
    assert torch.allclose(changed({**pieces, "alpha": torch.tensor(1.0)}), changed(pieces) / 2)


def test_a_lokr_is_a_kronecker_product() -> None:
    first, second_a, second_b = numbers(2, 3), numbers(4, 2, seed=1), numbers(2, 2, seed=2)

    whole = changed({"lokr_w1": first, "lokr_w2": second_a @ second_b, "alpha": torch.tensor(1.0)})
    divided = changed(
        {"lokr_w1": first, "lokr_w2_a": second_a, "lokr_w2_b": second_b, "alpha": torch.tensor(1.0)}
    )

    assert torch.allclose(whole, torch.kron(first, second_a @ second_b))
    assert torch.allclose(divided, whole / 2)  # only factors have a rank for alpha to be divided by


def test_a_lokr_of_a_convolution_has_its_size() -> None:
    first, second = numbers(2, 3), numbers(4, 2, 3, 3, seed=1)

    change = changed({"lokr_w1": first, "lokr_w2": second})

    assert change.shape == (8, 6, 3, 3)
    assert torch.allclose(change[4:, 2:4], first[1, 1] * second)


def test_a_whole_change_is_taken_as_it_is() -> None:
    diff = numbers(8, 6)

    assert torch.equal(changed({"diff": diff}), diff)


@pytest.mark.parametrize("pieces", [["down"], ["up", "alpha"], ["hada_w1_a"], ["lokr_w1"], ["lokr_w1_a"], []])
def test_without_all_its_factors_there_is_no_change(pieces: list[str]) -> None:
    assert weight_change({piece: numbers(2, 2) for piece in pieces}) is None


def test_factors_that_do_not_fit_each_other_are_an_error_before_anything_is_computed() -> None:
    with pytest.raises(RuntimeError):
        weight_change({"down": torch.empty(4, 6, device="meta"), "up": torch.empty(8, 5, device="meta")})
