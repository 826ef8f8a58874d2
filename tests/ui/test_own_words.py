"""Names of files, prompts and models are the user's words: in no language they become others."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from traintab.conditioning.counting import TokenCount
from traintab.grid_scoring import ScoringSnapshot
from traintab.grids import GridColumn, GridRow, GridSnapshot, GridState
from traintab.jobs import JobSnapshot, JobStatus
from traintab.paths import Paths
from traintab.preprocessing.before_after import After, BeforeAfter
from traintab.ui.folder_check_html import _sample
from traintab.ui.grid.grid_html import grid_html
from traintab.ui.job_failure import failure_html
from traintab.ui.preprocess_result import skipped_html
from traintab.ui.preview_timeline import PreviewTimeline
from traintab.ui.token_counter import count_html

WORD = "Train"
_VOID = {"img", "br", "input"}


class _Translated(HTMLParser):
    """What of a piece of HTML is looked up in a translation: texts, and the attributes that are read."""

    def __init__(self) -> None:
        super().__init__()
        self._open: list[bool] = [True]
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        is_looked_up = self._open[-1] and named.get("translate") != "no"
        if is_looked_up:
            self.texts += [str(named[name]) for name in ("title", "alt", "aria-label") if name in named]
        if tag not in _VOID:
            self._open.append(is_looked_up)

    def handle_endtag(self, tag: str) -> None:
        del tag
        self._open.pop()

    def handle_data(self, data: str) -> None:
        if self._open[-1]:
            self.texts.append(data)


def translated(markup: str) -> list[str]:
    """The texts that are looked up whole; those with other words around a name keep the name."""
    parser = _Translated()
    parser.feed(markup)
    return [text.strip() for text in parser.texts if text.strip()]


def grid_of(*rows: GridRow) -> str:
    column = GridColumn(step=500, path=Path("a.pt"), evaluation_loss=None)
    grid = GridSnapshot(
        number=1, state=GridState.FINISHED, embedding_name="mira", columns=(column,), rows=rows
    )
    return grid_html(grid, ScoringSnapshot(), lambda path: path)


def made_pictures(folder: Path) -> str:
    path = folder / f"{WORD}.png"
    Image.new("RGB", (8, 8)).save(path)
    job = JobSnapshot(kind="preprocess", images=((str(path), WORD),))
    return PreviewTimeline(Paths.under(folder)).of(job)


def sample_of(folder: Path) -> str:
    after = After(image=Image.new("RGB", (8, 8)), name=WORD, caption=WORD, width=8, height=8)
    return _sample(BeforeAfter(source=folder / WORD, afters=(after,)), {})


@pytest.mark.parametrize(
    "make",
    [
        lambda _: grid_of(GridRow(title=WORD, prompt=WORD)),
        lambda _: grid_of(GridRow(title=WORD, prompt="a photo", model=WORD)),
        lambda _: skipped_html(JobSnapshot(kind="preprocess", skipped=((WORD, "It is empty."),))),
        lambda _: count_html(TokenCount(tokens=1, capacity=75, chunks=1, recognised=(WORD,))),
        lambda _: failure_html(JobSnapshot(kind="train", status=JobStatus.FAILED, folder=WORD)),
        made_pictures,
        sample_of,
    ],
)
def test_a_name_that_is_a_word_of_the_page_stays_as_it_is(make: Any, tmp_path: Path) -> None:
    markup = make(tmp_path)
    assert WORD in markup
    assert WORD not in translated(markup)


def test_titles_of_rows_that_are_ours_are_translated() -> None:
    row = GridRow(title="weight 0.6", prompt="(mira:0.6)")
    assert "weight 0.6" in translated(grid_of(row))
    assert "CFG 7" in translated(grid_of(replace(row, title="CFG 7", guidance_scale=7.0)))
