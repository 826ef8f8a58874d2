"""Web UIs replace two functions that read files; nothing of ours that runs there calls them."""

from __future__ import annotations

import ast

import pytest

from traintab.paths import PACKAGE_DIR

REPLACED = {"torch": "load", "safetensors.torch": "load_file"}


def calls(source: str) -> list[int]:
    """Lines that name `torch.load`, or `load_file` of anything."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute):
            is_torchs = isinstance(node.value, ast.Name) and node.value.id == "torch" and node.attr == "load"
            found += [node.lineno] if is_torchs or node.attr == "load_file" else []
        if isinstance(node, ast.ImportFrom):
            replaced = REPLACED.get(node.module or "")
            found += [node.lineno for alias in node.names if alias.name == replaced]
    return found


@pytest.mark.parametrize(
    "source",
    [
        "torch.load(path)",
        "from torch import load",
        "from safetensors.torch import load_file",
        "st.load_file(x)",
    ],
)
def test_each_way_to_call_them_is_found(source: str) -> None:
    assert calls(source) == [1]


def test_no_file_is_read_through_what_web_uis_replace() -> None:
    demo = PACKAGE_DIR / "demo"  # its builder, which no web UI runs
    sources = [path for path in PACKAGE_DIR.rglob("*.py") if not path.is_relative_to(demo)]
    assert len(sources) > 300
    found = {str(path.relative_to(PACKAGE_DIR)): calls(path.read_text("utf-8")) for path in sources}
    assert {path: lines for path, lines in found.items() if lines} == {}
