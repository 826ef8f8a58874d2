from __future__ import annotations

from pathlib import Path

import pytest

from traintab.errors import ModelError
from traintab.models.families import Shapes, recognise, text_encoder_places

FILE = Path("some") / "sdxl-flux-lora.safetensors"
UNET = "model.diffusion_model."


def shapes(width: int, channels: int = 4, **others: tuple[int, ...]) -> Shapes:
    """The few tensors that tell a family; text encoders are those of the width."""
    found: dict[str, tuple[int, ...]] = {
        f"{UNET}input_blocks.0.0.weight": (320, channels, 3, 3),
        f"{UNET}input_blocks.1.1.transformer_blocks.0.attn1.to_k.weight": (320, 320),
        f"{UNET}input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight": (320, width),
    }
    for family, own in (("sd1", 768), ("sd2", 1024), ("sdxl", 2048)):
        if own == width:
            found |= {place.token_table: (49408, 768) for place in text_encoder_places(family)}  # type: ignore[arg-type]
    return {**found, **others}


@pytest.mark.parametrize(("width", "family"), [(768, "sd1"), (1024, "sd2"), (2048, "sdxl")])
@pytest.mark.parametrize("channels", [4, 9])
def test_the_shapes_tell_the_family_whatever_the_file_is_called(
    width: int, family: str, channels: int
) -> None:
    assert recognise(shapes(width, channels), FILE) == family


def test_the_refiner_is_named() -> None:
    with pytest.raises(ModelError, match="SDXL refiner, which only finishes pictures; choose the SDXL base"):
        recognise(shapes(1280), FILE)


@pytest.mark.parametrize(
    ("channels", "named"),
    [(5, "depth-to-image"), (7, "x4 upscaler"), (8, "InstructPix2Pix"), (6, "a UNet of 6 channels")],
)
def test_unets_for_other_tasks_are_named(channels: int, named: str) -> None:
    with pytest.raises(ModelError, match=f"sdxl-flux-lora.safetensors can't be loaded.*{named}"):
        recognise(shapes(1024, channels), FILE)


def test_an_unknown_width_is_told() -> None:
    with pytest.raises(ModelError, match="a UNet of 4 channels told by vectors of width 640"):
        recognise(shapes(640), FILE)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("lora_unet_mid_block.lora_up.weight", "it is a LoRA; put it into models/Lora"),
        ("decoder.conv_in.weight", "it is a VAE; put it into models/VAE"),
        ("emb_params", "it is an embedding; put it into the embeddings folder"),
        ("joint_blocks.0.x_block.mlp.fc1.weight", "it is Stable Diffusion 3"),
        ("something.weight", "it is of no kind this program knows"),
    ],
)
def test_another_kind_of_file_is_refused_by_its_name(name: str, kind: str) -> None:
    with pytest.raises(ModelError, match=kind):
        recognise({name: (4, 4)}, FILE)


def test_an_empty_file_is_refused() -> None:
    with pytest.raises(ModelError, match="of no kind this program knows"):
        recognise({}, FILE)


@pytest.mark.parametrize("width", [768, 1024, 2048])
def test_a_checkpoint_without_its_text_encoder_is_refused(width: int) -> None:
    known = {name: shape for name, shape in shapes(width).items() if name.startswith(UNET)}

    with pytest.raises(ModelError, match=r"but the text encoder at .* is missing"):
        recognise(known, FILE)


def test_a_unet_alone_is_named() -> None:
    with pytest.raises(ModelError, match="a UNet alone, without text encoder"):
        recognise({"diffusion_model.input_blocks.0.0.weight": (320, 4, 3, 3)}, FILE)


@pytest.mark.parametrize("shape", [(), (320,), (320, 4)])
def test_shapes_that_make_no_sense_are_refused_in_a_sentence(shape: tuple[int, ...]) -> None:
    broken = {**shapes(768), f"{UNET}input_blocks.0.0.weight": shape}

    if len(shape) == 2:
        assert recognise(broken, FILE) == "sd1"  # told when its parts are made
    else:
        with pytest.raises(ModelError, match="can't be loaded as a model"):
            recognise(broken, FILE)
