"""Which settings a finished picture depends on, as a short text that is equal when they are."""

from __future__ import annotations

import hashlib
import json

from ..configs import PreprocessConfig, to_mapping

__all__ = ["settings_hash"]

# Raised by hand when the same settings come to give other pictures, so that these are made again.
_VERSION = 1
_ABOUT_THE_RUN = ("source", "destination", "width", "height")
_ABOUT_FILES = ("subfolders", "overwrite", "workers")
_SENTENCES = ("blip", "blip and tags", "model")
_TAGS = ("tags", "blip and tags")


def settings_hash(config: PreprocessConfig, size: tuple[int, int]) -> str:
    """SHA-256 of what the pictures of `size` (width, height) depend on.

    Settings of an operation that is off don't matter, nor do folders and how the work is shared out.
    """
    settings = to_mapping(config)
    for name in _ABOUT_THE_RUN:
        del settings[name]
    for name in _ABOUT_FILES:
        del settings["files"][name]
    if config.files.output_format == "png":
        del settings["files"]["quality"]
    swap = settings["captioning"].pop("swap_left_and_right")
    del settings["captioning"]["caption_batch_size"]
    needed = {
        "splitting": config.split,
        "focal_point": config.focal_crop,
        "auto_sizing": config.auto_size,
        "background": config.background.background != "keep",
        "captioning": config.caption in _SENTENCES,
        "tagging": config.caption in _TAGS,
    }
    kept = {name: value for name, value in settings.items() if needed.get(name, True)}
    kept["swap_left_and_right"] = swap and config.flip != "none"
    text = json.dumps([_VERSION, list(size), kept], sort_keys=True)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
