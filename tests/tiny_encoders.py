"""Real image encoders with small random weights, in folders as the hub has them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

SIDE = 32
_VISION = {
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "image_size": SIDE,
    "patch_size": 8,
}


class TinyEncoders:
    """Folders `tiny-clip`, `-clip_vision_model`, `-vit` (pickled weights), `-dinov2`: made once.

    `write_tokenizer(folder)` writes CLIP's words and gives the vocabulary's size.
    """

    def __init__(self, root: Path, write_tokenizer: Callable[[Path], int]) -> None:
        self.root = root
        self.write_tokenizer = write_tokenizer

    def folder(self, kind: str) -> Path:
        """The folder of one encoder; what it sees differs from picture to picture."""
        folder = self.root / f"tiny-{kind}"
        if not folder.exists():
            folder.mkdir(parents=True)
            getattr(self, f"write_{kind}")(folder)
            write_picture_input(folder)
        return folder

    def write_clip(self, folder: Path) -> None:
        from transformers import CLIPConfig, CLIPModel

        vocabulary = self.write_tokenizer(folder)
        text = {
            "vocab_size": vocabulary,
            "hidden_size": 32,
            "intermediate_size": 64,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "max_position_embeddings": 77,
            "bos_token_id": vocabulary - 2,
            "eos_token_id": vocabulary - 1,
            "pad_token_id": vocabulary - 1,
        }
        made(
            CLIPModel, CLIPConfig(text_config=text, vision_config=_VISION, projection_dim=16)
        ).save_pretrained(folder)

    def write_clip_vision_model(self, folder: Path) -> None:
        from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection

        config = CLIPVisionConfig(**_VISION, projection_dim=16)
        made(CLIPVisionModelWithProjection, config).save_pretrained(folder)

    def write_dinov2(self, folder: Path) -> None:
        from transformers import Dinov2Config, Dinov2Model

        config = {key: value for key, value in _VISION.items() if key != "intermediate_size"}
        made(Dinov2Model, Dinov2Config(**config, mlp_ratio=2)).save_pretrained(folder)

    def write_vit(self, folder: Path) -> None:
        """Weights as torch pickles them, and without the pooler, like DINO's on the hub."""
        import torch
        from transformers import ViTConfig, ViTModel

        model = made(ViTModel, ViTConfig(**_VISION))
        model.config.architectures = ["ViTModel"]
        model.config.save_pretrained(folder)
        weights = {name: value for name, value in model.state_dict().items() if "pooler" not in name}
        torch.save(weights, folder / "pytorch_model.bin")


def write_picture_input(folder: Path) -> None:
    """How a picture becomes 32 x 32 numbers, as CLIP's file says it."""
    content = {
        "image_processor_type": "CLIPImageProcessor",
        "do_resize": True,
        "size": {"shortest_edge": SIDE},
        "do_center_crop": True,
        "crop_size": {"height": SIDE, "width": SIDE},
        "do_rescale": True,
        "do_normalize": True,
        "resample": 3,
        "image_mean": [0.48145466, 0.4578275, 0.40821073],
        "image_std": [0.26862954, 0.26130258, 0.27577711],
    }
    (folder / "preprocessor_config.json").write_text(json.dumps(content), encoding="utf-8")


def made(model_class: Any, config: Any) -> Any:
    """A model whose random weights are large enough for pictures to matter."""
    import torch

    torch.manual_seed(0)
    model = model_class(config)
    with torch.no_grad():
        for weight in model.parameters():
            if weight.ndim > 1:
                weight.normal_(std=0.3)
    return model.eval()
