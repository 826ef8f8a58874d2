from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from traintab import checks
from traintab.paths import REPOSITORY_DIR


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, Any]]:
    """What the demo's programs were called with; they take hours."""
    calls: dict[str, dict[str, Any]] = {}

    def pretend(name: str, *positional: str, answer: Any = None) -> None:
        def program(*values: Any, **details: Any) -> Any:
            calls[name] = {**dict(zip(positional, values, strict=True)), **details}
            return answer

        module = ModuleType(f"traintab.demo.{name}")
        setattr(module, name, program)
        monkeypatch.setitem(sys.modules, module.__name__, module)

    pretend("build", "work_dir")
    pretend("evaluate", "model_dir", "output", answer={"psnr": float("nan")})
    pretend("draw", "output")
    return calls


def test_build_resumes_from_the_cache(line: Any, called: dict[str, Any]) -> None:
    assert line("demo", "build").status == 0
    assert called["build"]["work_dir"] == line.data_dir / "cache" / "demo"
    assert "hours" not in called["build"]
    line("demo", "build", "--hours", "1.5", "--work-dir", "elsewhere")
    assert (called["build"]["work_dir"], called["build"]["hours"]) == (Path("elsewhere"), 1.5)


def test_evaluate_takes_concepts_and_seeds_from_outside(line: Any, called: dict[str, Any]) -> None:
    answer = line("demo", "evaluate", "--concepts", "a.yaml", "--seeds", 1, 2, "--json")
    assert called["evaluate"]["concepts"] == Path("a.yaml")
    assert called["evaluate"]["seeds"] == (1, 2)
    page = REPOSITORY_DIR / "docs" / "demo-model.md"
    assert called["evaluate"]["output"] == page
    assert answer.objects == [{"event": "demo_evaluated", "path": str(page), "psnr": None}]


def test_draw_draws_as_many_as_asked(line: Any, called: dict[str, Any]) -> None:
    assert line("demo", "draw", "--count", 3, "--seed", 7, "--out", "here").status == 0
    assert called["draw"] == {"output": Path("here"), "count": 3, "seed": 7}


@pytest.mark.parametrize(
    "arguments", [("build", "--hours", "0"), ("build", "--hours", "long"), ("draw", "--count", "-1")], ids=str
)
def test_bad_numbers_are_refused(line: Any, called: dict[str, Any], arguments: tuple[str, ...]) -> None:
    answer = line("demo", *arguments)
    assert answer.status == 2
    assert arguments[1] in answer.err
    assert called == {}


def test_check_passes_its_status_on(line: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def run_checks(*, include_long: bool) -> int:
        asked.append(include_long)
        return 1

    monkeypatch.setattr(checks, "run_checks", run_checks)
    assert line("check").status == line("check", "--all").status == 1
    assert asked == [False, True]
