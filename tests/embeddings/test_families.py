from __future__ import annotations

import pytest

from traintab.embeddings.families import model_family, spoken_widths


@pytest.mark.parametrize(
    ("widths", "family"),
    [
        ({"clip_l": 768}, "Stable Diffusion 1"),
        ({"clip_h": 1024}, "Stable Diffusion 2"),
        ({"clip_l": 768, "clip_g": 1280}, "SDXL"),
        ({"clip_g": 1280, "clip_l": 768}, "SDXL"),
        ({"clip_l": 128}, "128 (clip_l)"),
    ],
)
def test_a_model_is_told_by_its_widths(widths: dict[str, int], family: str) -> None:
    assert model_family(widths) == family


def test_widths_are_spoken_with_their_encoders() -> None:
    assert spoken_widths({"clip_l": 768, "clip_g": 1280}) == "768 (clip_l) and 1280 (clip_g)"
