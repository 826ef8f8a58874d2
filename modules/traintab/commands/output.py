"""Where a command's answers go: lines for people, or JSON lines for programs."""

from __future__ import annotations

import dataclasses
import json
import math
import os
import re
import sys
from io import StringIO
from pathlib import Path
from typing import Any, TextIO

__all__ = ["Output", "event_mapping", "one_line", "say"]


class Output:
    """Answers on standard output, errors in one line on standard error.

    With `as_json` standard output carries JSON lines only, and what is meant for people goes to standard
    error. The streams are looked up at each call. While it `is_silent` nothing is said at all: another
    process says it.
    """

    def __init__(self, *, as_json: bool = False) -> None:
        self.as_json = as_json
        self.is_silent = False

    @property
    def stream_for_people(self) -> TextIO:
        """Where progress and notes go."""
        if self.is_silent:
            return _Nowhere()
        return sys.stderr if self.as_json else sys.stdout

    def record(self, mapping: dict[str, Any]) -> None:
        """One JSON object on a line; nothing when people read. Non-finite numbers become null."""
        if self.as_json and not self.is_silent:
            say(sys.stdout, json.dumps(_finite(mapping), allow_nan=False))

    def line(self, text: str) -> None:
        """A line of the answer for people; nothing with `as_json`."""
        if not self.as_json and not self.is_silent:
            say(sys.stdout, text)

    def log(self, text: str) -> None:
        """A line about what is going on, for people in either case."""
        say(self.stream_for_people, text)

    def error(self, message: str, exit_status: int) -> None:
        """The one line on standard error that a failed command ends with, and its JSON event."""
        sentence = one_line(message)
        self.record({"event": "error", "message": sentence, "exit_status": exit_status})
        self.complain(sentence)

    def complain(self, message: str) -> None:
        """One line on standard error."""
        if not self.is_silent:
            say(sys.stderr, one_line(message))


class _Nowhere(StringIO):
    """Takes any text and keeps none."""

    def write(self, text: str, /) -> int:
        return len(text)


def say(stream: TextIO, text: str, end: str = "\n") -> None:
    """Print at once. A reader that went away, a closed terminal, a full disk stop the printing, not the work.

    What the stream can't encode is escaped.
    """
    try:
        print(text, end=end, file=stream, flush=True)
    except OSError:
        _lead_nowhere(stream)
    except UnicodeEncodeError:
        print(text.encode("ascii", "backslashreplace").decode("ascii"), end=end, file=stream, flush=True)


def _lead_nowhere(stream: TextIO) -> None:
    """Let all further output vanish; Python would complain about the lost reader once more at its exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def one_line(message: str) -> str:
    """`message` with its line breaks turned into spaces, less a closing caret and the text above it."""
    lines = message.splitlines()
    if len(lines) > 2 and lines[-1].strip() == "^":
        lines = lines[:-2]
    return " ".join(" ".join(lines).split())


def event_mapping(event: Any) -> dict[str, Any]:
    """A dataclass event as a mapping: `event` is the class's name in snake case, paths become texts.

    Fields that the event keeps out of its `repr` are for the program and left out here too.
    """
    name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", type(event).__name__).lower()
    fields = {field.name: getattr(event, field.name) for field in dataclasses.fields(event) if field.repr}
    return {"event": name, **{key: _plain(value) for key, value in fields.items()}}


def _plain(value: Any) -> Any:
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value


def _finite(value: Any) -> Any:
    """`value` with NaN and infinities, which JSON can't carry, as None."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    return value
