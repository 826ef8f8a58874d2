from pathlib import Path
from typing import Any

import pytest

from traintab.errors import EmbeddingFileError
from traintab.model_slot import ModelStatus
from traintab.ui.embeddings.listing import NAME_TAKEN, OTHER_MODEL, READY, listing, shown


def test_every_sound_file_is_listed_with_how_it_can_be_used(studio: Any, put: Any) -> None:
    put("mira.pt")
    put("wide.pt", width=1024)
    found = listing(studio)
    assert [(item.label, item.use) for item in found.embeddings.values()] == [
        ("mira", READY),
        ("wide", OTHER_MODEL),
    ]
    assert "1024" in found["wide"].reason and found["mira"].reason == ""


def test_before_a_model_is_loaded_every_embedding_may_fit(studio: Any, put: Any) -> None:
    put("wide.pt", width=1024)
    studio.model_status = ModelStatus(spec="sd15")
    assert listing(studio)["wide"].use == READY


def test_files_of_one_name_are_told_apart_by_their_place(studio: Any, put: Any) -> None:
    put("mira.pt")
    put("old/mira.pt")
    found = listing(studio)
    assert {label: item.use for label, item in found.embeddings.items()} == {
        "mira (mira.pt)": READY,
        "mira (old/mira.pt)": NAME_TAKEN,
    }


def test_a_broken_file_is_told_with_the_reason(studio: Any, put: Any, folder: Path) -> None:
    put("mira.pt")
    (folder / "broken.pt").write_bytes(b"<html>not an embedding</html>")
    found = listing(studio)
    (broken,) = found.refused
    assert broken.place == "broken.pt" and broken.reason and list(found.embeddings) == ["mira"]
    assert found.refused_paths(["broken.pt"]) == [folder / "broken.pt"]


def test_a_pair_stands_together_and_each_knows_the_other(studio: Any, put: Any) -> None:
    for name in ("mira.pt", "mira-doll.pt", "mira-neg.safetensors", "old/mira-doll-neg.pt", "zoe-neg.pt"):
        put(name)
    found = listing(studio).embeddings
    assert list(found) == ["mira", "mira-neg", "mira-doll", "mira-doll-neg", "zoe-neg"]
    pairs = {label: (item.negative, item.positive) for label, item in found.items()}
    assert pairs.pop("mira") == ("mira-neg", "") and pairs.pop("mira-neg") == ("", "mira")
    assert set(pairs.values()) == {("", "")}


def test_the_fingerprint_changes_with_the_folder_and_only_then(studio: Any, put: Any) -> None:
    put("mira.pt")
    first = listing(studio).fingerprint
    assert listing(studio).fingerprint == first
    put("mira.pt", rows=2)
    second = listing(studio).fingerprint
    put("zoe.pt")
    assert len({first, second, listing(studio).fingerprint}) == 3


def test_a_label_that_is_missing_or_gone_is_said(studio: Any, folder: Path) -> None:
    with pytest.raises(EmbeddingFileError, match="No embedding is chosen"):
        listing(studio)[None]
    with pytest.raises(EmbeddingFileError, match="zoe isn't in the embeddings folder"):
        listing(studio)["zoe"]


def test_what_can_not_be_seen_is_written_as_a_code() -> None:
    assert shown("mi\u202era\n") == "mi\\u202era\\u000a" and shown("Mira 3 ü") == "Mira 3 ü"
