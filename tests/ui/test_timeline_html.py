"""Previews by step, in HTML."""

from __future__ import annotations

import re
from pathlib import Path

from traintab.ui.preview_files import Preview
from traintab.ui.timeline_html import timeline_html


def preview(step: int, number: int = 1, prompt: str = "mira") -> Preview:
    return Preview(
        path=Path(f"/log/mira-{step}-{number}.png"), step=step, number=number, prompt=prompt, facts="seed 7"
    )


def shown(*previews: Preview, best: int | None = None) -> str:
    return timeline_html(
        previews, lambda path: path.with_suffix(".jpg"), key="/log", label="Previews by step", best=best
    )


def test_each_prompt_has_a_row_and_each_step_a_column() -> None:
    text = shown(preview(10), preview(10, 2), preview(20), preview(20, 2), preview(1500))
    rows = text.split('<div class="traintab-strip-row"')[1:]
    columns = [re.findall(r'traintab-shot"[^>]*data-column="(\d+)"', row) for row in rows]
    assert columns == [["10", "20", "1500"]] * 2
    assert '<span class="traintab-shot" data-column="1500"></span>' in rows[1]
    assert 'data-title="Step 1,500"' in rows[0] and ">1,500</b>" in rows[0]


def test_a_small_picture_is_shown_late_and_a_click_opens_the_whole_one() -> None:
    text = shown(preview(10))
    assert 'loading="lazy"' in text and "mira-10-1.jpg" in text
    assert re.search(
        r'<a class="traintab-shot" href="[^"]*mira-10-1\.png" target="_blank" data-full=""', text
    )


def test_a_row_says_its_prompt_once_and_a_picture_only_another() -> None:
    text = shown(preview(10), preview(20), preview(30, prompt="mira at night"))
    assert text.count('data-text="mira"') == 1 and text.count('data-text="mira at night"') == 1
    assert text.count('data-note="seed 7"') == 1


def test_of_prompts_that_all_differ_the_row_says_the_first() -> None:
    prompts = [f"mira in picture {number}" for number in range(9)]
    text = shown(*(preview(10 * number, prompt=prompt) for number, prompt in enumerate(prompts)))
    row, *pictures = text.split('<a class="traintab-shot"')
    assert f'data-text="{prompts[0]}"' in row and "data-text" not in pictures[0]
    assert all(f'data-text="{prompts[number]}"' in pictures[number] for number in range(1, 9))


def test_texts_of_files_are_no_html() -> None:
    text = shown(preview(10, prompt='"><script>alert(1)</script>'))
    assert "<script" not in text and "&quot;&gt;&lt;script&gt;" in text


def test_the_best_step_is_marked() -> None:
    assert shown(preview(10), preview(20), best=20).count("★") == 1
    assert "20<i" in shown(preview(10), preview(20), best=20) and "★" not in shown(preview(10))


def test_nothing_is_shown_where_nothing_is_drawn() -> None:
    assert shown() == ""
