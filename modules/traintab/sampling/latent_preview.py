"""A picture of latents while they are drawn, so cheap that drawing isn't slowed down."""

from __future__ import annotations

import math

import torch
from PIL import Image

from ..models.model import Model
from .batches import to_image

__all__ = ["preview_image"]

# From latents to red, green and blue in -1…1: the linear map that comes nearest to what the VAE does.
# SD1 and SD2 (one VAE): found by keturn, https://discuss.huggingface.co/t/23204.
_SD = ((0.298, 0.207, 0.208), (0.187, 0.286, 0.173), (-0.158, 0.189, 0.264), (-0.184, -0.271, -0.473))
_SD_OFFSET = (0.0, 0.0, 0.0)
# SDXL: found by T. A. Vass, https://huggingface.co/blog/TimothyAlexisVass/explaining-the-sdxl-latent-space.
_SDXL = ((0.471, 0.471, 0.471), (-0.471, -0.039, 0.078), (0.196, 0.118, -0.039), (-0.549, -0.392, -0.275))
_SDXL_OFFSET = (0.176, 0.098, 0.02)

_PIXELS_A_CELL = 4
_CHEAP_VAE = 10_000_000  # weights; Stable Diffusion's has 84 million


def preview_image(latents: torch.Tensor, model: Model) -> Image.Image:
    """What latents `[b, c, h, w]` in the UNet's scale show, side by side in rows when there are several.

    Colours are rough and edges soft, at half the pictures' size; a small VAE like the demo model's
    decodes them as they are. Numbers that overflow become grey.
    """
    tiles = [_tile(torch.nan_to_num(single.unsqueeze(0)), model) for single in latents.detach()]
    columns = math.ceil(math.sqrt(len(tiles)))
    width, height = tiles[0].size
    sheet = Image.new("RGB", (columns * width, math.ceil(len(tiles) / columns) * height))
    for index, tile in enumerate(tiles):
        sheet.paste(tile, (index % columns * width, index // columns * height))
    return sheet


def _tile(latents: torch.Tensor, model: Model) -> Image.Image:
    """One picture of latents `[1, c, h, w]`."""
    if not _has_known_colours(model):
        return to_image(model.decode_latents(latents))
    matrix, offset = (_SDXL, _SDXL_OFFSET) if model.family == "sdxl" else (_SD, _SD_OFFSET)
    values = torch.einsum("bchw,ck->bkhw", latents.float().cpu(), torch.tensor(matrix))
    small = to_image((values + torch.tensor(offset)[:, None, None]).clamp(-1, 1))
    size = (small.width * _PIXELS_A_CELL, small.height * _PIXELS_A_CELL)
    return small.resize(size, Image.Resampling.BICUBIC)


def _has_known_colours(model: Model) -> bool:
    """Whether the VAE is Stable Diffusion's; what is as small as the demo model's is none of these."""
    size = sum(weights.numel() for weights in model.vae.parameters())
    return model.latent_channels == len(_SD) and size > _CHEAP_VAE
