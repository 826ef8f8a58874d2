from pathlib import Path
from typing import Any

from PIL import Image

from traintab.ui.embeddings.details import comfy_name, facts_html, thumbnail
from traintab.ui.embeddings.listing import listing


def test_the_facts_are_those_of_the_file(studio: Any, put: Any, folder: Path) -> None:
    put("mira.pt", rows=4, step=500, sd_checkpoint="0123456789", sd_checkpoint_name="v1-5")
    text = facts_html(listing(studio)["mira"], folder)
    for words in ("mira", "ready", "4 × 768 clip_l", "500", "v1-5 [0123456789]", ".pt webui", "mira.pt"):
        assert words in text
    assert 'data-comfy="embedding:mira"' in text


def test_what_a_stranger_wrote_is_text_and_nothing_else(studio: Any, put: Any, folder: Path) -> None:
    put("mira.pt", sd_checkpoint_name='<script>alert("x")</script>\u202e')
    text = facts_html(listing(studio)["mira"], folder)
    assert "<script>" not in text and "&lt;script&gt;" in text and "\u202e" not in text


def test_a_comment_is_shown_where_there_is_one(studio: Any, put: Any, folder: Path) -> None:
    put("mira.pt", comment="Wears a <red> hat.")
    put("ben.pt")
    found = listing(studio)
    assert "Wears a &lt;red&gt; hat." in facts_html(found["mira"], folder)
    assert "Comment" not in facts_html(found["ben"], folder)


def test_comfyui_finds_a_file_by_its_place(studio: Any, put: Any, folder: Path) -> None:
    put("faces/mira.safetensors")
    put("card.png")
    found = listing(studio)
    assert comfy_name(found["mira"], folder) == "embedding:faces/mira"
    assert comfy_name(found["card"], folder) == "embedding:card"


def test_a_picture_beside_the_file_is_its_preview(studio: Any, put: Any, folder: Path) -> None:
    put("mira.pt")
    item = listing(studio)["mira"]
    assert thumbnail(item) is None
    Image.new("RGB", (2000, 1000), "red").save(folder / "mira.preview.png")
    picture = thumbnail(item)
    assert picture is not None and picture.size == (768, 384)


def test_a_pair_is_told_on_both_sides(studio: Any, put: Any, folder: Path) -> None:
    put("mira.pt")
    put("mira-neg.pt")
    found = listing(studio)
    assert "mira-neg goes into the negative prompt" in facts_html(found["mira"], folder)
    assert "when mira is in the prompt" in facts_html(found["mira-neg"], folder)


def test_a_name_that_can_not_be_typed_is_told(studio: Any, put: Any, folder: Path) -> None:
    put("mira (old).pt")
    put("mira.pt")
    found = listing(studio)
    assert "rename the file" in facts_html(found["mira (old)"], folder)
    assert "rename the file" not in facts_html(found["mira"], folder)
