"""Lists of previews."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traintab.configs import PreviewConfig, TrainingConfig, replace_fields
from traintab.errors import ConfigError
from traintab.training.preview_prompts import PreviewLine, preview_lines, preview_pictures


def lines(text: str) -> tuple[PreviewLine, ...]:
    return preview_lines(PreviewConfig(preview_prompts=text))


def pictures(text: str = "", **fields: Any) -> list[Any]:
    config = replace_fields(TrainingConfig(embedding_name="cat"), {"preview_prompts": text, **fields})
    return preview_pictures(config, preview_lines(config.preview), "the last prompt")


def test_kohyas_flags_and_ours_set_the_same() -> None:
    kohya = "a [name] --n blurry, bad --w 512 --h 768 --d 42 --l 7.5 --s 28"
    ours = "a [name] --negative blurry, bad --width 512 --height 768 --seed 42 --cfg 7.5 --steps 28"
    expected = {
        "negative_prompt": "blurry, bad",
        "width": 512,
        "height": 768,
        "seed": 42,
        "guidance_scale": 7.5,
        "num_inference_steps": 28,
    }
    assert lines(kohya) == lines(ours) == (PreviewLine(prompt="a [name]", settings=expected),)


def test_empty_lines_and_comments_are_no_pictures() -> None:
    found = lines("# mine\n\nfirst\n   \n  # second\nthird --d 3\n")
    assert [line.prompt for line in found] == ["first", "third"]


def test_any_white_space_stands_between_a_setting_and_its_value() -> None:
    assert lines("a\t--w\t512  --d   3 ") == (PreviewLine(prompt="a", settings={"width": 512, "seed": 3}),)


def test_dashes_within_a_prompt_are_the_prompts() -> None:
    assert lines("a well-known cat -- really, 5--6")[0].prompt == "a well-known cat -- really, 5--6"


def test_a_sampler_may_have_its_old_name() -> None:
    (found,) = lines("x --sampler DPM++ 2M Karras")
    assert found.settings == {"sampler": "DPM++ 2M", "schedule_type": "Karras"}


@pytest.mark.parametrize(
    ("flag", "told"),
    [
        ("--q 3", "--q is no setting of a preview"),
        ("--w 510", "a multiple of 8"),
        ("--w", "--w has no value"),
        ("--s many", "'many'"),
        ("--l 900", "from 1 to 30"),
        ("--d -2", "Seed is -2"),
        ("--ss euler_z", "Sampling method"),
    ],
)
def test_a_mistake_is_told_with_its_line(flag: str, told: str) -> None:
    with pytest.raises(ConfigError, match="Preview prompt list, line 2: ") as caught:
        lines(f"good --w 512\nbad {flag}")
    assert told in str(caught.value)


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    file = tmp_path / "prompts.txt"
    file.write_text("fine\nx --h 1\n", "utf-8")
    config = PreviewConfig(preview_prompts="a --q 1 --w 9\nb --s 0", preview_prompts_file=str(file))
    with pytest.raises(ConfigError) as caught:
        preview_lines(config)
    told = str(caught.value).splitlines()
    assert [line.split(": ")[0] for line in told] == [
        "Preview prompt list, line 1",
        "Preview prompt list, line 1",
        "Preview prompt list, line 2",
        f"Preview prompt file {file}, line 2",
    ]


@given(st.text(alphabet=st.characters(blacklist_categories=("Cs",)), max_size=60))
def test_any_text_gives_pictures_or_a_sentence(text: str) -> None:
    try:
        found = pictures(text)
    except ConfigError as error:
        assert "line" in str(error)
    else:
        assert found and all(one.prompt for one in found)


@pytest.mark.option("preview_prompts_file")
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_the_files_pictures_come_after_the_lists(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "prompts.txt"
    file.write_text("[name] on the moon, 猫\n", encoding)
    found = pictures("first", preview_prompts_file=str(file))
    assert [one.prompt for one in found] == ["first", "cat on the moon, 猫"]


def test_a_file_without_prompts_that_is_gone_or_is_no_text_is_refused(tmp_path: Path) -> None:
    empty, binary = tmp_path / "empty.txt", tmp_path / "picture.png"
    empty.write_text("# nothing\n", "utf-8")
    binary.write_bytes(b"\x89PNG\xff\xfe\0")
    for path, told in (
        (empty, "holds no prompt"),
        (binary, "neither UTF-8 nor Latin-1 text"),
        (tmp_path / "gone.txt", "No such file"),
        (tmp_path, "can't be read"),
    ):
        with pytest.raises(ConfigError, match=told):
            preview_lines(PreviewConfig(preview_prompts_file=str(path)))


@pytest.mark.parametrize("name", ["prompts.json", "prompts.TOML"])
def test_kohyas_other_kinds_of_files_are_not_taken_for_prompts(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text('[{"prompt": "a cat"}]', "utf-8")
    with pytest.raises(ConfigError, match="read from a text file, one a line"):
        preview_lines(PreviewConfig(preview_prompts_file=str(tmp_path / name)))


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    huge = tmp_path / "huge.txt"
    huge.write_bytes(b"a\n" * (1 << 20))
    with pytest.raises(ConfigError, match="larger than 1 MiB"):
        preview_lines(PreviewConfig(preview_prompts_file=str(huge)))


@pytest.mark.option("preview_prompts")
def test_each_line_is_a_picture_with_the_fields_for_what_it_leaves_open() -> None:
    first, second = pictures(
        "[name] in rain --d 5\n--w 64 --n [name]-neg",
        preview_negative_prompt="not [name]",
        preview_seed=9,
        preview_steps=3,
        width=128,
    )
    assert (first.prompt, first.negative_prompt, first.seed) == ("cat in rain", "not cat", 5)
    assert (second.prompt, second.negative_prompt, second.seed) == ("the last prompt", "cat-neg", 9)
    assert (first.width, second.width, first.num_inference_steps) == (128, 64, 3)


@pytest.mark.option("preview_negative_prompt")
def test_the_name_stands_in_the_negative_prompt_too() -> None:
    (one,) = pictures(preview_prompt="a house", preview_negative_prompt="[name], blurry")
    assert (one.prompt, one.negative_prompt) == ("a house", "cat, blurry")


@pytest.mark.option("preview_width", "preview_height")
def test_previews_have_the_trainings_size_unless_they_have_their_own() -> None:
    (same,) = pictures(width=512, height=768)
    (own,) = pictures(width=512, height=768, preview_width=256, preview_height=320)
    assert (same.width, same.height, own.width, own.height) == (512, 768, 256, 320)
