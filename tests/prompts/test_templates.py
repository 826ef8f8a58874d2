from __future__ import annotations

from pathlib import Path

import pytest

from traintab.errors import TemplateError
from traintab.paths import REPOSITORY_DIR
from traintab.prompts.templates import Template, check_template, fill, find_templates, load_template

SHIPPED = REPOSITORY_DIR / "textual_inversion_templates"


def template(*lines: str) -> Template:
    return Template(name="mine.txt", lines=lines)


def test_every_line_is_a_prompt_and_blank_lines_are_dropped(tmp_path: Path) -> None:
    path = tmp_path / "mine.txt"
    path.write_text("\n  a photo of [name]  \n\n[name], [filewords]\r\n\n", encoding="utf-8")
    assert load_template(path) == template("a photo of [name]", "[name], [filewords]")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_templates_saved_by_any_editor_are_read(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "mine.txt"
    path.write_text("絵 [name]", encoding=encoding)
    assert load_template(path).lines == ("絵 [name]",)


def test_a_missing_template_is_named_in_the_error(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match=r"gone\.txt failed: No such file"):
        load_template(tmp_path / "gone.txt")


@pytest.mark.parametrize("data", [b"\xff\xfeo\xd8", b"\x81 [name]", b"a\0b\0", b"x" * (1 << 21)])
def test_a_file_that_is_not_text_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "mine.txt"
    path.write_bytes(data)
    with pytest.raises(TemplateError, match="Choose a text file saved as UTF-8"):
        load_template(path)


def test_a_template_that_is_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match="failed"):
        load_template(tmp_path)


@pytest.mark.parametrize("text", ["", "\n \n"])
def test_an_empty_template_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "mine.txt"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(TemplateError, match="is empty"):
        load_template(path)


def test_a_caption_may_hold_the_name() -> None:
    assert fill("photo, [filewords]", name="mira", filewords="[name] on a chair") == "photo, mira on a chair"


def test_every_occurrence_is_filled() -> None:
    assert fill("[name] [name] [filewords]", name="n", filewords="f") == "n n f"


def test_a_template_with_the_name_passes() -> None:
    check_template(template("a photo", "a photo of [name]"), uses_caption_name=False)


def test_a_template_without_the_name_is_refused() -> None:
    with pytest.raises(TemplateError, match=r"No line of the prompt template mine\.txt holds \[name\]"):
        check_template(template("a photo", "a picture"), uses_caption_name=True)


def test_captions_with_the_name_stand_in_for_it_where_the_template_shows_them() -> None:
    check_template(template("[filewords]"), uses_caption_name=True)
    with pytest.raises(TemplateError, match=r"or write \[name\] in the captions"):
        check_template(template("[filewords]"), uses_caption_name=False)


def test_the_users_templates_win_over_the_shipped_ones_and_all_are_sorted(tmp_path: Path) -> None:
    own, shipped = tmp_path / "own", tmp_path / "shipped"
    for folder in (own, shipped):
        folder.mkdir()
        (folder / "style.txt").write_text("[name]", encoding="utf-8")
    (shipped / "Alpha.txt").write_text("[name]", encoding="utf-8")
    (shipped / "notes.md").write_text("", encoding="utf-8")
    (shipped / ".hidden.txt").write_text("", encoding="utf-8")
    (shipped / "folder.txt").mkdir()
    found = find_templates([tmp_path / "missing", own, shipped])
    assert found == {"Alpha.txt": shipped / "Alpha.txt", "style.txt": own / "style.txt"}
    assert list(found) == ["Alpha.txt", "style.txt"]


def test_the_shipped_templates_are_a1111s_by_name_and_one_for_captions_that_say_it_all() -> None:
    assert list(find_templates([SHIPPED])) == [
        "filewords.txt",
        "none.txt",
        "style.txt",
        "style_filewords.txt",
        "subject.txt",
        "subject_filewords.txt",
    ]


@pytest.mark.parametrize("name", ["none", "style", "style_filewords", "subject", "subject_filewords"])
def test_every_line_of_a_shipped_template_shows_the_name(name: str) -> None:
    lines = load_template(SHIPPED / f"{name}.txt").lines
    assert all(line.count("[name]") == 1 for line in lines)
    assert all(line.count("[filewords]") == name.endswith("filewords") for line in lines)
    assert len(set(lines)) == len(lines) == {"none": 1, "style": 19, "subject": 27}[name.split("_")[0]]


def test_one_template_shows_captions_as_they_are() -> None:
    assert load_template(SHIPPED / "filewords.txt").lines == ("[filewords]",)
