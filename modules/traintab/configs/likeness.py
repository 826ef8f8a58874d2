"""By what the pictures of the checkpoint grid are judged."""

from __future__ import annotations

from dataclasses import dataclass

from .option import option

__all__ = ["LikenessConfig"]


@dataclass(frozen=True, kw_only=True)
class LikenessConfig:
    """The judge of the checkpoint grid."""

    likeness_model: str = option(
        "",
        "Likeness model",
        "Compares drawn with training pictures: the folder or Hugging Face id of a CLIP or DINO encoder, like"
        " openai/clip-vit-base-patch32 or facebook/dinov2-base (0.3 to 0.6 GB, fetched once). Empty: the"
        " Stable Diffusion model's VAE, which sees colours and composition but no faces.",
        elem_id="ti_grid_likeness_model",
    )
