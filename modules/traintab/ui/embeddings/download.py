"""An embedding as a file of any format, for the browser to save."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from .listing import ListedEmbedding

if TYPE_CHECKING:
    from ...embeddings.previews import Preview

__all__ = ["AS_IT_IS", "FORMATS", "Downloads"]

AS_IT_IS = "as it is"

FORMATS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        AS_IT_IS: ("", ""),
        ".safetensors, for sharing": ("emb_params", ".safetensors"),
        ".pt, for A1111": ("webui", ".pt"),
        ".safetensors, for diffusers": ("diffusers", ".safetensors"),
        ".bin, for diffusers": ("diffusers", ".bin"),
        ".png picture card": ("card", ".png"),
        ".webp picture card": ("card", ".webp"),
    }
)
"""What the page offers: format and suffix of what is written."""


class Downloads:
    """A folder that lasts as long as the program; the newest file of each name stands in it."""

    @cached_property
    def _folder(self) -> Path:
        folder = Path(tempfile.mkdtemp(prefix="traintab-downloads-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        return folder

    def make(self, item: ListedEmbedding, wanted: str, preview: Preview | None = None) -> list[str]:
        """The files of an embedding in one of `FORMATS`: two for diffusers with two text encoders.

        A card shows `preview`, or the embedding's own preview picture. Raises EmbeddingFileError for what the
        format can't hold.
        """
        from ...embeddings.formats.writing import EmbeddingWriter
        from ...embeddings.names import typable_name
        from ...embeddings.previews import find_preview

        if wanted == AS_IT_IS:
            return [str(shutil.copyfile(item.path, self._folder / item.path.name))]
        target, suffix = FORMATS[wanted]
        path = self._folder / f"{typable_name(item.embedding.name)}{suffix}"
        found = (preview or find_preview(item.path)) if target == "card" else None
        writer = EmbeddingWriter(item.embedding)
        if found is not None:
            writer = replace(writer, preview=found.image, caption=not found.is_captioned)
        return [str(written) for written in writer.write(path, target)]
