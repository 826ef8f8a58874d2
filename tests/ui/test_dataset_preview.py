"""*Show what the model will see*."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image

from traintab.configs import CreateConfig, TrainingConfig, all_options
from traintab.datasets.report import DatasetImage
from traintab.errors import DatasetError
from traintab.models.model import Model
from traintab.training.create import create_embedding
from traintab.training.dataset_preview import DatasetPreview, PreviewedPicture, PreviewedPrompt
from traintab.ui.dataset_preview import preview_html, show_dataset
from traintab.ui.page import Page


def values(**own: Any) -> dict[str, Any]:
    """The Train panel's fields, all but these at their defaults."""
    return {**{name: declared.default for name, declared in all_options(TrainingConfig).items()}, **own}


def made(count: int = 1, *, is_shown: bool = True, folder: Path = Path("gone")) -> DatasetPreview:
    """A preview of pictures that are called 0.png, 1.png and so on."""
    prompt = PreviewedPrompt(
        text="a <zq>", chunks={"clip_l": ((1, 9), (2,))}, names=("zq",), is_shown=is_shown
    )
    return DatasetPreview(
        pictures=tuple(
            PreviewedPicture(
                image=DatasetImage(
                    path=folder / f"{number}.png", caption="<b>", content_hash="", width=9, height=8
                ),
                size=(64, 72),
                repeats=1 + number,
                prompts=(prompt,),
            )
            for number in range(count)
        ),
        placeholder_ids={"clip_l": {"zq": (9,)}},
        capacity=75,
        varies=False,
        notices=("A notice.",),
    )


def test_prompts_tokens_and_sizes_are_shown_and_texts_are_no_html() -> None:
    page = preview_html(made(2), "zq")
    assert "A notice. The tokens of zq are marked: 9." in page
    assert "9 × 8 pixels, shown at 64 × 72<" in page
    assert "shown at 64 × 72, 2 times an epoch" in page
    assert "1 <mark>9</mark> | 2" in page
    assert "3 of 150 tokens" in page
    assert '<span translate="no">a &lt;zq&gt;' in page and '<dd translate="no">&lt;b&gt;</dd>' in page
    assert "no word of its own" not in page


def test_a_prompt_without_the_name_stands_out() -> None:
    assert "no word of its own" in preview_html(made(is_shown=False), "zq")


def test_of_many_pictures_the_first_are_shown() -> None:
    page = preview_html(made(75), "my zq")
    assert page.count("<li>") == 60
    assert (
        "15 more; all of them: <code>extension.py train &#x27;my zq&#x27; --data DIR --debug-dataset</code>"
        in page
    )


def test_a_picture_is_shown_small_and_one_that_went_away_not_at_all(tmp_path: Path) -> None:
    Image.new("RGB", (500, 300), "red").save(tmp_path / "0.png")
    page = preview_html(made(2, folder=tmp_path), "zq")
    assert page.count("<img") == 1
    assert len(page) < 8000


def test_the_fields_of_the_panel_are_shown_on_the_selected_model(
    page: Page, studio: Any, tiny_model: Model, tiny_model_dir: Path, tmp_path: Path
) -> None:
    create_embedding(CreateConfig(name="zq", num_vectors=2), model=tiny_model, paths=studio.paths)
    Image.new("RGB", (72, 64), "red").save(tmp_path / "red hat.png")
    studio.model_status = SimpleNamespace(spec=str(tiny_model_dir))
    (answer,) = show_dataset(
        page, values(embedding_name="zq", data_dir=str(tmp_path), template="subject.txt")
    )
    assert "red hat.png" in answer and answer.count("<mark>") == 2
    assert studio.calls == []
    with pytest.raises(DatasetError, match="nowhere"):
        show_dataset(page, values(embedding_name="zq", data_dir=str(tmp_path / "nowhere")))
