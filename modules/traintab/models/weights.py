"""Which files of a diffusers folder hold what."""

from __future__ import annotations

import json
from pathlib import Path

from .discovery import Checkpoint

__all__ = ["check_text_files", "half_variant", "missing_file", "unet_weights"]

_HALF = "fp16"
_DIFFUSERS_STEM = "diffusion_pytorch_model"
_TOKENIZER = ("", ("vocab.json", "tokenizer.json"))
_TEXT_ENCODER = ("config.json", ("model.safetensors", "pytorch_model.bin"))
_PARTS = {
    "tokenizer": _TOKENIZER,
    "text_encoder": _TEXT_ENCODER,
    "vae": ("config.json", (f"{_DIFFUSERS_STEM}.safetensors", f"{_DIFFUSERS_STEM}.bin")),
    "unet": ("config.json", (f"{_DIFFUSERS_STEM}.safetensors", f"{_DIFFUSERS_STEM}.bin")),
    "scheduler": ("scheduler_config.json", ()),
}
_PARTS_OF_SDXL = {"tokenizer_2": _TOKENIZER, "text_encoder_2": _TEXT_ENCODER}


def missing_file(folder: Path, *, is_sdxl: bool = False) -> str | None:
    """The first part that a Stable Diffusion folder lacks, such as `unet/config.json`; None when complete."""
    parts = {**_PARTS, **_PARTS_OF_SDXL} if is_sdxl else _PARTS
    for part, (config, alternatives) in parts.items():
        if not (folder / part).is_dir():
            return f"the folder {part}/"
        if config and not (folder / part / config).is_file():
            return f"{part}/{config}"
        is_there = _has_plain(folder / part, alternatives) or half_variant(folder, part)
        if alternatives and not is_there:
            return f"{part}/{alternatives[0]}"
    return None


def half_variant(folder: Path, part: str) -> str | None:
    """`fp16` when a part's weights are in the folder in that variant alone, else None.

    Many SDXL models are downloaded so, as `model.fp16.safetensors`; libraries look for it only when told to.
    """
    _config, alternatives = {**_PARTS, **_PARTS_OF_SDXL}[part]
    if _has_plain(folder / part, alternatives):
        return None
    return _HALF if any((folder / part / _half_name(file)).is_file() for file in alternatives) else None


def _has_plain(folder: Path, alternatives: tuple[str, ...]) -> bool:
    names = [name for file in alternatives for name in (file, f"{file}.index.json")]
    return any((folder / name).is_file() for name in names)


def _half_name(file: str) -> str:
    stem, _, suffix = file.rpartition(".")
    return f"{stem}.{_HALF}.{suffix}"


def check_text_files(folder: Path) -> None:
    """Raise ValueError for a JSON file or a `merges.txt` in `folder` that is broken.

    The tokenizers library would raise a bare Exception, and other libraries wouldn't name the file.
    """
    for file in sorted(folder.glob("*.json")):
        try:
            json.loads(file.read_text(encoding="utf-8"))
        except ValueError as error:
            raise ValueError(f"{file.name} is no valid JSON ({error})") from error
    merges = folder / "merges.txt"
    lines = merges.read_text(encoding="utf-8").splitlines() if merges.is_file() else []
    for number, line in enumerate(lines, start=1):
        if line.strip() and not line.startswith("#version") and len(line.split(" ")) != 2:
            raise ValueError(f"merges.txt has no two parts in line {number}")


def unet_weights(checkpoint: Checkpoint) -> list[Path]:
    """The files with the UNet's weights in their order; those of a hub model lie in the hub's cache.

    A single file is one of them as a whole: its hash is the one that A1111 shows.
    """
    if checkpoint.kind == "file" and checkpoint.path is not None:
        return [checkpoint.path]
    for suffix in ("safetensors", "bin"):
        name = f"{_DIFFUSERS_STEM}.{suffix}"
        whole = _file(checkpoint, f"unet/{name}")
        if whole is not None:
            return [whole]
        index = _file(checkpoint, f"unet/{name}.index.json")
        if index is not None:
            shards = sorted(set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values()))
            return [index.parent / shard for shard in shards]
    halves = [_file(checkpoint, f"unet/{_half_name(file)}") for file in _PARTS["unet"][1]]
    return [file for file in halves if file is not None][:1]


def _file(checkpoint: Checkpoint, name: str) -> Path | None:
    if checkpoint.path is not None:
        path = checkpoint.path / name
        return path if path.is_file() else None
    from huggingface_hub import try_to_load_from_cache

    cached = try_to_load_from_cache(checkpoint.name, name)
    return Path(cached) if isinstance(cached, str) else None
