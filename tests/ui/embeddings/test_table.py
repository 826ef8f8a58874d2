from pathlib import Path
from typing import Any

import pytest

from traintab.ui.embeddings.listing import listing
from traintab.ui.embeddings.table import (
    DATATYPES,
    HEADERS,
    NEGATIVE,
    count_line,
    date_of,
    rows,
    size_of,
)


def test_a_row_tells_name_vectors_step_model_size_date_and_format(studio: Any, put: Any) -> None:
    path = put("mira.pt", rows=4, step=500, sd_checkpoint_name="v1-5")
    found = listing(studio)
    (row,) = rows(found)
    kilobytes = f"{path.stat().st_size / 1000:.0f} kB"
    assert row == ["mira", "ready", 4, 500, "v1-5", kilobytes, date_of(found["mira"]), ".pt"]
    assert len(row) == len(HEADERS) == len(DATATYPES)


def test_what_a_file_does_not_say_stays_empty(studio: Any, put: Any) -> None:
    put("mira.bin")
    (row,) = rows(listing(studio))
    assert row[3] == "" and row[4] == "–"


@pytest.mark.parametrize(
    ("search", "names"),
    [
        ("", ["mira", "zoe"]),
        ("MIR", ["mira"]),
        ("v1 zoe", ["zoe"]),
        (".bin", ["mira"]),
        ("v1 mira", []),
    ],
)
def test_the_search_wants_all_its_words_somewhere(
    studio: Any, put: Any, search: str, names: list[str]
) -> None:
    put("mira.bin")
    put("zoe.pt", sd_checkpoint_name="v1-5")
    found = listing(studio)
    table = rows(found, search)
    assert [row[0] for row in table] == names
    assert count_line(found, len(table)).startswith(f"{len(names)} of 2" if len(names) < 2 else "2 emb")


def test_an_empty_folder_says_how_to_begin(studio: Any, folder: Path) -> None:
    assert "drop files here" in count_line(listing(studio), 0)


def test_the_negative_one_of_a_pair_is_called_so(studio: Any, put: Any) -> None:
    for name in ("mira.pt", "mira-doll.pt", "mira-neg.pt"):
        put(name)
    found = [(name, use) for name, use, *_ in rows(listing(studio))]
    assert found == [("mira", "ready"), ("mira-neg", NEGATIVE), ("mira-doll", "ready")]


def test_a_file_that_went_away_has_no_size_and_no_date(studio: Any, put: Any) -> None:
    path = put("mira.pt")
    item = listing(studio)["mira"]
    path.unlink()
    assert size_of(item) == date_of(item) == "–"
