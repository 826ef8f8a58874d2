"""Models of every family with small random weights, in diffusers folders."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any


class TinyFamilies:
    """Diffusers folders with the real widths of a family and small random weights, each made once.

    `sd1` predicts epsilon, `sd2` predicts v, `sdxl` has both text encoders, `sd1-inpainting` and
    `sdxl-inpainting` take 9 channels. 64 px pictures; `write_tokenizer(folder, pad_token)` writes the words
    and gives how many there are. Groups and heads are those that single files take for granted: 32 groups,
    8 heads (SD1) or one for 64 channels.
    """

    ENCODERS = {  # noqa: RUF012
        "sd1": (("CLIPTextModel", 768, "quick_gelu", "<|endoftext|>"),),
        "sd2": (("CLIPTextModel", 1024, "gelu", "!"),),
        "sdxl": (
            ("CLIPTextModel", 768, "quick_gelu", "<|endoftext|>"),
            ("CLIPTextModelWithProjection", 1280, "gelu", "!"),
        ),
    }

    def __init__(self, root: Path, write_tokenizer: Callable[[Path, str], int]) -> None:
        self.root = root
        self.write_tokenizer = write_tokenizer
        self._models: dict[str, Any] = {}

    def folder(self, name: str) -> Path:
        """The folder `tiny-<name>`; name is a family, with `-inpainting` behind it for such a UNet."""
        folder = self.root / f"tiny-{name}"
        if not folder.exists():
            self.write(folder, name.removesuffix("-inpainting"), name.endswith("-inpainting"))
        return folder

    def model(self, name: str) -> Any:
        """The folder's model on the CPU, loaded once."""
        from traintab.models.loading import load_model
        from traintab.paths import Paths

        if name not in self._models:
            paths = Paths.under(self.root)
            self._models[name] = load_model(str(self.folder(name)), paths, device="cpu")
        return self._models[name]

    def write(self, folder: Path, family: str, is_inpainting: bool = False) -> None:
        """A new folder with the same weights every time."""
        import torch

        torch.manual_seed(0)
        index: dict[str, Any] = {"_diffusers_version": "0.31.0"}
        for number, encoder in enumerate(self.ENCODERS[family]):
            suffix = f"_{number + 1}" if number else ""
            self.write_text_encoder(folder, suffix, encoder)
            index[f"tokenizer{suffix}"] = ["transformers", "CLIPTokenizer"]
            index[f"text_encoder{suffix}"] = ["transformers", encoder[0]]
        self.write_unet(folder / "unet", family, 9 if is_inpainting else 4)
        self.write_vae(folder / "vae", 0.13025 if family == "sdxl" else 0.18215)
        self.write_scheduler(folder / "scheduler", "v_prediction" if family == "sd2" else "epsilon")
        kind = "StableDiffusionXL" if family == "sdxl" else "StableDiffusion"
        index["_class_name"] = f"{kind}{'Inpaint' if is_inpainting else ''}Pipeline"
        index["unet"] = ["diffusers", "UNet2DConditionModel"]
        index["vae"] = ["diffusers", "AutoencoderKL"]
        index["scheduler"] = ["diffusers", "DDPMScheduler"]
        if family == "sdxl":
            index |= {"force_zeros_for_empty_prompt": False, "image_encoder": [None, None]}
        else:
            index |= {"safety_checker": [None, None], "requires_safety_checker": False}
        index["feature_extractor"] = [None, None]
        (folder / "model_index.json").write_text(json.dumps(index), encoding="utf-8")

    def write_text_encoder(self, folder: Path, suffix: str, encoder: tuple[str, int, str, str]) -> None:
        """A tokenizer and a text encoder of two layers; OpenCLIP's pad with `!`, which is token 0."""
        import transformers

        class_name, width, activation, pad_token = encoder
        vocabulary = self.write_tokenizer(folder / f"tokenizer{suffix}", pad_token)
        config = transformers.CLIPTextConfig(
            vocab_size=vocabulary,
            hidden_size=width,
            intermediate_size=64,
            num_hidden_layers=2,
            num_attention_heads=width // 64,
            hidden_act=activation,
            projection_dim=width,
            bos_token_id=vocabulary - 2,
            eos_token_id=vocabulary - 1,
            pad_token_id=0 if pad_token == "!" else vocabulary - 1,
        )
        getattr(transformers, class_name)(config).save_pretrained(folder / f"text_encoder{suffix}")

    def write_unet(self, folder: Path, family: str, in_channels: int) -> None:
        """Two levels of few channels with the family's cross attention."""
        from diffusers import UNet2DConditionModel

        added: dict[str, Any] = {}
        if family == "sdxl":
            added = {
                "addition_embed_type": "text_time",
                "addition_time_embed_dim": 256,
                "projection_class_embeddings_input_dim": 6 * 256 + 1280,
                "transformer_layers_per_block": (1, 2),
            }
        UNet2DConditionModel(
            sample_size=8,
            in_channels=in_channels,
            block_out_channels=(32, 64),
            down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
            up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
            layers_per_block=1,
            attention_head_dim=8 if family == "sd1" else (1, 1),
            cross_attention_dim=sum(encoder[1] for encoder in self.ENCODERS[family]),
            use_linear_projection=family != "sd1",
            **added,
        ).save_pretrained(folder)

    def write_vae(self, folder: Path, scaling_factor: float) -> None:
        """A VAE with 4 latent channels and a factor of 8."""
        from diffusers import AutoencoderKL

        AutoencoderKL(
            block_out_channels=(32, 32, 32, 32),
            down_block_types=("DownEncoderBlock2D",) * 4,
            up_block_types=("UpDecoderBlock2D",) * 4,
            layers_per_block=1,
            latent_channels=4,
            sample_size=64,
            scaling_factor=scaling_factor,
        ).save_pretrained(folder)

    def write_scheduler(self, folder: Path, prediction_type: str) -> None:
        """Stable Diffusion's noise levels."""
        from diffusers import DDPMScheduler

        DDPMScheduler(
            beta_schedule="scaled_linear",
            beta_start=0.00085,
            beta_end=0.012,
            clip_sample=False,
            steps_offset=1,
            prediction_type=prediction_type,
        ).save_pretrained(folder)
