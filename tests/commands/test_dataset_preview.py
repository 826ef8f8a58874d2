"""`train --debug-dataset`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from traintab.commands.dataset_preview import report_preview
from traintab.commands.output import Output
from traintab.datasets.report import DatasetImage
from traintab.training.dataset_preview import DatasetPreview, PreviewedPicture, PreviewedPrompt


@pytest.fixture
def debug(line: Any, cat: Path, pictures: Path, tiny_model_dir: Path) -> Any:
    """`debug(…)` shows what a training of cat on the three pictures would see."""

    def run(*arguments: object) -> Any:
        given = ("--data", pictures, "--model", tiny_model_dir, "--debug-dataset", *arguments)
        return line("train", "cat", *given)

    return run


def test_people_read_prompts_and_marked_tokens(debug: Any, line: Any, pictures: Path, cat: Path) -> None:
    (pictures / "1 girl.txt").write_text("cat, a red hat", encoding="utf-8")
    before = cat.read_bytes()
    answer = debug("--template", "subject_filewords.txt")
    assert (answer.status, answer.err) == (0, "")
    lines = answer.out.splitlines()
    assert "3 pictures in" in lines[0]
    (first_id,) = {int(found) for found in re.findall(r"\[(\d+)\]", answer.out)}
    assert f"The tokens of cat: {first_id}, marked with brackets below." in lines
    assert "2/3 1 girl.png: 64 x 80 pixels, shown at 64 x 64" in lines
    assert "    caption (1 girl.txt): cat, a red hat" in lines
    assert "    caption (file name): girl" in lines
    assert sum(text.startswith("    prompt: ") for text in lines) == 3
    assert all("cat" in text for text in lines if text.startswith("    prompt: "))
    assert cat.read_bytes() == before
    assert not list(line.data_dir.glob("textual_inversion/*/*"))


def test_programs_read_a_line_for_each_picture(debug: Any, cat: Path) -> None:
    answer = debug("--json")
    first, *rest = answer.objects
    assert (first["event"], first["num_pictures"]) == ("dataset_preview", 3)
    (ids,) = first["placeholder_ids"]["clip_l"].values()
    assert [picture["event"] for picture in rest] == ["picture"] * 3
    picture = rest[0]
    assert (picture["caption"], picture["caption_source"]) == ("girl", "file name")
    assert (picture["width"], picture["height"], picture["repeats"]) == (64, 80, 1)
    assert (picture["shown_width"], picture["shown_height"]) == (64, 64)
    (prompt,) = picture["prompts"]
    assert prompt["is_shown"] and prompt["names"] == ["cat"]
    assert set(ids) <= set(prompt["token_ids"]["clip_l"][0])


def test_prompts_that_vary_are_examples(debug: Any) -> None:
    out = debug("--set", "caption_prefix={old|new}", "wildcards=on").out
    assert out.count("    for example: ") > 3
    assert "{" not in out.split("1/3")[1]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--set", "caption_extension=/"), "caption file extension is '/'"),
        (("--set", "keep_tags=-1", "caption_drop_out=2"), "Drop out whole captions is 2"),
        (("--set", "tag_separator="), "Tag separator is empty"),
        (("--set", "template_line=twice"), "as A1111, each time, per picture"),
    ],
)
def test_what_training_would_refuse_is_refused(debug: Any, arguments: tuple[str, ...], words: str) -> None:
    answer = debug(*arguments)
    assert (answer.status, answer.out) == (2, "")
    assert words in answer.err


def test_a_missing_embedding_is_told_with_the_command_that_makes_it(
    line: Any, pictures: Path, tiny_model_dir: Path
) -> None:
    answer = line("train", "dog", "--data", pictures, "--model", tiny_model_dir, "--debug-dataset")
    assert answer.status == 2
    assert "extension.py create dog" in answer.err


def preview(*chunks: dict[str, tuple[tuple[int, ...], ...]], is_shown: bool = True) -> DatasetPreview:
    """One picture with a prompt for each of these tokens by text encoder."""
    image = DatasetImage(path=Path("a.png"), caption="hat", content_hash="", width=9, height=8)
    prompts = tuple(
        PreviewedPrompt(text="a zq", chunks=each, names=("zq",), is_shown=is_shown) for each in chunks
    )
    return DatasetPreview(
        pictures=(PreviewedPicture(image=image, size=(64, 72), repeats=4, prompts=prompts),),
        placeholder_ids={name: {"zq": (9, 10)} for name in chunks[0]},
        capacity=75,
        varies=False,
        notices=("A notice.",),
    )


def test_text_encoders_that_agree_are_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    alike, other = ((1, 9, 10), (2,)), ((1, 9, 10, 3),)
    report_preview(preview({"clip_l": alike, "clip_g": alike}), Output())
    out = capsys.readouterr().out
    assert out.count("tokens") == 2
    assert "tokens (4 of 150): 1 [9] [10] | 2" in out
    assert "1/1 a.png: 9 x 8 pixels, shown at 64 x 72, 4 times an epoch" in out
    assert "The tokens of zq: 9 to 10, marked with brackets below." in out
    report_preview(preview({"clip_l": alike, "clip_g": other}), Output())
    assert "tokens in clip_g (4 of 75): 1 [9] [10] 3" in capsys.readouterr().out


def test_a_prompt_that_does_not_show_the_name_is_complained_of(capsys: pytest.CaptureFixture[str]) -> None:
    report_preview(preview({"clip_l": ((1,),)}, is_shown=False), Output())
    said = capsys.readouterr()
    assert "! This prompt doesn't show the embedding as a word of its own." in said.out
    assert said.err.startswith("1 picture has a prompt that doesn't show")
