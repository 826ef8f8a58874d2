"""Embedding files come and go while the page is open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from traintab.embeddings.embedding import Embedding
from traintab.embeddings.formats import read_embedding, write_embedding

from .conftest import Server, Tab, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1500)]

TINY_WIDTH = 32


def write(path: Path, *, rows: int = 2, width: int = TINY_WIDTH, step: int | None = 500) -> Path:
    """An embedding of its own numbers, written whole in one move as a file manager does."""
    torch.manual_seed(len(path.stem))
    vectors = {"clip_l": torch.randn(rows, width)}
    aside = path.with_name(f".{path.name}.part{path.suffix}")
    write_embedding(Embedding(name=path.stem, vectors=vectors, step=step), aside)
    aside.replace(path)
    return path


def infotext_of(tab: Tab, server: Server, prompt: str) -> str:
    """What the page says below a picture of the prompt, drawn just now."""
    tab.go_to("txt2img", "tabs")
    tab.type("txt2img_prompt", prompt)
    tab.page.locator("#txt2img_steps input[type=number]").fill("1")
    outputs = server.data_dir / "outputs"
    before = len(list(outputs.rglob("*.png")))
    tab.click("txt2img_generate")
    wait_until(lambda: len(list(outputs.rglob("*.png"))) > before)
    shown = tab.page.locator("#html_info_txt2img")
    shown.get_by_text(prompt).first.wait_for()
    return str(shown.inner_text())


def names_in_table(tab: Tab) -> str:
    return str(tab.page.locator("#embeddings_table").inner_text())


def choose(tab: Tab, name: str) -> None:
    """Click an embedding in the table, and wait for its facts."""
    tab.page.locator("#embeddings_table").get_by_text(name, exact=True).last.click()
    tab.page.locator(f'#embeddings_facts [data-label="{name}"]').wait_for()


def test_a_file_dropped_into_the_folder_works_by_name_at_once(
    tiny_server: Server, new_tab: Callable[[Server], Tab], tmp_path: Path
) -> None:
    tab = new_tab(tiny_server)
    assert "TI hashes" not in infotext_of(tab, tiny_server, "dropped")

    write(tiny_server.data_dir / "embeddings" / "dropped.pt")
    tab.page.locator("#txt2img_chips").get_by_text("dropped").wait_for()
    assert '"dropped: ' in infotext_of(tab, tiny_server, "a dropped")

    tab.go_to("Embeddings", "tabs")
    wait_until(lambda: "dropped" in names_in_table(tab))
    uploaded = write(tmp_path / "sent.safetensors", rows=3)
    tab.page.locator("#embeddings_upload input[type=file]").set_input_files([str(uploaded)])
    tab.read("sent is here")
    assert '"sent: ' in infotext_of(tab, tiny_server, "a sent")

    (tiny_server.data_dir / "embeddings" / "dropped.pt").unlink()
    tab.page.locator("#txt2img_chips").get_by_text("dropped").wait_for(state="detached")


def test_every_file_is_listed_and_what_is_done_to_it_is_told(
    tiny_server: Server, new_tab: Callable[[Server], Tab], tmp_path: Path
) -> None:
    folder = tiny_server.data_dir / "embeddings"
    folder.mkdir(parents=True)
    write(folder / "mira-doll.pt", rows=4)
    write(folder / "watercolour-style.safetensors", rows=16, step=None)
    write(folder / "sd1-hands.pt", width=768, step=3000)
    zoe = replace(read_embedding(folder / "mira-doll.pt"), name="card-of-zoe")
    write_embedding(zoe, folder / "card-of-zoe.png")
    write(folder / "mira-doll-neg.pt")
    tab = new_tab(tiny_server)
    tab.go_to("Embeddings", "tabs")
    wait_until(lambda: "sd1-hands" in names_in_table(tab) and "other model" in names_in_table(tab))
    tab.picture("embeddings")

    choose(tab, "watercolour-style")
    assert "16 × 32 clip_l" in tab.page.locator("#embeddings_facts").inner_text()
    tab.picture("embeddings-chosen")
    tab.click("embeddings_copy_comfy")
    tab.page.get_by_text("Copied embedding:watercolour-style").wait_for()

    tab.page.locator("#embeddings_format input").click()
    tab.page.get_by_role("option", name=".png picture card").click()
    tab.click("embeddings_download")
    with tab.page.expect_download() as saved:
        tab.page.locator("#embeddings_files a[download]").first.click()
    saved.value.save_as(tmp_path / saved.value.suggested_filename)
    assert read_embedding(tmp_path / "watercolour-style.png").num_vectors == 16

    tab.type("embeddings_new_name", "watercolour")
    tab.click("embeddings_rename")
    tab.read("watercolour-style is called watercolour now")
    choose(tab, "sd1-hands")
    tab.click("embeddings_delete")
    tab.read("sd1-hands is in the trash")
    wait_until(lambda: "sd1-hands" not in names_in_table(tab))
    assert list((tiny_server.data_dir / "trash").rglob("sd1-hands.pt"))

    choose(tab, "card-of-zoe")
    tab.page.locator("#embeddings_preview img").wait_for()
    tab.picture("embeddings-card")
    choose(tab, "mira-doll")
    tab.page.set_viewport_size({"width": 420, "height": 800})
    tab.picture("embeddings-narrow")
    tab.click("embeddings_insert")
    wait_until(lambda: tab.value("txt2img_prompt") == "mira-doll")
    wait_until(lambda: tab.value("txt2img_neg_prompt") == "mira-doll-neg")


def test_nothing_is_replaced_or_deleted_before_it_is_asked_for(
    tiny_server: Server, new_tab: Callable[[Server], Tab], tmp_path: Path
) -> None:
    folder = tiny_server.data_dir / "embeddings"
    folder.mkdir(parents=True)
    old = write(folder / "mira.pt").read_bytes()
    (folder / "half-copied.pt").write_bytes(b"<html>404</html>")
    bad = tmp_path / "web-page.pt"
    bad.write_bytes(b"<!doctype html>")
    new = write(tmp_path / "mira.pt", rows=5)
    tab = new_tab(tiny_server)
    tab.go_to("Embeddings", "tabs")

    tab.page.locator("#embeddings_upload input[type=file]").set_input_files([str(bad), str(new)])
    tab.read("web-page.pt")
    tab.read("'mira' is taken")
    assert (folder / "mira.pt").read_bytes() == old and not (folder / "web-page.pt").exists()
    tab.picture("embeddings-taken")
    tab.click("embeddings_replace")
    tab.read("mira is here")
    assert (folder / "mira.pt").read_bytes() == new.read_bytes()
    tab.page.locator("#embeddings_replace").wait_for(state="hidden")
    wait_until(lambda: "5 × 32" in tab.page.locator("#embeddings_facts").inner_text())

    tab.page.get_by_text("1 file can't be used").click()
    tab.page.locator("#embeddings_refused").get_by_text("half-copied.pt", exact=True).wait_for()
    tab.choose("embeddings_refused_chooser", "half-copied.pt")
    tab.page.keyboard.press("Escape")
    tab.picture("embeddings-refused")
    tab.click("embeddings_refused_delete")
    tab.read("half-copied.pt is in the trash")
    tab.page.locator("#embeddings_refused").wait_for(state="hidden")
    trash = tiny_server.data_dir / "trash"
    assert {path.name for path in trash.rglob("*.pt")} == {"mira.pt", "half-copied.pt"}


def test_two_embeddings_are_mixed_while_the_preview_follows(
    tiny_server: Server, new_tab: Callable[[Server], Tab]
) -> None:
    folder = tiny_server.data_dir / "embeddings"
    folder.mkdir(parents=True)
    write(folder / "mira.pt", rows=3)
    write(folder / "zoe-girl.pt", rows=2)
    tab = new_tab(tiny_server)
    tab.go_to("txt2img", "tabs")
    tab.page.locator("#txt2img_steps input[type=number]").fill("2")
    tab.go_to("Embeddings", "tabs")
    wait_until(lambda: "zoe-girl" in names_in_table(tab))

    choose(tab, "mira")
    tab.page.get_by_text("What each vector does").click()
    tab.click("embeddings_inspect")
    tab.page.locator("#embeddings_inspected").get_by_text("without vector 3").wait_for()
    tab.page.locator("#embeddings_lengths").get_by_text("×").first.wait_for()
    tab.picture("embeddings-inspector")

    tab.go_to("Mixer", "embeddings_tabs")
    tab.choose("mixer_embedding_1", "mira")
    tab.choose("mixer_embedding_2", "zoe-girl")
    picture = tab.page.locator("#mixer_preview img")
    picture.wait_for()
    first = picture.get_attribute("src")
    tab.page.locator("#mixer_weight_1 input[type=number]").fill("0.9")
    tab.page.locator("#mixer_weight_1 input[type=number]").press("Tab")
    wait_until(lambda: picture.get_attribute("src") != first)
    tab.click("mixer_add")
    tab.page.locator("#mixer_embedding_3").wait_for()
    tab.picture("mixer")

    tab.type("mixer_name", "mira-zoe")
    tab.click("mixer_save")
    tab.read("Saved mira-zoe, 64 % mira and 36 % zoe-girl")
    assert read_embedding(folder / "mira-zoe.pt").num_vectors == 3
    tab.page.set_viewport_size({"width": 420, "height": 800})
    tab.picture("mixer-narrow")
