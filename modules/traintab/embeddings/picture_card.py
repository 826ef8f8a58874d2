"""Picture cards: a preview that carries its embedding, as A1111's image embeddings do.

A dark gradient at the top and at the bottom; on it the name, and below the model, its hash, and how many
vectors and steps. The embedding is in a text chunk, and once more in coloured blocks at both sides.
"""

from __future__ import annotations

import io

from PIL import Image, ImageDraw
from PIL.PngImagePlugin import PngInfo

from ..errors import EmbeddingFileError
from ..pictures.lettering import fitted, shortened, text_size
from .card_pixels import attach_card_pixels
from .card_text import card_json, facts_text, png_text
from .embedding import Embedding

__all__ = ["CARD_SUFFIXES", "make_card", "plain_picture"]

CARD_SUFFIXES = (".png", ".webp")
_MAX_WEBP_SIDE = 16383
_SHADES = 1024
_MIN_WIDTH = 384
_MIN_HEIGHT = 64
_MAX_FACTOR = 8
_PADDING = 10
_TITLE_SHARE = 0.75
_TITLE_SIZE = 72
_FOOTER_SIZE = 32
_INK = (255, 255, 255, 230)
_DARKEST = 190


def make_card(
    image: Image.Image, embedding: Embedding, suffix: str = ".png", *, caption: bool = True
) -> bytes:
    """A file of the picture with the embedding in its pixels and, in a `.png`, in a text chunk too.

    `.webp` files are lossless and have no such chunk. With `caption` title and footer are drawn on the
    picture. Pictures narrower than 384 pixels are enlarged by a whole factor, so that the words can be read.
    Raises EmbeddingFileError for another suffix and for what is too large for a WebP.
    """
    card = _enlarged(image.convert("RGB"))
    if caption:
        card = Image.composite(Image.new("RGB", card.size), card, _darkness(card.size))
        card = Image.alpha_composite(card.convert("RGBA"), _words(card.size, embedding)).convert("RGB")
    card = attach_card_pixels(card, card_json(embedding), _shades(embedding))
    if suffix.lower() == ".webp":
        return _webp(card)
    if suffix.lower() != ".png":
        raise EmbeddingFileError(
            f"A picture card can't be a {suffix!r}; use one of {', '.join(CARD_SUFFIXES)}."
        )
    info = PngInfo()
    info.add_text(*png_text(embedding))
    if len(embedding.vectors) > 1:
        info.add_text(*facts_text(embedding))
    stream = io.BytesIO()
    card.save(stream, "PNG", pnginfo=info)
    return stream.getvalue()


def plain_picture(width: int = 512, height: int = 512) -> Image.Image:
    """A quiet background for an embedding that has no preview."""
    return (
        Image.linear_gradient("L").resize((width, height)).convert("RGB").point(lambda value: 60 + value // 3)
    )


def _webp(card: Image.Image) -> bytes:
    if max(card.size) > _MAX_WEBP_SIDE:
        raise EmbeddingFileError(
            f"A picture card of {card.width}x{card.height} pixels is too large for .webp, which ends at"
            f" {_MAX_WEBP_SIDE}. Write .png or use a smaller preview."
        )
    stream = io.BytesIO()
    card.save(stream, "WEBP", lossless=True)
    return stream.getvalue()


def _shades(embedding: Embedding) -> list[int]:
    """Grey levels for the dots on the blocks: how far each number of the first vector is from zero."""
    sizes = next(iter(embedding.vectors.values()))[0, :_SHADES].detach().float().abs()
    largest = float(sizes.max())
    return [int(size / largest * 255) if largest else 0 for size in sizes.tolist()]


def _enlarged(image: Image.Image) -> Image.Image:
    factor = min(max(-(-_MIN_WIDTH // image.width), -(-_MIN_HEIGHT // image.height)), _MAX_FACTOR)
    if factor <= 1:
        return image
    return image.resize((image.width * factor, image.height * factor), Image.Resampling.LANCZOS)


def _darkness(size: tuple[int, int]) -> Image.Image:
    """A mask of this size: strong at both ends, gone in the middle."""
    width, height = size
    column = bytes(int(_DARKEST * abs(2 * y / max(height - 1, 1) - 1) ** 2) for y in range(height))
    return Image.frombytes("L", (1, height), column).resize((width, height))


def _words(size: tuple[int, int], embedding: Embedding) -> Image.Image:
    """Title and footer on a transparent picture of this size."""
    width, height = size
    layer = Image.new("RGBA", size, (0, 0, 0, 0))
    draw = ImageDraw.Draw(layer)
    title = f"<{embedding.name}>"
    title_font = fitted(title, int(width * _TITLE_SHARE), min(_TITLE_SIZE, width // 8))
    draw.text((_PADDING, _PADDING), shortened(title, title_font, width - 2 * _PADDING), _INK, font=title_font)
    parts = _footer(embedding)
    third = width // 3 - 2 * _PADDING
    font = min(
        (fitted(part, third, _FOOTER_SIZE) for part in parts), key=lambda candidate: text_size(candidate)[1]
    )
    places = ((_PADDING, "ls"), (width // 2, "ms"), (width - _PADDING, "rs"))
    for part, (x, anchor) in zip(parts, places, strict=True):
        draw.text((x, height - _PADDING), shortened(part, font, third), _INK, font=font, anchor=anchor)
    return layer


def _footer(embedding: Embedding) -> tuple[str, str, str]:
    model_hash = f"[{embedding.sd_checkpoint}]" if embedding.sd_checkpoint else ""
    steps = "" if embedding.step is None else f" {embedding.step}s"
    return embedding.sd_checkpoint_name or "", model_hash, f"{embedding.num_vectors}v{steps}"
