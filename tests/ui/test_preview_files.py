"""Finding the previews of a run."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from traintab.ui import preview_files
from traintab.ui.preview_files import Preview, PreviewFiles

INFOTEXT = (
    "a photo of mira\nNegative prompt: blurry\nSteps: 8, Sampler: DDIM, CFG scale: 7, Seed: 42, Size: 64x32"
)


def made_run(folder: Path, name: str = "mira") -> Path:
    (folder / "images").mkdir(parents=True)
    (folder / "state").mkdir()
    told = {"embedding_name": name, "status": "unfinished", "started": ""}
    (folder / "state" / "status.json").write_text(json.dumps(told))
    return folder


def drawn(run: Path, name: str, infotext: str = INFOTEXT) -> Path:
    chunks = PngInfo()
    chunks.add_itxt("parameters", infotext)
    path = run / "images" / name
    Image.new("RGB", (64, 32)).save(path, pnginfo=chunks)
    return path


def test_previews_come_in_the_order_of_steps_and_prompts_with_how_they_were_drawn(tmp_path: Path) -> None:
    run = made_run(tmp_path)
    for name in ("mira-100.png", "mira-20-2.png", "mira-20.png", "mira-100-10.png", "mira-100-2.png"):
        drawn(run, name)
    found = PreviewFiles().of(run)
    assert [(one.step, one.number) for one in found] == [(20, 1), (20, 2), (100, 1), (100, 2), (100, 10)]
    assert found[0].prompt == "a photo of mira"
    assert found[0].facts == "Seed 42, 8 sampling steps, DDIM, CFG 7, 64x32, negative prompt: blurry"


def test_what_another_program_left_out_is_a_dash(tmp_path: Path) -> None:
    run = made_run(tmp_path)
    drawn(run, "mira-1.png", "mira\nSteps: 8, Seed: 42, Size: 64x32")
    assert PreviewFiles().of(run)[0].facts == "Seed 42, 8 sampling steps, –, CFG –, 64x32"


def test_names_that_end_in_numbers_are_told_apart(tmp_path: Path) -> None:
    run = made_run(tmp_path, "mira-2")
    for name in ("mira-2-500.png", "mira-2-500-3.png", "mira-7.png", "mira-2-500.txt", "other-2-500.png"):
        drawn(run, name) if name.endswith("png") else (run / "images" / name).write_text("")
    assert [(one.step, one.number) for one in PreviewFiles().of(run)] == [(500, 1), (500, 3)]


def test_pictures_that_tell_nothing_or_are_broken_are_shown_without_words(tmp_path: Path) -> None:
    run = made_run(tmp_path)
    Image.new("RGB", (8, 8)).save(run / "images" / "mira-1.png")
    (run / "images" / "mira-2.png").write_bytes(b"broken")
    assert [(one.prompt, one.facts) for one in PreviewFiles().of(run)] == [("", ""), ("", "")]


def test_a_folder_that_is_no_run_has_none(tmp_path: Path) -> None:
    assert PreviewFiles().of(tmp_path) == () and PreviewFiles().of(tmp_path / "gone") == ()


def test_a_picture_is_read_once_and_again_when_it_was_drawn_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Path] = []
    real = preview_files.read_infotext
    monkeypatch.setattr(preview_files, "read_infotext", lambda path: read.append(path) or real(path))
    run, files = made_run(tmp_path), PreviewFiles()
    path = drawn(run, "mira-1.png")
    files.of(run), files.of(run)
    assert read == [path]
    drawn(run, "mira-1.png", INFOTEXT.replace("mira", "nora"))
    os.utime(path, ns=(5, 5))
    (again,) = files.of(run)
    assert again == Preview(path=path, step=1, prompt="a photo of nora", facts=again.facts)
    assert len(read) == 2


def test_of_very_many_steps_the_newest_are_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preview_files, "_MOST_STEPS", 3)
    run = made_run(tmp_path)
    for step in range(6):
        drawn(run, f"mira-{step}.png")
        drawn(run, f"mira-{step}-2.png")
    assert [one.step for one in PreviewFiles().of(run)] == [3, 3, 4, 4, 5, 5]
