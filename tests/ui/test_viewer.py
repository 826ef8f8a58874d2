"""The dialog for enlarged pictures, and the attributes by which they get there."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from traintab.paths import REPOSITORY_DIR
from traintab.ui.keys import keys_html
from traintab.ui.notify import _LINE
from traintab.ui.preview_timeline import _STAGE
from traintab.ui.viewer import attributes, viewer_html

SCRIPTS = "\n".join(path.read_text("utf-8") for path in sorted((REPOSITORY_DIR / "javascript").glob("*.js")))
PARTS = viewer_html() + keys_html() + _LINE + _STAGE


@given(st.text(max_size=60))
def test_any_text_comes_back_out_of_its_attribute(text: str) -> None:
    found: list[tuple[str, str | None]] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.extend(attrs)

    Reader().feed(f"<a{attributes(text=text, row=3, note=None)}>")
    assert found == [("data-text", html.unescape(html.escape(text))), ("data-row", "3")]


def test_every_button_and_field_says_what_it_is() -> None:
    for button in re.findall(r"<button[^>]*>[^<]*</button>", PARTS):
        assert "aria-label=" in button or re.search(r">\w{3,}<", button), button
    assert all("aria-label=" in field for field in re.findall(r'<input type="range"[^>]*>', PARTS))
    for title in re.findall(r'aria-labelledby="([^"]*)"', PARTS):
        assert f'id="{title}"' in PARTS


def test_the_scripts_and_the_page_know_each_other_by_the_same_names() -> None:
    """Classes are put together in the scripts, so each is looked for without its beginning too."""
    classes = {name for names in re.findall(r'class="([^"]*)"', PARTS) for name in names.split()}
    only_for_looks = {
        "traintab-viewer-head",
        "traintab-viewer-told",
        "traintab-keys-head",
        "traintab-keys",
        "traintab-stage-bar",
        "traintab-notify",
    }
    for name in classes - only_for_looks:
        short = re.sub(r"^traintab-(viewer-)?", "", name)
        assert name in SCRIPTS or f'"{short}"' in SCRIPTS, name


def test_what_the_scripts_share_is_loaded_before_them_and_written_once() -> None:
    """Web UIs load the files by the order of their names."""
    texts = {path.name: path.read_text("utf-8") for path in (REPOSITORY_DIR / "javascript").iterdir()}
    first = min(texts)
    assert "window.trainTab = {" in texts[first]
    assert [
        name for name, text in texts.items() if "shadowRoot" in text or "navigator.clipboard" in text
    ] == [first]


def test_no_script_is_long() -> None:
    lengths = {
        path.name: len(path.read_text("utf-8").splitlines())
        for path in (REPOSITORY_DIR / "javascript").iterdir()
    }
    assert max(lengths.values()) <= 300, lengths
