"""Will every prompt show the embedding's name?"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from traintab.configs import (
    CaptionsConfig,
    DatasetConfig,
    TrainingConfig,
    check,
    from_mapping,
    replace_fields,
)
from traintab.errors import ConfigError, DatasetError, TemplateError
from traintab.paths import Paths
from traintab.training.picture_checks import check_pictures, find_template

Write = Callable[[str], TrainingConfig]


@pytest.fixture
def with_template(pictures: Path, tmp_path: Path) -> Write:
    """The five pictures with a template of these lines."""

    def make(lines: str) -> TrainingConfig:
        path = tmp_path / "own.txt"
        path.write_text(lines, encoding="utf-8")
        return TrainingConfig(
            embedding_name="zq", dataset=DatasetConfig(data_dir=str(pictures), template=str(path))
        )

    return make


def test_a_template_without_the_name_is_told(with_template: Write, paths: Paths) -> None:
    with pytest.raises(TemplateError, match=r"own\.txt holds \[name\], so nothing would be learned"):
        check_pictures(with_template("a picture, [filewords]"), "zq", paths)


def test_captions_may_hold_the_name_instead(with_template: Write, paths: Paths, pictures: Path) -> None:
    (pictures / "red hat.txt").write_text("[name] in red", encoding="utf-8")
    report, rules, said = check_pictures(with_template("a picture, [filewords]"), "zq", paths)
    assert [image.path.name for image in report.images] == ["red hat.png"]
    assert rules.prompt("a picture, [filewords]", report.images[0].caption) == "a picture, zq in red"
    assert said.startswith("Left out, because the prompt would not show 'zq': black hat.png, blue hat.png")


def test_captions_that_never_show_the_name_are_told(
    with_template: Write, paths: Paths, pictures: Path
) -> None:
    # The template alone looks right: its only line with the name would need a caption nobody wrote.
    (pictures / "red hat.txt").write_text("[name]", encoding="utf-8")
    config = with_template("a picture of a hat")
    with pytest.raises(TemplateError, match="nothing would be learned"):
        check_pictures(config, "zq", paths)


def test_the_name_written_out_counts_as_well(with_template: Write, paths: Paths) -> None:
    report, _, said = check_pictures(with_template("a photo of ZQ\n"), "zq", paths)
    assert (len(report.images), said) == (5, "")


def test_a_picture_s_prompt_is_shown_where_the_name_is_missing(with_template: Write, paths: Paths) -> None:
    with pytest.raises(TemplateError, match=r"The prompt of black hat\.png, for one, would be 'a black hat'"):
        check_pictures(with_template("a [filewords]"), "zq", paths)


def test_another_word_for_the_embedding_is_asked_for(with_template: Write, paths: Paths) -> None:
    with pytest.raises(TemplateError, match="give that as Token string"):
        check_pictures(with_template("[filewords]"), "zq", paths)
    with pytest.raises(TemplateError, match="token string 'sks' would count as the name, but isn't there"):
        check_pictures(replace_fields(with_template("[filewords]"), {"token_string": "sks"}), "zq", paths)


def test_a_picture_left_out_is_told_with_its_prompt(
    with_template: Write, paths: Paths, pictures: Path
) -> None:
    (pictures / "red hat.txt").write_text("[name]", encoding="utf-8")
    _, _, said = check_pictures(with_template("[filewords] here"), "zq", paths)
    assert "The prompt of black hat.png, for one, would be 'black hat here'." in said


@pytest.mark.option("token_string")
def test_the_token_string_in_captions_is_the_name(with_template: Write, paths: Paths, pictures: Path) -> None:
    (pictures / "red hat.txt").write_text("sks in a sksy hat, SKS", encoding="utf-8")
    config = replace_fields(with_template("[filewords]"), {"token_string": "sks"})
    report, rules, _ = check_pictures(config, "zq", paths)
    assert [image.name for image in report.images] == ["red hat.png"]
    assert rules.prompt("[filewords]", report.images[0].caption) == "zq in a sksy hat, zq"


@pytest.mark.option("caption_extension")
def test_captions_of_another_extension_are_read(with_template: Write, paths: Paths, pictures: Path) -> None:
    for path in pictures.glob("*.png"):
        path.with_suffix(".caption").write_text("from kohya", encoding="utf-8")
    config = with_template("[name], [filewords]")
    report, _, said = check_pictures(config, "zq", paths)
    assert {image.caption for image in report.images} != {"from kohya"}
    assert "5 of 5 have a .caption file: to use these set Caption file extension to .caption" in said
    report, _, said = check_pictures(replace_fields(config, {"caption_extension": "caption"}), "zq", paths)
    assert ({image.caption for image in report.images}, said) == ({"from kohya"}, "")


@pytest.mark.parametrize("extension", ["png", ".JPG"])
def test_pictures_are_not_read_as_captions(with_template: Write, paths: Paths, extension: str) -> None:
    config = replace_fields(with_template("[name], [filewords]"), {"caption_extension": extension})
    with pytest.raises(ConfigError, match="the ending of pictures; expected that of text files") as caught:
        check_pictures(config, "zq", paths)
    assert caught.value.field == "caption_extension"


def test_captions_that_lie_there_unread_are_told_when_the_name_is_missing(
    with_template: Write, paths: Paths, pictures: Path
) -> None:
    for path in pictures.glob("*.png"):
        path.with_suffix(".caption").write_text("zq", encoding="utf-8")
    with pytest.raises(TemplateError, match=r"to use these set Caption file extension to \.caption\.$"):
        check_pictures(with_template("[filewords]"), "zq", paths)


def test_captions_in_an_old_encoding_are_told(with_template: Write, paths: Paths, pictures: Path) -> None:
    (pictures / "red hat.txt").write_bytes(b"caf\xe9")
    report, _, said = check_pictures(with_template("[name], [filewords]"), "zq", paths)
    assert "café" in [image.caption for image in report.images]
    assert "The captions of red hat.png are no UTF-8 and were read as Latin-1" in said


def test_a_token_string_that_stands_nowhere_is_told(with_template: Write, paths: Paths) -> None:
    config = replace_fields(with_template("[name], [filewords]"), {"token_string": "skz"})
    assert "'skz' stands in no caption" in check_pictures(config, "zq", paths)[2]


@pytest.mark.parametrize(
    ("fields", "caption", "template", "error", "words"),
    [
        (
            {},
            "a {b|c",
            "[name] [filewords]",
            DatasetError,
            r"'a \{b\|c' of red hat\.png has wildcards, but the b",
        ),
        (
            {},
            "{" * 4000,
            "[name] [filewords]",
            DatasetError,
            "at character 33 is inside too many others; close",
        ),
        ({"caption_prefix": "{"}, "a", "[name] [filewords]", ConfigError, "Caption prefix is '{'"),
        ({"caption_suffix": "{"}, "a", "[name] [filewords]", ConfigError, "Caption suffix is '{'"),
        ({}, "a", "[name] {a [filewords]", TemplateError, r"at character 8 is never closed; close it with }"),
    ],
)
def test_a_wildcard_that_is_never_closed_is_told(
    with_template: Write,
    paths: Paths,
    pictures: Path,
    fields: dict[str, str],
    caption: str,
    template: str,
    error: type[Exception],
    words: str,
) -> None:
    (pictures / "red hat.txt").write_text(caption, encoding="utf-8")
    config = replace_fields(with_template(template), fields)
    check_pictures(config, "zq", paths)
    with pytest.raises(error, match=words):
        check_pictures(replace_fields(config, {"wildcards": True}), "zq", paths)


def test_a_wildcard_of_a_class_picture_is_told_too(
    with_template: Write, paths: Paths, pictures: Path, tmp_path: Path
) -> None:
    classes = tmp_path / "classes"
    classes.mkdir()
    shutil.copy(pictures / "red hat.png", classes / "{girl.png")
    fields = {"wildcards": True, "class_data_dir": str(classes)}
    with pytest.raises(DatasetError, match=r"'{girl' of .*girl\.png has wildcards"):
        check_pictures(replace_fields(with_template("[name] [filewords]"), fields), "zq", paths)


def test_a_broken_regex_is_told_though_every_picture_has_a_caption_file(
    with_template: Write, paths: Paths, pictures: Path
) -> None:
    for path in pictures.glob("*.png"):
        path.with_suffix(".txt").write_text("hat", encoding="utf-8")
    config = replace_fields(with_template("[name], [filewords]"), {"filename_word_regex": "[a-"})
    with pytest.raises(ConfigError, match="Filename word regex") as caught:
        check_pictures(config, "zq", paths)
    assert caught.value.field == "filename_word_regex"


def test_a_wildcard_s_sign_is_no_token_string() -> None:
    check(CaptionsConfig(token_string="{zq}"))
    with pytest.raises(ConfigError, match=r"'a\}', but \{, \| and \} are signs of Wildcards") as caught:
        check(CaptionsConfig(token_string="a}", wildcards=True))
    assert caught.value.field == "token_string"


def test_a_separator_of_nothing_is_refused() -> None:
    with pytest.raises(ConfigError, match="Tag separator is empty") as caught:
        from_mapping(CaptionsConfig, {"tag_separator": ""})
    assert caught.value.field == "tag_separator"
    assert from_mapping(CaptionsConfig, {"tag_separator": " "}).tag_separator == " "


def test_a_missing_data_set_is_told(with_template: Write, paths: Paths, tmp_path: Path) -> None:
    config = replace_fields(with_template("[name]"), {"data_dir": str(tmp_path / "none")})
    with pytest.raises(DatasetError, match="doesn't exist"):
        check_pictures(config, "zq", paths)


@pytest.mark.parametrize("wanted", ["tiny.txt", "tiny"])
def test_a_template_is_found_by_its_name(template: Path, paths: Paths, wanted: str) -> None:
    assert find_template(wanted, paths) == template


def test_a_template_is_found_by_its_path(tmp_path: Path, paths: Paths) -> None:
    (tmp_path / "far.txt").write_text("[name]", encoding="utf-8")
    assert find_template(str(tmp_path / "far.txt"), paths) == tmp_path / "far.txt"


def test_shipped_templates_are_known(paths: Paths) -> None:
    assert find_template("subject_filewords", paths).name == "subject_filewords.txt"
