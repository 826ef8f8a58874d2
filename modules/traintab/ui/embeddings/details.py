"""What is known about one embedding: its facts, its preview picture, how other programs call it."""

from __future__ import annotations

import html
from pathlib import Path

from PIL import Image

from .listing import READY, ListedEmbedding, shown
from .table import date_of, size_of

__all__ = ["NOTHING_CHOSEN", "comfy_name", "facts_html", "thumbnail"]

NOTHING_CHOSEN = '<p class="traintab-plot-empty">Click an embedding in the table to see what it holds.</p>'

_CARD_SUFFIXES = (".png", ".webp", ".avif", ".jxl")
_PREVIEW_SIDE = 768


def facts_html(item: ListedEmbedding, folder: Path) -> str:
    """Name, whether it can be used and typed, and the facts; all escaped."""
    from ...embeddings.names import name_problem

    embedding = item.embedding
    widths = " + ".join(f"{width} {encoder}" for encoder, width in embedding.widths.items())
    model = shown(embedding.sd_checkpoint_name or "–")
    if embedding.sd_checkpoint:
        model += f" [{shown(embedding.sd_checkpoint)}]"
    facts = {
        "Vectors": f"{embedding.num_vectors} × {widths}",
        "Step": "–" if embedding.step is None else str(embedding.step),
        "Trained on": model,
        "Format": f"{item.path.suffix.lower()} {item.format}".strip(),
        "File": f"{shown(_below(item.path, folder))}, {size_of(item)}, {date_of(item)}",
        "ComfyUI": comfy_name(item, folder),
        **({"Comment": shown(embedding.comment)} if embedding.comment else {}),
        **_pair(item),
    }
    rows = "".join(f"<dt>{name}</dt><dd>{html.escape(value)}</dd>" for name, value in facts.items())
    chip = "traintab-finished" if item.use == READY else "traintab-interrupted"
    comfy = html.escape(comfy_name(item, folder), quote=True)
    return (
        f'<div class="traintab-embedding" data-label="{html.escape(item.label, quote=True)}"'
        f' data-comfy="{comfy}"><div class="traintab-job-head">'
        f'<span class="traintab-job-title" translate="no">{html.escape(item.label)}</span>'
        f'<span class="traintab-chip {chip}">{item.use}</span></div>'
        f"<p>{html.escape(shown(item.reason))}</p><p>{html.escape(shown(name_problem(embedding.name)))}</p>"
        f"<dl>{rows}</dl></div>"
    )


def comfy_name(item: ListedEmbedding, folder: Path) -> str:
    """What ComfyUI calls it: `embedding:` and the file's place in the embeddings folder.

    ComfyUI can't read pictures: a card is called by its name, for when it is saved as another file.
    """
    if item.path.suffix.lower() in _CARD_SUFFIXES:
        return f"embedding:{item.label}"
    return f"embedding:{shown(_below(item.path.with_suffix(''), folder))}"


def thumbnail(item: ListedEmbedding) -> Image.Image | None:
    """The preview of an embedding at most 768 pixels a side; None when it has none."""
    from ...embeddings.previews import find_preview

    found = find_preview(item.path)
    if found is None:
        return None
    found.image.thumbnail((_PREVIEW_SIDE, _PREVIEW_SIDE))
    return found.image


def _pair(item: ListedEmbedding) -> dict[str, str]:
    if item.negative:
        return {"Pair": f"{item.negative} goes into the negative prompt with it"}
    if item.positive:
        return {"Pair": f"for the negative prompt, when {item.positive} is in the prompt"}
    return {}


def _below(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else path.name
