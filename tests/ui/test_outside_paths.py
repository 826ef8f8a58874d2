"""Which texts name something outside the folders of a public page."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from traintab.ui.outside_paths import OutsidePaths


@pytest.mark.parametrize(
    "text",
    [
        "/etc/passwd",
        "~/pictures",
        "~root/pictures",
        "../secrets",
        "pictures/../../secrets",
        "..",
        "2 x /etc",
        "first line\n/etc/x",
        "<lora:/etc/x:1>",
        "--data=/etc",
        "a\x00/../b",
        "//etc/passwd",
        "///etc",
        "file:///etc/passwd",
        "<lora://etc/x:1>",
        "/x, <lora:/etc/x:1>",
        "folder=../x",
        "/",
        "/.",
        "2 x /",
        "~",
        "~root",
        "mira\n/\nben",
    ],
)
def test_a_path_that_leads_out_is_found_wherever_it_stands(tmp_path: Path, text: str) -> None:
    outside = OutsidePaths([tmp_path])
    for value in (text, {"data": [1, None, {"prompt": text}]}, {text: 1}, [json.dumps({"a": [text]})]):
        assert outside.first_in(value) == text, value


@pytest.mark.parametrize(
    "text",
    [
        "a photo of mira and/or a cat",
        "/imagine a cat",
        "(red hat:1.2), 1/2 profile, 24/7",
        "[cat:dog:0.5] ... and so on..",
        "hair / eyes",
        "runwayml/stable-diffusion-v1-5",
        "0.005:100, 1e-3",
        "smile ~ grin",
        "a tired face :/",
        r"mira \(a girl\), \(hat\)",
        "look at https://example.org/etc/x",
        "data:image/jpeg;base64,/9j/4AAQSkZJRgABAQ==",
        "[not json",
        "",
    ],
)
def test_prompts_and_names_are_no_paths(tmp_path: Path, text: str) -> None:
    assert OutsidePaths([tmp_path]).first_in({"data": [text]}) == ""


def test_the_folders_of_the_page_may_be_named_and_links_out_of_them_not(tmp_path: Path) -> None:
    outside = OutsidePaths([tmp_path])
    (tmp_path / "link").symlink_to("/etc")
    assert outside.first_in([str(tmp_path), f"{tmp_path}/new folder", f"3 x {tmp_path}/a"]) == ""
    assert outside.first_in(f"{tmp_path}/link/passwd") == f"{tmp_path}/link/passwd"
    assert outside.first_in(f"{tmp_path}-other") == f"{tmp_path}-other"


def test_a_new_folder_is_a_path_where_it_could_be_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = OutsidePaths([tmp_path])
    monkeypatch.setattr("os.access", lambda *_: True)
    assert outside.first_in("/not-there-yet/pictures") == "/not-there-yet/pictures"
    monkeypatch.setattr("os.access", lambda *_: False)
    assert outside.first_in("/not-there-yet/pictures") == ""


def test_json_in_json_is_read_behind_spaces_too(tmp_path: Path) -> None:
    assert OutsidePaths([tmp_path]).first_in(' {"a": "\\/etc\\/x"}') == "/etc/x"


def test_an_uploaded_file_is_named_as_gradio_does_and_in_no_field(tmp_path: Path) -> None:
    outside = OutsidePaths([tmp_path / "data"], [tmp_path / "uploads"])
    sent, meta = str(tmp_path / "uploads" / "a.toml"), {"_type": "gradio.FileData"}
    url = f"http://studio.lan:7860/gradio_api/file={sent}"
    assert outside.first_in({"data": [{"path": sent, "url": url, "meta": meta}]}) == ""
    for value in (
        sent,
        {"path": sent},
        {"folders": {"dataset_config": sent, "meta": meta}},
        [json.dumps([sent])],
    ):
        assert outside.first_in(value) == sent, value
    assert outside.first_in({"path": "/etc/passwd", "meta": meta}) == "/etc/passwd"


def test_a_text_that_would_take_long_to_look_through_is_refused(tmp_path: Path) -> None:
    text = ",/" * 100_000
    assert OutsidePaths([tmp_path]).first_in([text]) == text
    assert OutsidePaths([tmp_path]).first_in([",/" * 900]) == ""


def test_what_is_nested_beyond_reason_is_refused(tmp_path: Path) -> None:
    value: object = "x"
    for _ in range(100):
        value = [value]
    with pytest.raises(ValueError, match="nested"):
        OutsidePaths([tmp_path]).first_in(value)
