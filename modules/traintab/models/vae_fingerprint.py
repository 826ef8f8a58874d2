"""What tells one VAE's way of encoding from another's."""

from __future__ import annotations

import hashlib
import json

import torch
from torch import nn

from .diffusers_adapter import config_of

__all__ = ["vae_fingerprint"]

_ENCODING_PARTS = ("encoder.", "quant_conv.")
_ENCODING_SETTINGS = ("act_fn", "down_block_types", "norm_num_groups", "scaling_factor", "shift_factor")


def vae_fingerprint(vae: nn.Module) -> str:
    """16 hex digits that change with any weight that encoding uses, with its precision, and with the scale.

    The decoder doesn't count: VAEs whose decoder alone was trained further, as the well-known *ft-mse* was,
    give the same latents and share them.
    """
    digest = hashlib.sha256()
    for name, tensor in sorted(vae.state_dict().items()):
        if name.startswith(_ENCODING_PARTS):
            digest.update(json.dumps([name, str(tensor.dtype), list(tensor.shape)]).encode())
            data = tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8)
            digest.update(data.numpy())
    for setting in _ENCODING_SETTINGS:
        digest.update(repr((setting, config_of(vae, setting))).encode())
    return digest.hexdigest()[:16]
