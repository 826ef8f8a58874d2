from pathlib import Path
from typing import Any

from traintab.ui.embeddings.details import NOTHING_CHOSEN
from traintab.ui.embeddings.watch import OUTPUTS, look
from traintab.ui.gradio_compat import skip
from traintab.ui.page import Page


def test_nothing_is_sent_while_nothing_changes(page: Page, put: Any) -> None:
    put("mira.pt")
    seen, *_ = look(page, None, "", None)
    again = look(page, seen, "", None)
    assert len(again) == OUTPUTS and len({repr(value) for value in again}) == 1


def test_a_dropped_file_shows_up_everywhere_a_name_is_offered(page: Page, put: Any) -> None:
    put("mira.pt")
    seen, *_ = look(page, None, "", "mira")
    put("zoe.pt")
    put("wide.pt", width=1024)
    _, count, table, chooser, refused, _, frame, chips, train, trouble, facts, picture, *mixer = look(
        page, seen, "", "mira"
    )
    assert count == "3 embeddings" and [row[0] for row in table["value"]] == ["mira", "wide", "zoe"]
    assert chooser["choices"] == ["mira", "wide", "zoe"] and "value" not in chooser
    assert chips["samples"] == [["mira"], ["zoe"]] and train["choices"] == ["mira", "zoe"]
    assert refused == "" and frame["visible"] is False and trouble == ""
    assert 'data-label="mira"' in facts and not picture["visible"]
    assert [update["choices"] for update in mixer] == [["mira", "wide", "zoe"]] * 7


def test_what_can_not_be_used_is_folded_away_below_the_table(page: Page, folder: Path) -> None:
    (folder / "broken.pt").write_bytes(b"no embedding")
    _, _, _, _, refused, _, frame, *_ = look(page, None, "", None)
    assert "broken.pt" in refused and frame["visible"] and frame["label"] == "1 file can't be used"


def test_a_choice_ends_with_its_file(page: Page, put: Any) -> None:
    path = put("mira.pt")
    seen, *_ = look(page, None, "", "mira")
    path.unlink()
    after = look(page, seen, "", "mira")
    assert after[3]["value"] is None and after[10] == NOTHING_CHOSEN


def test_the_search_changes_the_table_alone(page: Page, put: Any) -> None:
    put("mira.pt")
    put("zoe.pt")
    _, count, table, chooser, *_ = look(page, None, "zo", None)
    assert [row[0] for row in table["value"]] == ["zoe"] and count == "1 of 2 embeddings"
    assert chooser["choices"] == ["mira", "zoe"]


def test_trouble_with_the_folder_is_a_sentence(page: Page, monkeypatch: Any) -> None:
    def closed() -> bool:
        raise OSError("closed")

    monkeypatch.setattr(page.studio.library, "refresh", closed)
    assert "closed" in look(page, None, "", None)[9]


def test_the_chosen_one_is_described_anew_when_its_file_is_another(page: Page, put: Any) -> None:
    put("mira.png")
    seen, *before = look(page, None, "", "mira")
    put("mira.png", rows=20)
    seen, *after = look(page, seen, "", "mira")
    assert "1 × 768" in before[9] and "20 × 768" in after[9]
    assert after[10]["visible"] and after[10]["value"] != before[10]["value"]
    _, *searched = look(page, seen, "mi", "mira")
    assert searched[9] == searched[10] == skip()
