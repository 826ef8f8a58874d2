"""The package is loaded by its place, in three files by the same lines."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

from traintab.paths import REPOSITORY_DIR

HOLDERS = ("extension.py", "scripts/traintab_tab.py", "tests/conftest.py")


def loader_of(path: Path) -> str:
    source = path.read_text()
    found = [
        ast.get_source_segment(source, node)
        for node in ast.parse(source).body
        if isinstance(node, ast.FunctionDef) and node.name == "load_traintab"
    ]
    assert len(found) == 1 and found[0] is not None, f"{path} holds no load_traintab"
    return found[0]


def run(program: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", program], cwd=folder, capture_output=True, text=True)


def test_the_three_loaders_are_equal() -> None:
    loaders = {loader_of(REPOSITORY_DIR / holder) for holder in HOLDERS}
    assert len(loaders) == 1


def test_a_host_that_owns_a_package_called_modules_keeps_it(tmp_path: Path) -> None:
    (tmp_path / "modules").mkdir()
    (tmp_path / "modules" / "errors.py").write_text("WHOSE = 'the host'")
    program = f"""
import runpy
runpy.run_path({str(REPOSITORY_DIR / "scripts" / "traintab_tab.py")!r})
import modules.errors, traintab.errors, traintab.paths
assert modules.errors.WHOSE == "the host"
assert traintab.errors.InputError.exit_status == 2
"""
    done = run(program, tmp_path)
    assert done.returncode == 0, done.stderr


def test_loading_twice_keeps_the_first_package(tmp_path: Path) -> None:
    script = str(REPOSITORY_DIR / "scripts" / "traintab_tab.py")
    program = f"""
import runpy, sys
runpy.run_path({script!r}); first = sys.modules["traintab"]
runpy.run_path({script!r})
assert sys.modules["traintab"] is first
"""
    done = run(program, tmp_path)
    assert done.returncode == 0, done.stderr


def test_hosts_find_one_script_and_no_package_called_modules() -> None:
    assert [path.name for path in (REPOSITORY_DIR / "scripts").glob("*.py")] == ["traintab_tab.py"]
    assert not (REPOSITORY_DIR / "modules" / "__init__.py").exists()
    folders = [path.name for path in (REPOSITORY_DIR / "modules").iterdir() if path.name != "__pycache__"]
    assert [name for name in folders if not name.endswith(".egg-info")] == ["traintab"]
