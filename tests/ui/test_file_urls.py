"""Addresses of files."""

from __future__ import annotations

import html
import os
from pathlib import Path
from urllib.parse import unquote

from hypothesis import given
from hypothesis import strategies as st

from traintab.ui.file_urls import file_route, file_url

NAMES = st.text(min_size=1, max_size=40).filter(lambda name: "\0" not in name and "/" not in name)


@given(NAMES)
def test_any_name_stands_in_html_as_it_is_and_leads_back_to_its_file(name: str) -> None:
    path = Path("/log") / name
    url = file_url(path)
    assert html.escape(url, quote=True) == url and url.isascii()
    assert unquote(url.removeprefix(file_route()), errors="surrogateescape") == path.as_posix()


def test_a_file_that_was_written_again_has_another_address(tmp_path: Path) -> None:
    path = tmp_path / "mira-10.png"
    missing = file_url(path)
    path.write_bytes(b"old")
    os.utime(path, ns=(1, 1))
    old = file_url(path)
    os.utime(path, ns=(2, 2))
    assert len({missing, old, file_url(path)}) == 3
    assert old.partition("?")[0] == missing


def test_the_address_is_where_gradio_serves_files(tmp_path: Path, build: object) -> None:
    """Asked of gradio's own server, because its route is what differs between versions."""
    import gradio as gr
    from fastapi.testclient import TestClient
    from gradio.routes import App

    (tmp_path / "a b#1?é 50%.png").write_bytes(b"picture")
    (tmp_path.parent / "elsewhere.png").write_bytes(b"secret")

    def make() -> App:
        with gr.Blocks() as blocks:
            gr.HTML()
        blocks.allowed_paths, blocks.blocked_paths = [str(tmp_path)], []
        return App.create_app(blocks)

    client = TestClient(build(make))  # type: ignore[operator]
    assert client.get(f"/{file_url(tmp_path / 'a b#1?é 50%.png')}").content == b"picture"
    assert client.get(f"/{file_url(tmp_path.parent / 'elsewhere.png')}").status_code == 403
