"""Captions from metadata.jsonl."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from traintab.datasets.folders import DatasetFolder
from traintab.datasets.metadata import read_kohya_metadata, read_metadata
from traintab.datasets.report import scan, scan_folders
from traintab.errors import DatasetError
from traintab.prompts.captions import CaptionRules

RULES = CaptionRules()
# Half a character is among them, which JSON can write.
SIGNS = st.text(st.sampled_from("ab .\n\0\u2028\ud83d"), max_size=6)
KEYS = st.sampled_from(("text", "caption", "tags"))
PictureMaker = Callable[..., Path]


def write(folder: Path, text: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "metadata.jsonl").write_text(text, encoding="utf-8")


def test_captions_come_from_text_or_caption(tmp_path: Path) -> None:
    write(
        tmp_path,
        '{"file_name": "a.png", "text": " a red hat\\n on a head "}\n\n'
        '{"caption": "blue", "file_name": "deep/b.png"}\n{"file_name": "c.png", "label": 3}\n',
    )
    assert read_metadata(tmp_path) == {
        tmp_path / "a.png": "a red hat on a head",
        tmp_path / "deep/b.png": "blue",
    }


def test_a_folder_without_the_file_has_none(tmp_path: Path) -> None:
    assert read_metadata(tmp_path) == {}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{'file_name': 'a.png'}", "line 2 is no JSON"),
        ("[1]", "line 2 has no file_name"),
        ('{"text": "a hat"}', "line 2 has no file_name"),
        ('{"file_name": "a.png", "text": "blue"}', "line 2 names a.png again, with another caption"),
        ('{"file_name": "b.png", "text": "a \\ud83d"}', "line 2 holds a character that is none"),
        ('{"file_name": "b.png", "text": "a\\u0000"}', "line 2 holds a character that is none"),
        ('{"file_name": "\\udc00.png", "text": "a"}', "line 2 holds a character that is none"),
    ],
)
def test_a_broken_line_is_named(tmp_path: Path, line: str, said: str) -> None:
    write(tmp_path, '{"file_name": "a.png", "text": "red"}\n' + line)
    with pytest.raises(DatasetError, match=said):
        read_metadata(tmp_path)


@given(st.text() | st.binary().map(lambda data: data.decode("latin-1")) | st.just("[" * 200_000))
def test_whatever_a_file_holds_it_is_understood_or_refused(text: str) -> None:
    with TemporaryDirectory() as folder:
        for name, read in (("metadata.jsonl", read_metadata), ("meta.json", read_kohya_metadata)):
            path = Path(folder) / name
            path.write_text(text, encoding="utf-8", errors="surrogatepass", newline="")
            try:
                captions = read(path.parent) if read is read_metadata else read(path, path.parent)
            except DatasetError as error:
                assert str(path) in str(error)
            else:
                assert all(caption.encode("utf-8").decode() == caption for caption in captions.values())


@settings(max_examples=50)
@given(st.dictionaries(SIGNS, st.dictionaries(KEYS, SIGNS | st.none() | st.integers()), max_size=3))
def test_whatever_json_says_captions_are_lines_of_text_or_refused(pictures: dict[str, Any]) -> None:
    with TemporaryDirectory() as folder:
        kohyas, root = Path(folder) / "meta.json", Path(folder)
        kohyas.write_text(json.dumps(pictures), encoding="utf-8")
        lines = [json.dumps({"file_name": name, **entry}) for name, entry in pictures.items()]
        write(root, "\n".join(lines))
        for read in (lambda: read_metadata(root), lambda: read_kohya_metadata(kohyas, root)):
            with contextlib.suppress(DatasetError):
                captions = read()
                assert all(len(caption.splitlines()) <= 1 for caption in captions.values())
                assert "\0" not in "".join(captions.values()).encode("utf-8").decode("utf-8")


def test_what_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "metadata.jsonl").write_bytes(b"\x00\x01\x02")
    with pytest.raises(DatasetError, match=r"Reading the captions in .*metadata\.jsonl failed"):
        read_metadata(tmp_path)


def test_a_text_file_goes_before_metadata_and_metadata_before_the_file_name(
    make_picture: PictureMaker,
) -> None:
    folder = make_picture("a.png", "red").parent
    make_picture("b.png", "blue")
    make_picture("c.png", "green")
    (folder / "a.txt").write_text("own", encoding="utf-8")
    write(folder, '{"file_name": "a.png", "text": "noted a"}\n{"file_name": "b.png", "text": "noted b"}')
    report = scan(folder, RULES)
    assert [image.caption for image in report.images] == ["own", "noted b", "c"]
    assert [image.caption_source for image in report.images] == ["a.txt", "metadata.jsonl", "file name"]
    assert "Captions: 1 from caption files, 1 from metadata.jsonl, 1 from file names." in report.summary()


def test_the_nearest_metadata_counts(make_picture: PictureMaker) -> None:
    folder = make_picture("deep/a.png", "red").parent.parent
    make_picture("deep/b.png", "blue")
    write(folder, '{"file_name": "deep/a.png", "text": "far"}\n{"file_name": "deep/b.png", "text": "far b"}')
    write(folder / "deep", '{"file_name": "a.png", "text": "near"}')
    report = scan_folders([DatasetFolder(path=folder, subfolders=True)], RULES)
    assert [image.caption for image in report.images] == ["near", "far b"]


def test_pictures_that_it_names_and_nobody_finds_are_told(make_picture: PictureMaker) -> None:
    folder = make_picture("a.png").parent
    names = ("a", "b", "c", "/far/away/d", "../e")
    lines = [f'{{"file_name": "{name}.png", "text": "x"}}' for name in names]
    write(folder, "\n".join(lines))
    said = "names pictures that aren't there or can't be read: ../e.png, /far/away/d.png, b.png and 1 more."
    assert said in scan(folder, RULES).summary()


def test_kohyas_metadata_joins_caption_and_tags_and_knows_pictures_with_and_without_suffix(
    tmp_path: Path,
) -> None:
    file = tmp_path / "meta.json"
    file.write_text(
        '{"a": {"caption": "a\\nhat", "tags": "red, wool"}, "b.v2": {"tags": "blue"},'
        ' "/far/c.PNG": {"caption": "c"}, "d.png": {"train_resolution": [512, 512]}}',
        encoding="utf-8",
    )
    assert read_kohya_metadata(file, tmp_path / "p") == {
        tmp_path / "p/a": "a hat, red, wool",
        tmp_path / "p/b.v2": "blue",
        Path("/far/c"): "c",
    }


def test_a_metadata_file_of_kohyas_that_is_gone_or_holds_no_text_is_told(tmp_path: Path) -> None:
    file = tmp_path / "meta.json"
    with pytest.raises(
        DatasetError, match=r"meta\.json failed: No such file .* Correct metadata_file in the"
    ):
        read_kohya_metadata(file, tmp_path)
    file.write_text('{"a": {"caption": "a \\ud83d"}}', encoding="utf-8")
    with pytest.raises(DatasetError, match=r"that of 'a' holds a character that is none"):
        read_kohya_metadata(file, tmp_path)


@pytest.mark.parametrize("text", ["[]", '{"a": "hat"}', "{", ""])
def test_what_is_no_metadata_of_kohyas_is_told(tmp_path: Path, text: str) -> None:
    file = tmp_path / "meta.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(DatasetError, match=r"Reading the captions in .*meta\.json failed: line 1 begins no"):
        read_kohya_metadata(file, tmp_path)


def test_kohyas_metadata_goes_before_the_file_beside_the_picture(make_picture: PictureMaker) -> None:
    picture = make_picture("a.png", "red")
    make_picture("b.png", "blue").with_suffix(".txt").write_text("own", encoding="utf-8")
    picture.with_suffix(".txt").write_text("own", encoding="utf-8")
    file = picture.parent / "meta.json"
    file.write_text('{"a": {"caption": "listed"}}', encoding="utf-8")
    report = scan_folders([DatasetFolder(path=picture.parent, metadata_file=file)], RULES)
    assert [(image.caption, image.caption_source) for image in report.images] == [
        ("listed", "meta.json"),
        ("own", "b.txt"),
    ]


def test_a_caption_may_hold_any_sign_that_json_allows(tmp_path: Path) -> None:
    write(tmp_path, '{"file_name": "a.png", "text": "one\u2028two \x85 three"}\r\n')
    assert read_metadata(tmp_path) == {tmp_path / "a.png": "one two three"}


def test_a_file_may_be_as_large_as_many_pictures_need(tmp_path: Path) -> None:
    words = "red hat, " * 20
    lines = [f'{{"file_name": "{number}.png", "text": "{words}"}}' for number in range(10_000)]
    write(tmp_path, "\n".join(lines))
    assert len(read_metadata(tmp_path)) == 10_000
