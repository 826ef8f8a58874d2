"""`check`: format, lint, types and tests of this repository."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from .. import checks
from .command import Command
from .context import Context

__all__ = ["COMMAND"]


def _configure(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--all", action="store_true", help="the tests that take minutes too, and the coverage"
    )


def _run(arguments: Namespace, _context: Context) -> int:
    return checks.run_checks(include_long=arguments.all)


COMMAND = Command(
    name="check", help="check this repository: format, lint, types, tests", configure=_configure, run=_run
)
