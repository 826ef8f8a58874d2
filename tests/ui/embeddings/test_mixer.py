from pathlib import Path
from typing import Any

import gradio as gr
import pytest
import torch

from traintab.embeddings.formats import read_embedding
from traintab.errors import EmbeddingFileError, EmbeddingNameError
from traintab.ui.embeddings.mixer import MOST_PARTS, Mixer, drawer, mixed, more_rows, pairs, preview, save
from traintab.ui.gradio_compat import skip
from traintab.ui.page import Page


def silent(*_progress: Any, desc: str) -> None:
    assert desc


@pytest.fixture
def two(put: Any) -> None:
    put("mira.pt", rows=2)
    put("zoe.pt", rows=1)


def test_the_weights_of_the_sliders_make_the_mix(page: Page, two: None) -> None:
    mix = mixed(page, [("mira", 0.6), (None, 1.0), ("zoe", 0.2)], "both")
    find = page.studio.library.find
    mira, zoe = (find(name).vectors["clip_l"] for name in ("mira", "zoe"))
    expected = 0.75 * mira + 0.25 * torch.cat([zoe, torch.zeros_like(zoe)])
    torch.testing.assert_close(mix.vectors["clip_l"], expected)


def test_a_part_without_weight_is_left_out(page: Page, two: None) -> None:
    with pytest.raises(EmbeddingFileError, match="at least two"):
        mixed(page, [("mira", 1.0), ("zoe", 0.0)], "both")


def test_embeddings_of_different_models_do_not_mix(page: Page, two: None, put: Any) -> None:
    put("wide.pt", width=1024)
    with pytest.raises(EmbeddingFileError, match="wide"):
        mixed(page, [("mira", 1.0), ("wide", 1.0)], "both")


def test_the_preview_draws_the_mix_without_writing_it(page: Page, two: None, folder: Path) -> None:
    preview(page, [("mira", 1.0), ("zoe", 1.0)], "a portrait of [name]", {"seed": 3}, silent)
    ((_, (config, given)),) = page.studio.calls
    ((name, mix),) = given.items()
    assert config.prompt == f"a portrait of {name}" and config.seed == 3 and mix.num_vectors == 2
    assert sorted(path.name for path in folder.iterdir()) == ["mira.pt", "zoe.pt"]


@pytest.mark.parametrize(
    ("is_asked", "follows", "second", "is_drawn"),
    [
        (False, True, "zoe", True),
        (False, False, "zoe", False),
        (False, True, None, False),
        (True, False, "zoe", True),
    ],
)
def test_a_change_draws_when_it_shall_and_there_is_something_to_mix(
    page: Page, two: None, *, is_asked: bool, follows: bool, second: str | None, is_drawn: bool
) -> None:
    parts = ["mira", 0.5, second, 0.5, *[None, 0.5] * (MOST_PARTS - 2)]
    settings = [option.default for option in page.txt2img.options.values()]
    message, _ = drawer(page, is_asked=is_asked)(
        follows, "[name]", 3, *parts, *settings, progress=lambda *_, desc: None
    )
    assert message == ("" if is_drawn else skip()) and len(page.studio.calls) == is_drawn


def test_draw_says_what_is_missing(page: Page, two: None) -> None:
    parts = ["mira", 0.5, *[None, 0.5] * (MOST_PARTS - 1)]
    settings = [option.default for option in page.txt2img.options.values()]
    message, _ = drawer(page, is_asked=True)(True, "[name]", 3, *parts, *settings)
    assert "at least two" in message


def test_a_saved_mix_is_an_embedding_like_any_other(page: Page, two: None, folder: Path) -> None:
    message, field = save(page, [("mira", 0.6), ("zoe", 0.2)], " both ")
    assert "75 % mira and 25 % zoe" in message and field == ""
    assert read_embedding(folder / "both.pt").num_vectors == 2
    assert ("embeddings_changed", None) in page.studio.calls


@pytest.mark.parametrize("name", ["", "a/b", "mira"])
def test_a_mix_needs_a_name_of_its_own(page: Page, two: None, folder: Path, name: str) -> None:
    before = (folder / "mira.pt").read_bytes()
    with pytest.raises(EmbeddingNameError):
        save(page, [("mira", 1.0), ("zoe", 1.0)], name)
    assert (folder / "mira.pt").read_bytes() == before


def test_a_preview_leaves_what_saving_has_told(page: Page, build: Any) -> None:
    def make() -> tuple[Mixer, Any]:
        with gr.Blocks() as app:
            mixer = Mixer()
            mixer.wire(page)
        return mixer, app

    mixer, app = build(make)
    outputs = [[output._id for output in event.outputs] for event in app.fns.values()]
    saving = [ids for ids in outputs if mixer.message._id in ids]
    assert saving == [[mixer.message._id, mixer.name._id]]


def test_rows_appear_one_by_one_until_there_are_seven() -> None:
    shown, button, *rows = more_rows(2)
    assert shown == 3 and button["visible"] and [row["visible"] for row in rows] == [True] * 3 + [False] * 4
    shown, button, *rows = more_rows(MOST_PARTS - 1)
    assert shown == MOST_PARTS and not button["visible"] and all(row["visible"] for row in rows)


def test_values_of_the_page_are_labels_and_weights_in_turn() -> None:
    assert pairs(["mira", 0.5, None, 1]) == [("mira", 0.5), (None, 1)]
