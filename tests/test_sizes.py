"""What keeps the code readable: small files, small functions, few parameters, narrow excepts."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from traintab.paths import PACKAGE_DIR, REPOSITORY_DIR

FILE_LINES = 300
FUNCTION_LINES = 40
PARAMETERS = 6
# Any exception becomes a sentence at these boundaries only: a job (loading a model is one), the command
# line, a panel (the tab in a web UI is one, which must start without us), and the web UI's own code.
BOUNDARIES = (
    "modules/traintab/jobs/",
    "modules/traintab/model_slot.py",
    "modules/traintab/cli.py",
    "modules/traintab/ui/",
    "modules/traintab/hosts/webui_model.py",
    "scripts/traintab_tab.py",
)

Function = ast.FunctionDef | ast.AsyncFunctionDef


def sources() -> list[Path]:
    roots = (REPOSITORY_DIR / "extension.py", REPOSITORY_DIR / "install.py")
    folders = (PACKAGE_DIR, REPOSITORY_DIR / "scripts", REPOSITORY_DIR / "benchmarks")
    return [*roots, *sorted(path for folder in folders for path in folder.rglob("*.py"))]


def place_of(path: Path) -> str:
    return path.relative_to(REPOSITORY_DIR).as_posix()


def nodes(*kinds: type[ast.AST]) -> Iterator[tuple[str, ast.AST]]:
    """Every node of these kinds with its `file:line`."""
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, kinds):
                yield f"{place_of(path)}:{getattr(node, 'lineno', 1)}", node


def functions() -> Iterator[tuple[str, Function]]:
    for place, node in nodes(ast.FunctionDef, ast.AsyncFunctionDef):
        assert isinstance(node, Function)
        yield f"{place} {node.name}", node


def parameters_of(function: Function) -> int:
    arguments = function.args
    names = [each.arg for each in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]
    extra = sum(each is not None for each in (arguments.vararg, arguments.kwarg))
    return len([name for name in names if name not in ("self", "cls")]) + extra


@pytest.mark.parametrize("folder", ["modules", "tests", "scripts", "benchmarks", "."])
def test_files_have_at_most_300_lines(folder: str) -> None:
    start = REPOSITORY_DIR / folder
    paths = start.glob("*.py") if folder == "." else start.rglob("*.py")
    lengths = {place_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in paths}
    assert {place: length for place, length in lengths.items() if length > FILE_LINES} == {}


def test_functions_have_at_most_40_lines() -> None:
    lengths = {place: (node.end_lineno or 0) - node.lineno + 1 for place, node in functions()}
    assert {place: length for place, length in lengths.items() if length > FUNCTION_LINES} == {}


def test_functions_have_at_most_6_parameters() -> None:
    counts = {place: parameters_of(node) for place, node in functions()}
    assert {place: count for place, count in counts.items() if count > PARAMETERS} == {}


def test_nothing_is_global() -> None:
    assert [place for place, _ in nodes(ast.Global)] == []


def is_broad(handler: ast.ExceptHandler) -> bool:
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(each is None or ast.unparse(each) in ("Exception", "BaseException") for each in caught)


def test_broad_excepts_stand_at_the_boundaries_only() -> None:
    found = [
        place
        for place, node in nodes(ast.ExceptHandler)
        if isinstance(node, ast.ExceptHandler) and is_broad(node) and not place.startswith(BOUNDARIES)
    ]
    assert found == []


def test_no_error_is_passed_over_in_silence() -> None:
    found = [
        place
        for place, node in nodes(ast.ExceptHandler)
        if isinstance(node, ast.ExceptHandler) and all(isinstance(line, ast.Pass) for line in node.body)
    ]
    assert found == []
