from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from traintab.embeddings.formats import read_embedding
from traintab.ui.embeddings.download import AS_IT_IS, FORMATS, Downloads
from traintab.ui.embeddings.listing import listing


@pytest.mark.parametrize("wanted", FORMATS)
def test_every_format_on_offer_holds_the_same_vectors(studio: Any, put: Any, wanted: str) -> None:
    put("mira.pt", rows=2)
    item = listing(studio)["mira"]
    (file,) = Downloads().make(item, wanted)
    assert Path(file).suffix == (FORMATS[wanted][1] or ".pt")
    found = read_embedding(Path(file))
    assert found.name == "mira" and torch.equal(found.vectors["clip_l"], item.embedding.vectors["clip_l"])


def test_a_file_as_it_is_keeps_every_byte(studio: Any, put: Any) -> None:
    path = put("mira.safetensors")
    (file,) = Downloads().make(listing(studio)["mira"], AS_IT_IS)
    assert Path(file).read_bytes() == path.read_bytes() and Path(file).parent != path.parent


def test_a_card_shows_the_preview(studio: Any, put: Any, folder: Path) -> None:
    put("mira.pt")
    Image.new("RGB", (512, 512), (200, 0, 0)).save(folder / "mira.preview.png")
    (file,) = Downloads().make(listing(studio)["mira"], ".png picture card")
    card = Image.open(file).convert("RGB")
    red, green, _ = card.getpixel((card.width // 2, card.height // 2))
    assert red > 150 and green < 20
