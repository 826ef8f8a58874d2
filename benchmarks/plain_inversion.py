"""Plain textual inversion, as diffusers' example does it: what `time_to_likeness.py` compares with.

Nothing of the project is imported. The VAE encodes each picture each time it is shown, every prompt is
tokenized anew, the gradient is as large as the whole token table, and after each step every other row of the
table is put back. The last line printed is JSON: for each step asked for the CPU seconds of this process
until then, its imports among them, and the vector.

    python plain_inversion.py MODEL_FOLDER PICTURES --word girl --kind object --at 1000 3000
"""

from __future__ import annotations

import argparse
import json
import random
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers import AutoencoderKL, DDPMScheduler, UNet2DConditionModel
from PIL import Image
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset
from transformers import CLIPTextModel, CLIPTokenizer

LEARNING_RATE, BATCH_SIZE, REPEATS = 5e-4, 1, 100
PLACEHOLDER = "<concept>"
TEMPLATES = {
    "object": (
        "a photo of a {}",
        "a rendering of a {}",
        "a cropped photo of the {}",
        "the photo of a {}",
        "a photo of my {}",
        "a close-up photo of a {}",
        "a bright photo of the {}",
        "a photo of one {}",
        "a good photo of the {}",
        "a photo of the small {}",
    ),
    "style": (
        "a painting in the style of {}",
        "a rendering in the style of {}",
        "a cropped painting in the style of {}",
        "the painting in the style of {}",
        "a picture in the style of {}",
        "a close-up painting in the style of {}",
        "a good painting in the style of {}",
        "a small painting in the style of {}",
    ),
}


class Pictures(Dataset[dict[str, torch.Tensor]]):
    """The folder's pictures over and over, each opened, resized, perhaps mirrored, and given a prompt."""

    def __init__(self, folder: Path, size: int, tokenizer: Any, kind: str) -> None:
        self._paths = sorted(path for path in folder.iterdir() if path.suffix in (".png", ".jpg", ".webp"))
        self._size = size
        self._tokenizer = tokenizer
        self._templates = TEMPLATES[kind]

    def __len__(self) -> int:
        return len(self._paths) * REPEATS

    def __getitem__(self, index: int) -> dict[str, torch.Tensor]:
        image = Image.open(self._paths[index % len(self._paths)]).convert("RGB")
        image = image.resize((self._size, self._size), Image.Resampling.BICUBIC)
        if random.random() < 0.5:
            image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        pixels = torch.from_numpy(np.asarray(image).astype(np.float32) / 127.5 - 1).permute(2, 0, 1)
        prompt = random.choice(self._templates).format(PLACEHOLDER)
        tokenized = self._tokenizer(
            prompt, padding="max_length", max_length=77, truncation=True, return_tensors="pt"
        )
        return {"pixels": pixels, "input_ids": tokenized.input_ids[0]}


class Inversion:
    """The model's parts, all frozen but the token table, and the optimizer over that whole table."""

    def __init__(self, model: Path, word: str) -> None:
        self.tokenizer = CLIPTokenizer.from_pretrained(model / "tokenizer")
        self.text_encoder = CLIPTextModel.from_pretrained(model / "text_encoder", torch_dtype=torch.float32)
        self.vae = AutoencoderKL.from_pretrained(model / "vae", torch_dtype=torch.float32)
        self.unet = UNet2DConditionModel.from_pretrained(model / "unet", torch_dtype=torch.float32)
        self.noise_scheduler = DDPMScheduler.from_pretrained(model / "scheduler")
        (first,) = self.tokenizer.encode(word, add_special_tokens=False)
        self.tokenizer.add_tokens([PLACEHOLDER])
        self.token = self.tokenizer.convert_tokens_to_ids(PLACEHOLDER)
        self.text_encoder.resize_token_embeddings(len(self.tokenizer))
        for module in (self.text_encoder, self.vae, self.unet):
            module.requires_grad_(False)
        self.table = self.text_encoder.get_input_embeddings().weight.requires_grad_(True)
        with torch.no_grad():
            self.table[self.token] = self.table[first]
        self.optimizer = torch.optim.AdamW(
            [self.table], lr=LEARNING_RATE, betas=(0.9, 0.999), weight_decay=1e-2, eps=1e-8
        )
        self._others = torch.arange(len(self.table)) != self.token
        self._original = self.table.detach().clone()

    def step(self, pixels: torch.Tensor, input_ids: torch.Tensor) -> None:
        """Learn from a batch: pixels `[b, 3, size, size]` in -1 to 1, token ids `[b, 77]`."""
        loss = self.loss(pixels, input_ids)
        loss.backward()
        self.optimizer.step()
        self.optimizer.zero_grad()
        with torch.no_grad():
            self.table[self._others] = self._original[self._others]
        loss.item()

    def loss(self, pixels: torch.Tensor, input_ids: torch.Tensor) -> torch.Tensor:
        """The mean squared error `[]` of what the UNet predicts."""
        latents = self.vae.encode(pixels).latent_dist.sample().detach() * self.vae.config.scaling_factor
        noise = torch.randn_like(latents)
        timesteps = torch.randint(self.noise_scheduler.config.num_train_timesteps, (len(latents),))
        noisy = self.noise_scheduler.add_noise(latents, noise, timesteps)
        states = self.text_encoder(input_ids)[0]
        predicted = self.unet(noisy, timesteps, states).sample
        wants_noise = self.noise_scheduler.config.prediction_type == "epsilon"
        target = noise if wants_noise else self.noise_scheduler.get_velocity(latents, noise, timesteps)
        return functional.mse_loss(predicted.float(), target.float())


def main() -> None:
    """Train to the last of the steps asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("pictures", type=Path)
    parser.add_argument("--word", required=True, help="the word to start from, one token")
    parser.add_argument("--kind", choices=sorted(TEMPLATES), required=True)
    parser.add_argument("--at", type=int, nargs="+", required=True, help="the steps to tell of")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(options.seed)
    random.seed(options.seed)
    inversion = Inversion(options.model, options.word)
    size = inversion.vae.config.sample_size
    pictures = Pictures(options.pictures, size, inversion.tokenizer, options.kind)
    loader = DataLoader(pictures, batch_size=BATCH_SIZE, shuffle=True)
    told, step = [], 0
    while step < max(options.at):
        for batch in loader:
            inversion.step(batch["pixels"], batch["input_ids"])
            step += 1
            if step in options.at:
                vector = inversion.table[inversion.token].tolist()
                told.append({"step": step, "seconds": time.process_time(), "vectors": [vector]})
            if step == max(options.at):
                break
    print(json.dumps({"told": told}))


if __name__ == "__main__":
    main()
