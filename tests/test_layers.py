"""Imports go downward only; each layer knows what lies below it and nothing else."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from traintab.paths import PACKAGE_DIR, REPOSITORY_DIR

# From the bottom up; the parts of one line don't import each other.
LAYERS = (
    ("errors",),
    ("file_lock", "files", "paths", "pictures"),
    ("configs", "prompts", "schedules"),
    ("embeddings", "models"),
    ("conditioning", "datasets"),
    ("preprocessing", "sampling", "training"),
    ("demo", "hosts", "jobs"),
    (
        "answers",
        "device_loan",
        "drawing",
        "examples",
        "folder_checking",
        "job_progress",
        "measured_paces",
        "memory_watch",
        "model_slot",
        "presets",
        "remembered",
        "train_command",
    ),
    (
        "folder_checking",
        "installations_in_use",
        "preprocessing_job",
        "resuming",
        "run_history",
        "selected_model",
        "training_job",
        "training_queue",
        "training_requests",
    ),
    ("grids",),
    ("likeness",),
    ("grid_scoring",),
    ("studio",),
    ("checks", "ui"),
    ("commands", "registration"),
    ("cli",),
)
LEVEL = {part: level for level, parts in enumerate(LAYERS) for part in parts}
STANDARD_LIBRARY_ONLY = ("checks", "configs", "errors", "file_lock", "files", "paths", "prompts", "schedules")
ALSO_ALLOWED = {"configs": {"yaml"}}
# Heavy or foreign imports, and the only places that may have them.
ONLY_IN = {
    "gradio": ("ui/",),
    "modules": ("hosts/webui.py",),
    "launch": ("hosts/webui.py",),
    "diffusers": ("models/", "sampling/", "demo/"),
    "transformers": ("models/", "demo/"),
    "onnxruntime": ("models/onnx_sessions.py",),
    "rembg": ("preprocessing/background_rembg.py",),
}


def sources() -> list[Path]:
    return sorted(path for path in PACKAGE_DIR.rglob("*.py") if path != PACKAGE_DIR / "__init__.py")


def place_of(path: Path) -> str:
    return path.relative_to(PACKAGE_DIR).as_posix()


def part_of(path: Path) -> str:
    return path.relative_to(PACKAGE_DIR).parts[0].removesuffix(".py")


def imports_of(path: Path) -> Iterator[tuple[int, str]]:
    """Line and absolute dotted name of every import, those inside functions too."""
    package = ("traintab", *path.relative_to(PACKAGE_DIR).parent.parts)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join([*start, *([node.module] if node.module else [])])
            names = [alias.name for alias in node.names] if module == "traintab" else []
            yield from ((node.lineno, f"{module}.{name}") for name in names)
            if not names:
                yield node.lineno, module


def upward(path: Path) -> list[str]:
    """What `path` imports of ours from its own level or above, outside its own part."""
    found = []
    for line, name in imports_of(path):
        names = name.split(".")
        if names[0] != "traintab" or len(names) < 2 or names[1].startswith("__"):
            continue
        if names[1] != part_of(path) and LEVEL[names[1]] >= LEVEL[part_of(path)]:
            found.append(f"{place_of(path)}:{line} imports {name}")
    return found


def test_every_part_of_the_package_has_its_layer() -> None:
    assert {part_of(path) for path in sources()} <= set(LEVEL)


def test_imports_go_downward_only() -> None:
    assert [line for path in sources() for line in upward(path)] == []


def test_the_demo_is_known_to_the_command_line_alone() -> None:
    found = [
        f"{place_of(path)}:{line}"
        for path in sources()
        for line, name in imports_of(path)
        if name.startswith("traintab.demo") and part_of(path) not in ("cli", "commands", "demo")
    ]
    assert found == []


def test_our_own_modules_are_imported_relatively() -> None:
    found = [
        f"{place_of(path)}:{node.lineno}"
        for path in sources()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.level == 0 and (node.module or "").startswith("traintab")
    ]
    assert found == []


@pytest.mark.parametrize("part", STANDARD_LIBRARY_ONLY)
def test_the_lowest_layers_need_the_standard_library_only(part: str) -> None:
    allowed = set(sys.stdlib_module_names) | {"traintab"} | ALSO_ALLOWED.get(part, set())
    found = [
        f"{place_of(path)}:{line} imports {name}"
        for path in sources()
        if part_of(path) == part
        for line, name in imports_of(path)
        if name.split(".")[0] not in allowed
    ]
    assert found == []


@pytest.mark.parametrize("library", ONLY_IN)
def test_a_library_is_imported_in_its_place_only(library: str) -> None:
    found = [
        f"{place_of(path)}:{line} imports {name}"
        for path in sources()
        for line, name in imports_of(path)
        if name.split(".")[0] == library and not place_of(path).startswith(ONLY_IN[library])
    ]
    assert found == []


def test_every_package_tells_its_rule() -> None:
    untold = [
        place_of(path)
        for path in sources()
        if path.name == "__init__.py" and not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert untold == []


def test_no_module_has_a_name_that_could_mean_anything() -> None:
    vague = {"utils", "util", "common", "helpers", "helper", "shared", "core", "base", "misc"}
    found = [place_of(path) for path in sources() if path.stem in vague or path.parent.name in vague]
    assert found == []


def imported_by(program: str) -> set[str]:
    """The heavy libraries that are loaded after running `program` in a fresh process."""
    loader = f"import runpy; runpy.run_path({str(REPOSITORY_DIR / 'scripts' / 'traintab_tab.py')!r})"
    heavy = "{'torch', 'diffusers', 'transformers', 'gradio', 'numpy', 'PIL', 'cv2'}"
    script = f"{loader}\n{program}\nimport sys; print(*({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.splitlines()[-1].split())


def test_importing_the_package_loads_nothing_heavy() -> None:
    assert imported_by("import traintab, traintab.errors, traintab.configs, traintab.paths") == set()


def test_the_command_line_starts_without_torch_and_gradio() -> None:
    assert (
        imported_by("import traintab.cli, traintab.checks") & {"torch", "diffusers", "transformers", "gradio"}
        == set()
    )
