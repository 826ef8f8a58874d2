"""The work that no trainer of vectors can leave out, written out; imports nothing of ours.

A step of textual inversion: the text encoder forward for each distinct prompt, with the vectors in their
places; the UNet forward; backward through the UNet down to what its cross attentions were told, and through
the text encoder down to the vectors; the loss; AdamW on a few kilobytes. Nothing is prepared anew: latents,
token ids and places are tensors on the device, and noise is drawn there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn
from torch.nn import functional


@dataclass(kw_only=True)
class Encoder:
    """A text encoder `module` with the prompts' `input_ids` `[prompts, 77]` and the trained `vectors`
    `[n, width]`, row i of which stands at `places[prompt][i]`.

    `skipped` layers at the end are left out (1 in SDXL, whose states have no final norm); `eos_id` is where
    an encoder with a projection reads the prompt as a whole.
    """

    module: nn.Module
    input_ids: torch.Tensor
    places: torch.Tensor
    vectors: nn.Parameter
    skipped: int = 0
    eos_id: int = 0

    def states(self, prompts: Sequence[int]) -> tuple[torch.Tensor, torch.Tensor | None]:
        """`[len(prompts), 77, width]`, and `[len(prompts), projection]` or None."""
        ids = torch.stack([self.input_ids[prompt] for prompt in prompts])
        with self._vectors_in(prompts):
            if not self.skipped:
                return self.module(input_ids=ids).last_hidden_state, None
            output = self.module(input_ids=ids, output_hidden_states=True)
        projection = getattr(self.module, "text_projection", None)
        pooled = None
        if projection is not None:
            ends = (ids == self.eos_id).int().argmax(dim=-1)
            pooled = projection(output.last_hidden_state[torch.arange(len(ids), device=ids.device), ends])
        return output.hidden_states[-1 - self.skipped], pooled

    @contextmanager
    def _vectors_in(self, prompts: Sequence[int]) -> Iterator[None]:
        def put(_module: nn.Module, _inputs: Any, output: torch.Tensor) -> torch.Tensor:
            rows = self.vectors.to(output.dtype).repeat(len(prompts), 1)
            length = output.shape[1]
            places = torch.cat([self.places[prompt] + row * length for row, prompt in enumerate(prompts)])
            return output.flatten(0, 1).index_copy(0, places, rows).view_as(output)

        handle = self.module.get_input_embeddings().register_forward_hook(put)
        try:
            yield
        finally:
            handle.remove()


@dataclass(kw_only=True)
class Floor:
    """A training: latents `[pictures, c, h, w]` float32, picture i shown with the
    prompt `prompt_of[i]`; `time_ids` `[1, 6]` for SDXL.
    """

    encoders: Sequence[Encoder]
    unet: nn.Module
    dtype: torch.dtype
    alphas_cumprod: torch.Tensor
    latents: torch.Tensor
    prompt_of: Sequence[int]
    predicts_v: bool = False
    time_ids: torch.Tensor | None = None
    learning_rate: float = 0.005
    optimizer: torch.optim.Optimizer = field(init=False)

    def __post_init__(self) -> None:
        vectors = [encoder.vectors for encoder in self.encoders]
        self.optimizer = torch.optim.AdamW(vectors, lr=self.learning_rate, weight_decay=0.0)

    def loss(self, pictures: Sequence[int], noise: torch.Tensor, timesteps: torch.Tensor) -> torch.Tensor:
        """The mean squared error `[]` for `noise` `[b, c, h, w]` and `timesteps` `[b]`."""
        alphas = self.alphas_cumprod[timesteps].view(-1, 1, 1, 1)
        latents = torch.stack([self.latents[picture] for picture in pictures])
        noisy = alphas.sqrt() * latents + (1 - alphas).sqrt() * noise
        embeds, added = self._told(pictures)
        predicted = self.unet(
            noisy.to(self.dtype), timesteps, embeds, added_cond_kwargs=added, return_dict=False
        )[0]
        if self.predicts_v:
            return functional.mse_loss(
                predicted.float(), alphas.sqrt() * noise - (1 - alphas).sqrt() * latents
            )
        return functional.mse_loss(predicted.float(), noise)

    def _told(self, pictures: Sequence[int]) -> tuple[torch.Tensor, dict[str, torch.Tensor] | None]:
        """What the UNet is told for each picture; every distinct prompt is encoded once."""
        wanted = [self.prompt_of[picture] for picture in pictures]
        distinct = list(dict.fromkeys(wanted))
        rows = [distinct.index(prompt) for prompt in wanted]
        states, pooled = zip(*(encoder.states(distinct) for encoder in self.encoders), strict=True)
        embeds = states[0] if len(states) == 1 else torch.cat(states, dim=-1)
        embeds = _repeated(embeds, rows).to(self.dtype)
        if self.time_ids is None:
            return embeds, None
        text_embeds = _repeated(pooled[-1], rows).to(self.dtype)
        return embeds, {"text_embeds": text_embeds, "time_ids": self.time_ids.expand(len(rows), -1)}

    def step(self, pictures: Sequence[int]) -> torch.Tensor:
        """One update with new noise; gives the loss `[]`, left on the device."""
        device = self.latents.device
        noise = torch.randn((len(pictures), *self.latents.shape[1:]), device=device)
        timesteps = torch.randint(len(self.alphas_cumprod), (len(pictures),), device=device)
        self.optimizer.zero_grad()
        loss = self.loss(pictures, noise, timesteps)
        loss.backward()
        self.optimizer.step()
        return loss.detach()


def _repeated(embeds: torch.Tensor, rows: Sequence[int]) -> torch.Tensor:
    if len(rows) == embeds.shape[0]:
        return embeds
    return torch.stack([embeds[row] for row in rows])
