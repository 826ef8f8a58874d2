"""Pictures become latents: as fast as the VAE alone, and the second time without it.

    .venv/bin/python benchmarks/latent_cache.py [--shape demo|sd1] [--size 256] [--pictures 8] [--device cuda]

Our way opens the files, fits them, encodes them and keeps their latents on the disk; the VAE alone is called
with pixels that are in memory already, in batches. Both work in turns, each round with an empty cache.
`sd1` is the VAE of Stable Diffusion with random weights, and pictures of one and a half times the size;
`demo` the built-in model's, with the pictures of its examples.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import torch
from diffusers import AutoencoderKL, DDPMScheduler
from measuring import clock_of, compared, in_turns, versions
from PIL import Image
from torch import nn

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "modules"))

from traintab.datasets.latent_encoding import encode_latents  # noqa: E402
from traintab.datasets.latents import CachedLatents, LatentSettings  # noqa: E402
from traintab.datasets.report import scan  # noqa: E402
from traintab.models.model import Model  # noqa: E402
from traintab.prompts.captions import CaptionRules  # noqa: E402

PACKAGE = ROOT / "modules" / "traintab"
SIZES = {"demo": 128, "sd1": 256}


def main() -> None:
    """Measure, and print one JSON object a shape."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--shape", choices=SIZES, action="append")
    parser.add_argument("--size", type=int, help="pixels a side; demo 128 and sd1 256 when left out")
    parser.add_argument("--pictures", type=int, default=8)
    parser.add_argument("--batch-size", type=int, default=4, help="of the VAE called directly")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--device", default="cpu")
    options = parser.parse_args()
    torch.set_num_threads(1)
    print(versions())
    for shape in options.shape or SIZES:
        model = model_of(shape, torch.device(options.device))
        with tempfile.TemporaryDirectory() as folder:
            print(json.dumps({"shape": shape, **measured(model, options, SIZES[shape], Path(folder))}))


def measured(model: Model, options: argparse.Namespace, own_size: int, folder: Path) -> dict[str, object]:
    """Pictures a second ÷ those of the VAE alone, with what it was made of."""
    size = options.size or own_size
    write_pictures(folder / "pictures", model.name, options.pictures, size * 3 // 2)
    images = scan(folder / "pictures", CaptionRules()).images
    settings = LatentSettings(width=size, height=size, method="random")
    clock, caches = clock_of(model.device), iter(range(10**6))

    def ours(cache: Path | None = None) -> CachedLatents:
        encoding = encode_latents(
            images, model, settings, cache_dir=cache or folder / f"cache-{next(caches)}"
        )
        while True:
            try:
                next(encoding)
            except StopIteration as stop:
                latents: CachedLatents = stop.value
                return latents

    direct = directly(model, torch.rand(len(images), 3, size, size) * 2 - 1, options.batch_size)
    direct(), ours(folder / "kept")  # warm, and for the second time
    (alone, own), (again,) = (
        in_turns([direct, ours], options.rounds, clock),
        in_turns([lambda: ours(folder / "kept")], options.rounds, clock),
    )
    found = compared(alone, own)
    return {
        "size": size,
        "pictures": len(images),
        "pictures_a_second": len(images) / found["our_seconds"],
        "ours_to_the_vae_alone": 1 / found["ratio"],
        "quartiles": [1 / found["ratio_high"], 1 / found["ratio_low"]],
        "second_time_seconds": min(again),
    }


def directly(model: Model, pixels: torch.Tensor, batch_size: int) -> Callable[[], None]:
    """The VAE alone, in batches."""

    def work() -> None:
        with torch.no_grad():
            for batch in pixels.split(batch_size):
                posterior = model.vae.encode(batch.to(model.device)).latent_dist  # type: ignore[operator]
                posterior.mean.cpu(), posterior.std.cpu()

    return work


def model_of(shape: str, device: torch.device) -> Model:
    """A model that has nothing but its VAE."""
    if shape == "demo":
        vae = AutoencoderKL.from_pretrained(PACKAGE / "demo" / "model" / "vae")
    else:
        torch.manual_seed(0)
        config = AutoencoderKL.load_config(PACKAGE / "models" / "configs" / "sd1" / "vae")
        vae = AutoencoderKL.from_config(config)
    return Model(
        name=shape,
        checkpoint_hash="",
        text_encoders=(),
        vae=vae.float().to(device).eval().requires_grad_(False),
        unet=nn.Identity(),
        noise_scheduler=DDPMScheduler(),
        device=device,
        dtype=torch.float32,
        default_size=SIZES[shape],
        default_guidance_scale=7.0,
    )


def write_pictures(folder: Path, shape: str, count: int, side: int) -> None:
    """PNG files: the examples', or soft coloured ones of this side in pixels."""
    folder.mkdir()
    if shape == "demo":
        for path in sorted((PACKAGE / "demo" / "examples").rglob("*.png"))[:count]:
            shutil.copy(path, folder / f"{path.parent.name}-{path.name}")
        return
    generator = torch.Generator().manual_seed(0)
    for number in range(count):
        noise = torch.randint(256, (side // 4, side // 4, 3), generator=generator, dtype=torch.uint8)
        picture = Image.fromarray(noise.numpy()).resize((side, side), Image.Resampling.BICUBIC)
        picture.save(folder / f"{number:04}.png")


if __name__ == "__main__":
    main()
