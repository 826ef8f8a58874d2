"""Makes docs/options.md from the options themselves and from the tests that show what each one changes.

`python tests/options_page.py` in the project's environment writes it anew. A test names its options with
`@pytest.mark.option("field", …)`.
"""

from __future__ import annotations

import ast
import importlib.util
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from traintab.configs import Option

REPOSITORY = Path(__file__).resolve().parent.parent
PAGE = REPOSITORY / "docs" / "options.md"
_INTRODUCTION = """# Every setting

Those of a new embedding are the fields of *Create embedding* and the flags of `extension.py create`. Of a
training one declaration each gives the page its field, `run.yaml` its line and the command line its
`--set FIELD=VALUE`; some have a flag of their own, which `extension.py train --help` tells. Those of
*Preprocess images* are flags of `extension.py preprocess`: `--field-name`. From Python they are the fields of
`CreateConfig` and of the parts of `TrainingConfig` and `PreprocessConfig`. This page is made from them by
`tests/options_page.py`; the last column is a test which shows that the result, or what the model sees,
changes with the setting.
"""
_TITLES = {"": "The run", "create": "A new embedding", "preprocess": "Preprocess images"}
_MARK, PREPROCESS_MARK = "option", "preprocess_option"


def shown_by(mark: str = _MARK) -> dict[str, list[str]]:
    """Field to the tests marked with it by `mark`, as `folder/test_file.py::test_name`."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted((REPOSITORY / "tests").rglob("test_*.py")):
        place = path.relative_to(REPOSITORY / "tests").as_posix()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                for field in _marked(node, mark):
                    found[field].append(f"{place}::{node.name}")
    return found


def _marked(function: ast.FunctionDef, mark: str) -> Iterator[str]:
    for decorator in function.decorator_list:
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == f"pytest.mark.{mark}":
            yield from (str(value.value) for value in decorator.args if isinstance(value, ast.Constant))


def page() -> str:
    """The text of docs/options.md."""
    from traintab.configs import CreateConfig, PreprocessConfig, TrainingConfig

    return "\n".join(
        [
            _INTRODUCTION,
            *_sections(CreateConfig, "create", _MARK),
            *_sections(TrainingConfig, "", _MARK),
            *_sections(PreprocessConfig, "preprocess", PREPROCESS_MARK),
        ]
    )


def _sections(config_type: type, own_part: str, mark: str) -> Iterator[str]:
    """A table for each part of a config; `own_part` is what the fields outside any part are called."""
    from traintab.configs import all_options

    tests, parts = shown_by(mark), defaultdict(list)
    for declared in all_options(config_type).values():
        parts[declared.part or own_part].append(declared)
    before = f"{_TITLES[own_part]}: " if mark == PREPROCESS_MARK else ""
    for part, options in parts.items():
        title = _TITLES.get(part) or before + part.replace("_", " ").capitalize()
        rows = [_row(declared, tests.get(declared.name, [])) for declared in options]
        head = "| field | on the page | what it does | default | shown by |\n|---|---|---|---|---|"
        yield f"## {title}\n\n{head}\n" + "\n".join(rows) + "\n"


def _row(declared: Option, tests: list[str]) -> str:
    cells = [
        f"`{declared.name}`",
        declared.label.rstrip("."),
        f"{declared.help}{_accepted(declared)}",
        _default(declared),
        f"`{tests[0]}`" if tests else "none yet",
    ]
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def _accepted(declared: Option) -> str:
    if declared.choices:
        return f" One of: {', '.join(declared.choices)}."
    if declared.minimum is not None and declared.maximum is not None:
        unit = f" {declared.unit}" if declared.unit else ""
        return f" From {declared.minimum:g} to {declared.maximum:.10g}{unit}."
    return ""


def _default(declared: Option) -> str:
    if declared.type is bool:
        return "on" if declared.default else "off"
    named = {"": "empty", None: "empty", " ": "a space"}
    return named.get(declared.default, f"{declared.default}")


def _load_package() -> None:
    """Know the package as `traintab`, as extension.py does."""
    place = REPOSITORY / "modules" / "traintab"
    spec = importlib.util.spec_from_file_location(
        "traintab", place / "__init__.py", submodule_search_locations=[str(place)]
    )
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["traintab"] = module
    spec.loader.exec_module(module)


if __name__ == "__main__":
    _load_package()
    PAGE.write_text(page(), encoding="utf-8")
