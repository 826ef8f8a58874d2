"""The VAE that a checkpoint brings along, where another one stands in for it."""

from __future__ import annotations

import torch
from torch import nn

from .discovery import Checkpoint
from .families import recognise
from .memory_advice import memory_shortage_told
from .parts import load_folder_vae
from .single_file_tensors import open_tensors
from .single_file_vae import VAE_PREFIX, holds_vae, stored_vae

__all__ = ["load_own_vae"]

_ROOM_ADVICE = "choose None as SD VAE, so that no second one is needed, or a smaller model"


def load_own_vae(checkpoint: Checkpoint, device: torch.device) -> nn.Module | None:
    """The checkpoint's own VAE, float32, frozen, on `device`; None for a file without one.

    Files that were made smaller may lack it. Raises ModelError for a broken one, and MemoryShortageError.
    """
    with memory_shortage_told(f"Loading the VAE of {checkpoint.name} to {device}", device, _ROOM_ADVICE):
        vae = _read(checkpoint)
        return None if vae is None else vae.requires_grad_(False).eval().to(device)


def _read(checkpoint: Checkpoint) -> nn.Module | None:
    if checkpoint.kind != "file" or checkpoint.path is None:
        return load_folder_vae(checkpoint)
    with open_tensors(checkpoint.path) as stored:
        if not holds_vae(stored.shapes, VAE_PREFIX):
            return None
        return stored_vae(stored, VAE_PREFIX, recognise(stored.shapes, checkpoint.path))
