"""What a subcommand is."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from dataclasses import dataclass

from .context import Context

__all__ = ["Command"]


@dataclass(frozen=True, kw_only=True)
class Command:
    """A subcommand: `name` may have two words, `run` gives the exit status or raises a TrainTabError."""

    name: str
    help: str
    configure: Callable[[ArgumentParser], None]
    run: Callable[[Namespace, Context], int]
