"""Addresses by which a browser gets the files of the log and outputs directories."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from .gradio_compat import api_prefix

__all__ = ["file_route", "file_url"]


def file_url(path: Path) -> str:
    """The address of a file, relative to the page's own so that it holds behind a proxy's subfolder too.

    It needs no escaping in HTML. A file that was written again has another address, so that no browser shows
    the old one; a file that isn't there has one too, under which nothing is found. gradio serves what lies
    below the folders that the page was launched with, and refuses everything else.
    """
    where = quote(path.absolute().as_posix(), errors="surrogateescape")
    try:
        version = f"?v={path.stat().st_mtime_ns:x}"
    except OSError:
        version = ""
    return f"{file_route()}{where}{version}"


def file_route() -> str:
    """What stands before a file's path in its address: newer gradio has a prefix for all it serves."""
    prefix = api_prefix()
    return f"{prefix}/file=" if prefix else "file="
