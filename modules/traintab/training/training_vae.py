"""Which VAE sees the training pictures: the checkpoint's own, unless the user chose otherwise."""

from __future__ import annotations

import dataclasses

from ..models.model import Model

__all__ = ["with_training_vae", "without_training_vae"]


def with_training_vae(model: Model, *, use_selected: bool) -> tuple[Model, str]:
    """The model with the VAE that is to encode the pictures, and a sentence where that needs one.

    The UNet learned from its checkpoint's own VAE: latents of another one, however good its pictures, are
    a little beside what it knows, and what is trained makes up for that too. So a VAE that is selected for
    drawing isn't used, and nobody has to rename its file, unless `use_selected`. Raises ModelError when the
    own one is broken, MemoryShortageError.
    """
    if model.load_own_vae is None:
        return model, ""
    if use_selected:
        return model, (
            f"The pictures are encoded by the selected VAE {model.vae_name}, which {model.name} wasn't"
            " trained with: the embedding will suit it alone. Usually Train with the selected VAE is off."
        )
    own = model.load_own_vae()
    if own is None:
        return model, f"{model.name} has no VAE of its own, so the pictures are encoded by {model.vae_name}."
    told = f"The pictures are encoded by the VAE of {model.name}; {model.vae_name} is for drawing alone."
    return dataclasses.replace(model, vae=own, vae_name="", load_own_vae=None), told


def without_training_vae(model: Model, encoding: Model) -> Model:
    """The model for the steps that follow, when `encoding` has seen all pictures.

    That is `model`, and a VAE of the encoding's own is given up; an inpainting UNet is told of a grey
    picture by the same VAE, which then waits in main memory.
    """
    if encoding is model or not model.is_inpainting:
        return model
    encoding.vae.to("cpu")
    return encoding
