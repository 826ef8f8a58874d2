"""Will every prompt show the embedding's name?"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from traintab.configs import DatasetConfig, TrainingConfig, replace_fields
from traintab.errors import DatasetError, TemplateError
from traintab.paths import Paths
from traintab.training.picture_checks import check_pictures, find_template

Write = Callable[[str], TrainingConfig]


@pytest.fixture
def with_template(pictures: Path, tmp_path: Path) -> Write:
    """The five pictures with a template of these lines."""

    def make(lines: str) -> TrainingConfig:
        path = tmp_path / "own.txt"
        path.write_text(lines, encoding="utf-8")
        return TrainingConfig(dataset=DatasetConfig(data_dir=str(pictures), template=str(path)))

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
