"""The web UI's embeddings: its databases read again, and forgotten what it encoded with the old vectors."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from .webui_model import asked

__all__ = ["HostEmbeddings"]

_CLASSES = (
    "StableDiffusionProcessing",
    "StableDiffusionProcessingTxt2Img",
    "StableDiffusionProcessingImg2Img",
)
_ENGINES = "text_processing_engine"


class HostEmbeddings:
    """`module(name)` gives a module that the host has imported, or None; `model()` its model, or None.

    A host reads the folder when it loads a model, so without one there is nothing to be told.
    """

    def __init__(self, module: Callable[[str], Any | None], model: Callable[[], Any | None]) -> None:
        self._module = module
        self._model = model

    def read_again(self) -> None:
        """Make the folder's files what the next prompt means; called while the host draws nothing."""
        for database in self._databases():
            asked("read its embeddings again", partial(_reload, database))
        asked("forget what it has encoded", self._forget_encoded)

    def _databases(self) -> Iterator[Any]:
        """What is asked for the words of prompts, and what the host lists embeddings from."""
        model = self._model()
        if model is not None:
            hijack = getattr(self._module("sd_hijack"), "model_hijack", None)
            engines = [value for name, value in _fields(model) if name.startswith(_ENGINES)]
            holders = (hijack, model)
            found = [getattr(holder, "embedding_db", None) for holder in holders]
            found += [getattr(engine, "embeddings", None) for engine in engines]
            yield from (one for one in found if hasattr(one, "load_textual_inversion_embeddings"))
        listed = getattr(self._module("ui_extra_networks_textual_inversion"), "embedding_db", None)
        if listed is not None:
            yield listed

    def _forget_encoded(self) -> None:
        """The same prompt would give the old picture: hosts compare the words, not the vectors."""
        processing = self._module("processing")
        for name in _CLASSES:
            owner = getattr(processing, name, None)
            for field, cache in list(vars(owner).items()) if owner is not None else ():
                if field.startswith("cached_") and isinstance(cache, list):
                    setattr(owner, field, [None] * len(cache))
        encoded = getattr(self._module("prompt_parser_diffusers"), "cache", None)
        if encoded is not None:
            encoded.clear()


def _fields(model: Any) -> list[tuple[str, Any]]:
    """An object's own fields; reading them runs none of its properties."""
    return list(getattr(model, "__dict__", {}).items())


def _reload(database: Any) -> None:
    """Whatever changed, not only what the folder's time tells; the listing needs no model of the host's."""
    load = database.load_textual_inversion_embeddings
    known = inspect.signature(load).parameters
    wanted = {"force_reload": True, "sync_with_sd_model": False}
    load(**{name: value for name, value in wanted.items() if name in known})
