"""Loads the package by its place, as `extension.py` and the web UI's tab do."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings


def load_traintab(root: Path) -> None:
    """Load `modules/traintab` by its place, because hosts own a package that is called `modules`."""
    folder = root / "modules" / "traintab"
    spec = importlib.util.spec_from_file_location(
        "traintab", folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    if "traintab" in sys.modules or spec is None or spec.loader is None:
        return
    sys.modules["traintab"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sys.modules["traintab"])


TESTS = Path(__file__).resolve().parent
load_traintab(TESTS.parent)

# A machine that others share may stop for a second anywhere: no test is failed by its seconds.
settings.register_profile("shared machine", deadline=None)
settings.load_profile("shared machine")


def pytest_configure() -> None:
    """One thread: a random model of a few thousand weights gains nothing from two."""
    import torch

    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def tiny_model_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real diffusers folder of a Stable Diffusion pipeline with small random weights.

    64 px pictures, VAE with 4 latent channels and a factor of 8, one text encoder of width 32,
    epsilon prediction; its tokenizer has a token for every byte and a few English words.
    """
    import torch
    from diffusers import AutoencoderKL, DDPMScheduler, StableDiffusionPipeline, UNet2DConditionModel
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

    folder = tmp_path_factory.mktemp("tiny") / "tiny-model"
    tokenizer_dir = folder / "tokenizer"
    vocabulary = write_tiny_tokenizer(tokenizer_dir)
    torch.manual_seed(0)
    unet = UNet2DConditionModel(
        sample_size=8,
        block_out_channels=(16, 32),
        down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"),
        layers_per_block=1,
        norm_num_groups=8,
        attention_head_dim=8,
        cross_attention_dim=32,
    )
    vae = AutoencoderKL(
        block_out_channels=(8, 8, 16, 16),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        layers_per_block=1,
        norm_num_groups=4,
        latent_channels=4,
        sample_size=64,
    )
    text_encoder = CLIPTextModel(
        CLIPTextConfig(
            vocab_size=vocabulary,
            hidden_size=32,
            intermediate_size=64,
            num_hidden_layers=2,
            num_attention_heads=4,
            max_position_embeddings=77,
            projection_dim=32,
            bos_token_id=vocabulary - 2,
            eos_token_id=vocabulary - 1,
            pad_token_id=vocabulary - 1,
        )
    )
    noise_scheduler = DDPMScheduler(
        beta_schedule="scaled_linear",
        beta_start=0.00085,
        beta_end=0.012,
        clip_sample=False,
        steps_offset=1,
    )
    StableDiffusionPipeline(
        vae=vae,
        text_encoder=text_encoder,
        tokenizer=CLIPTokenizer.from_pretrained(tokenizer_dir),
        unet=unet,
        scheduler=noise_scheduler,
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    ).save_pretrained(folder)
    write_tiny_tokenizer(tokenizer_dir)
    return folder


@pytest.fixture(scope="session")
def tiny_model(tiny_model_dir: Path) -> Any:
    """The loaded model of `tiny_model_dir`."""
    from traintab.models.loading import load_model
    from traintab.paths import Paths

    return load_model(str(tiny_model_dir), Paths.under(tiny_model_dir.parent), device="cpu")


@pytest.fixture(scope="session")
def tiny_families(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Folders and models of every family: `tiny_families.folder("sdxl")`, `tiny_families.model("sd2")`."""
    root = tmp_path_factory.mktemp("families")
    return load_beside("tiny_families").TinyFamilies(root, write_tiny_tokenizer)


@pytest.fixture(scope="session")
def original_layout() -> Any:
    """The module `tests/original_layout.py`, which writes a diffusers folder as a single file."""
    return load_beside("original_layout")


@pytest.fixture(scope="session")
def tiny_captioners(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Folders of small image-to-text models: `tiny_captioners.folder("blip")`."""
    return load_beside("tiny_captioners").TinyCaptioners(tmp_path_factory.mktemp("captioners"))


@pytest.fixture(scope="session")
def made_run() -> Any:
    """`make_run` of made_runs.py: the folder of a run as a training leaves it."""
    return load_beside("made_runs").make_run


@pytest.fixture(scope="session")
def tiny_encoders(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Folders of small image encoders: `tiny_encoders.folder("clip")`."""
    root = tmp_path_factory.mktemp("encoders")
    return load_beside("tiny_encoders").TinyEncoders(root, write_tiny_tokenizer)


@pytest.fixture(scope="session")
def tiny_onnx() -> Any:
    """The module `tests/tiny_onnx.py`, which writes ONNX models whose answers are known by hand."""
    return load_beside("tiny_onnx")


@pytest.fixture(scope="session")
def small_hub() -> Any:
    """The module `tests/small_hub.py`, a server that stands for the Hugging Face Hub."""
    return load_beside("small_hub")


def load_beside(name: str) -> Any:
    """The module `name` in the tests' folder, which is no package."""
    spec = importlib.util.spec_from_file_location(name, TESTS / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def write_tiny_tokenizer(folder: Path, pad_token: str = "<|endoftext|>") -> int:
    """CLIP's byte alphabet, its word-end twins and merges for a few words; gives the vocabulary's size."""
    return int(load_beside("tiny_tokenizer").write_tiny_tokenizer(folder, pad_token))
