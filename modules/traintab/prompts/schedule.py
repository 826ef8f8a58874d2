r"""A1111's prompt editing: which text is drawn at which step.

`[from:to:when]` changes after step `when` (a fraction of all steps when it has a point), `[to:when]` adds,
`[from::when]` removes, `[a|b|c]` alternates from step to step. They nest, also inside `(...)`; what isn't
one of these stays as it is written, for `attention` to read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NamedTuple

__all__ = ["ScheduledPrompt", "parse_schedule"]

_NUMBER = re.compile(r"\s*([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)\s*")
_TOKEN = re.compile(r"[()\[\]:|]|(?:[^\\()\[\]:|]|\\.)+")
_OPENING = {")": "(", "]": "["}


class ScheduledPrompt(NamedTuple):
    """`text` is drawn up to and including step `until_step`; its attention isn't parsed.

    A sampler counts its steps from 0, as A1111's do: the first text gets one step more than its number.
    """

    until_step: int
    text: str


@dataclass(frozen=True)
class _Change:
    """`[before:after:when]`."""

    before: list[_Node]
    after: list[_Node]
    when: int


@dataclass(frozen=True)
class _Alternation:
    """`[a|b|c]`."""

    options: list[list[_Node]]


_Node = str | _Change | _Alternation


@dataclass
class _Bracket:
    """An open bracket, and its contents between the separators `:` or `|` so far."""

    opening: str
    fields: list[list[_Node]] = field(default_factory=lambda: [[]])
    separator: str = ""

    def written(self) -> list[_Node]:
        """The contents as they were typed, for a bracket that turned out to mean nothing."""
        nodes: list[_Node] = [self.opening]
        for number, contents in enumerate(self.fields):
            if number:
                nodes.append(self.separator)
            nodes += contents
        return nodes

    def divide(self, separator: str) -> bool:
        """Begin the next field; False when this bracket can't have one here."""
        most = {"(:": 1, "[:": 2}.get(self.opening + separator, 0)
        is_alternation = self.opening + separator == "[|"
        if self.separator not in ("", separator) or not (is_alternation or len(self.fields) <= most):
            return False
        self.separator = separator
        self.fields.append([])
        return True


class _UnreadableError(Exception):
    """What A1111's grammar has no rule for: it then takes the whole prompt as it is written."""


class _Parser:
    """One pass over the prompt; a bracket that can't be closed as it should makes all open ones text."""

    def __init__(self, steps: int) -> None:
        self._steps = steps
        self._root: list[_Node] = []
        self._open: list[_Bracket] = []
        self.changes_at = {steps}

    def parse(self, prompt: str) -> list[_Node]:
        end = 0
        for match in _TOKEN.finditer(prompt):
            if match.start() != end:  # a backslash before the end or a line break: A1111 can't read that
                raise _UnreadableError
            end = match.end()
            self._take(match[0])
        if end != len(prompt):
            raise _UnreadableError
        self._give_up()
        return self._root

    def _take(self, token: str) -> None:
        if token in ("(", "["):
            self._open.append(_Bracket(token))
        elif token in (")", "]"):
            self._close(token)
        elif token not in (":", "|"):
            self._contents.append(token)
        elif not (self._open and self._open[-1].divide(token)):
            self._give_up()
            self._add_literal(token)

    @property
    def _contents(self) -> list[_Node]:
        return self._open[-1].fields[-1] if self._open else self._root

    def _close(self, closing: str) -> None:
        nodes = self._closed(closing)
        if nodes is None:
            self._give_up()
            self._add_literal(closing)
        else:
            self._open.pop()
            self._contents.extend(nodes)

    def _closed(self, closing: str) -> list[_Node] | None:
        """What the innermost bracket means now that it is closed; None when it means nothing."""
        if not self._open or self._open[-1].opening != _OPENING[closing]:
            return None
        bracket = self._open[-1]
        if bracket.opening == "(" or not bracket.separator:
            return [*bracket.written(), closing]
        if bracket.separator == "|":
            self.changes_at.update(range(1, self._steps + 1))
            return [_Alternation(bracket.fields)]
        *contents, last = bracket.fields
        number = _NUMBER.fullmatch(_plain_text(last))
        if number is None:
            return None
        before, after = contents if len(contents) == 2 else ([], contents[0])
        when = self._step(number[1])
        if when >= 1:
            self.changes_at.add(when)
        return [_Change(before, after, when)]

    def _step(self, number: str) -> int:
        """The step that a written number means: a fraction of all steps when it has a point."""
        step = float(number) * (self._steps if "." in number else 1)
        return int(max(min(step, self._steps), 0))

    def _give_up(self) -> None:
        """All brackets that are open now are text."""
        brackets, self._open = self._open, []
        for bracket in brackets:
            if "|" in bracket.separator:
                raise _UnreadableError
            self._root += bracket.written()

    def _add_literal(self, token: str) -> None:
        if token == "|":
            raise _UnreadableError
        self._root.append(token)


def parse_schedule(prompt: str, steps: int) -> list[ScheduledPrompt]:
    """The texts of `prompt` over `steps` steps, in order; the last goes on to the end.

    A prompt that A1111's grammar can't read (a `|` outside of brackets, a backslash at the end) is one text,
    as it is written.
    """
    parser = _Parser(steps)
    try:
        nodes = parser.parse(prompt)
    except _UnreadableError:
        return [ScheduledPrompt(steps, prompt)]
    return [ScheduledPrompt(step, _text_at(step, nodes)) for step in sorted(parser.changes_at)]


def _plain_text(nodes: list[_Node]) -> str:
    """What is written there; empty when anything changes from step to step."""
    texts = [node for node in nodes if isinstance(node, str)]
    return "".join(texts) if len(texts) == len(nodes) else ""


def _text_at(step: int, nodes: list[_Node]) -> str:
    """The text of one step, without recursion: a prompt may nest as deep as it likes."""
    texts: list[str] = []
    waiting = nodes[::-1]
    while waiting:
        node = waiting.pop()
        if isinstance(node, str):
            texts.append(node)
        elif isinstance(node, _Change):
            waiting += reversed(node.before if step <= node.when else node.after)
        else:
            waiting += reversed(node.options[(step - 1) % len(node.options)])
    return "".join(texts)
