"""`demo`: the built-in model, the program that made it, and its judge."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from ..errors import ConfigError
from ..files import user_path
from .command import Command
from .context import Context

__all__ = ["COMMANDS"]


def _configure_build(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--hours", metavar="X", help="about how long to train, in hours (default: the full recipe)"
    )
    parser.add_argument(
        "--work-dir", type=user_path, metavar="DIR", help="where it keeps what it resumes from"
    )


def _build(arguments: Namespace, context: Context) -> int:
    hours = _number(arguments.hours, "--hours")
    from ..demo.build import build

    work_dir = arguments.work_dir or context.paths.cache_dir / "demo"
    build(work_dir, report=context.output.log, **({} if hours is None else {"hours": hours}))
    return 0


def _configure_evaluate(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--concepts", type=user_path, metavar="FILE", help="concepts from outside: attributes, or pictures"
    )
    parser.add_argument(
        "--seeds", nargs="+", metavar="N", help="seeds of the evaluation (default: the published ones)"
    )
    parser.add_argument(
        "--out", type=user_path, metavar="FILE", help="the report (default: docs/demo-model.md)"
    )


def _evaluate(arguments: Namespace, context: Context) -> int:
    seeds = None if arguments.seeds is None else tuple(_seed(text) for text in arguments.seeds)
    from ..demo.evaluate import evaluate
    from ..paths import REPOSITORY_DIR

    output = arguments.out or REPOSITORY_DIR / "docs" / "demo-model.md"
    figures = evaluate(
        context.paths.demo_model_dir,
        output,
        concepts=arguments.concepts,
        seeds=seeds,
        report=context.output.log,
    )
    context.output.record({"event": "demo_evaluated", "path": str(output), **figures})
    return 0


def _configure_draw(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--out", type=user_path, default=Path("drawings"), metavar="DIR", help="where (default drawings)"
    )
    parser.add_argument("--count", default="16", metavar="N", help="how many pictures (default 16)")
    parser.add_argument("--seed", default="0", metavar="N", help="the same seed draws the same (default 0)")


def _draw(arguments: Namespace, context: Context) -> int:
    count, seed = _seed(arguments.count, "--count"), _seed(arguments.seed, "--seed")
    from ..demo.draw import draw

    draw(arguments.out, count=count, seed=seed)
    context.output.line(f"Drew {count} pictures in {arguments.out}.")
    return 0


def _number(text: str | None, flag: str) -> float | None:
    if text is None:
        return None
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 < number < 1e6:
        raise ConfigError(f"{flag} is {text!r}; it must be a number above 0, such as 2.5.")
    return number


def _seed(text: str, flag: str = "--seeds") -> int:
    if not text.isascii() or not text.isdigit():
        raise ConfigError(f"{flag} is {text!r}; it must be a whole number from 0 up.")
    return int(text)


COMMANDS = (
    Command(name="demo build", help="train the demo model anew", configure=_configure_build, run=_build),
    Command(name="demo evaluate", help="judge the demo model", configure=_configure_evaluate, run=_evaluate),
    Command(name="demo draw", help="draw pictures of its world", configure=_configure_draw, run=_draw),
)
