"""Runs the instructions of a pickle on inert values.

A pickle is a program that may ask for any function of any module. Here it can only build dicts, lists,
tuples, texts and numbers, and use the names of a closed table, whose entries make records of ours. No
name is looked up in Python, no object of the file's choosing is made, nothing recurses.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ..refusal import Refusal
from ..stored import ParameterDictRecord
from ..untrusted import clean_text
from .pickle_opcodes import Cursor, instructions, pickle_refusal

__all__ = ["MAX_CALLS", "Constructor", "load_pickle"]

# An embedding takes about ten; a call may read all its arguments, so their number bounds the time.
MAX_CALLS = 1000

_Arguments = tuple[object, ...]


@dataclass(frozen=True, eq=False)
class Constructor:
    """What a name of the closed table does when the pickle calls it: arguments to an inert value."""

    name: str
    make: Callable[[_Arguments], object]


def load_pickle(
    cursor: Cursor, names: Mapping[str, object], persistent: Callable[[object], object] | None = None
) -> object:
    """The value of the pickle at the cursor, which then stands behind it.

    `names` maps `module name` to what the pickle gets for it; `persistent` turns a persistent id (torch's
    storages) into a value. Raises Refusal.
    """
    machine = _Machine(names, persistent)
    try:
        for instruction, argument in instructions(cursor):
            _ACTIONS[instruction](machine, argument)
        return machine.pop()
    except (IndexError, KeyError, OverflowError, RecursionError, TypeError) as error:
        raise pickle_refusal("a pickle whose instructions don't fit together") from error


class _Machine:
    """The stack, the stacks below open marks, and the memo."""

    def __init__(self, names: Mapping[str, object], persistent: Callable[[object], object] | None) -> None:
        self.names = names
        self.persistent = persistent
        self.stack: list[object] = []
        self.below: list[list[object]] = []
        self.memo: dict[object, object] = {}
        self.calls = 0

    def push(self, value: object) -> None:
        self.stack.append(value)

    def pop(self) -> object:
        return self.stack.pop()

    def pop_many(self, count: int) -> list[object]:
        taken = self.stack[-count:]
        if len(taken) < count:
            raise IndexError("the stack is too short")
        del self.stack[-count:]
        return taken

    def mark(self) -> None:
        self.below.append(self.stack)
        self.stack = []

    def pop_mark(self) -> list[object]:
        taken = self.stack
        self.stack = self.below.pop()
        return taken

    def tuple_of(self, count: int) -> None:
        self.push(tuple(self.pop_many(count)))

    def put(self, index: object) -> None:
        self.memo[index] = self.stack[-1]

    def get(self, index: object) -> None:
        self.stack.append(self.memo[index])

    def extend(self, values: list[object]) -> None:
        target = self.stack[-1]
        if not isinstance(target, list):
            raise TypeError("only lists can be appended to")
        target.extend(values)

    def set_items(self, values: list[object]) -> None:
        """Keys are texts and whole numbers only: hashing a deeply nested tuple would exhaust the stack."""
        target = self.stack[-1]
        keys = values[0::2]
        if not isinstance(target, dict) or not all(isinstance(key, str | int) for key in keys):
            raise TypeError("only dictionaries with plain keys take items")
        target.update(zip(keys, values[1::2], strict=False))

    def find_named(self, argument: object) -> None:
        """GLOBAL's argument is a pair of texts."""
        if isinstance(argument, tuple):
            self.find(*argument)

    def find(self, module: object, name: object) -> None:
        if not isinstance(module, str) or not isinstance(name, str):
            raise TypeError("a name must be text")
        known = f"{module} {name}"
        if known not in self.names:
            raise Refusal(
                f"a pickle that asks for {clean_text(f'{module}.{name}', 100)}, which no embedding needs"
                " and which may run a program",
                "a pickle of nothing but tensors, texts and numbers",
                "Nothing of it was run; don't open it with other programs, and delete it.",
            )
        self.push(self.names[known])

    def call(self, target: object, arguments: object) -> None:
        if not isinstance(target, Constructor) or not isinstance(arguments, tuple):
            raise TypeError("only names of the table can be called")
        self.calls += 1
        if self.calls > MAX_CALLS:
            raise pickle_refusal(f"a pickle of more than {MAX_CALLS} calls")
        self.push(target.make(arguments))

    def set_state(self, state: object) -> None:
        """State matters for a ParameterDict alone; attributes of tensors and dicts are passed over."""
        target = self.stack[-1]
        if isinstance(target, ParameterDictRecord) and isinstance(state, dict):
            target.state = state

    def load_persistent(self, persistent_id: object) -> None:
        if self.persistent is None:
            raise TypeError("no persistent ids here")
        self.push(self.persistent(persistent_id))


_ACTIONS: Mapping[str, Callable[[_Machine, object], object]] = MappingProxyType(
    {
        "PROTO": lambda _machine, _: None,
        "FRAME": lambda _machine, _: None,
        "STOP": lambda _machine, _: None,
        "NUMBER": _Machine.push,
        "TEXT": _Machine.push,
        "BYTES": _Machine.push,
        "PUT": _Machine.put,
        "GET": _Machine.get,
        "GLOBAL": _Machine.find_named,
        "NONE": lambda machine, _: machine.push(None),
        "TRUE": lambda machine, _: machine.push(True),
        "FALSE": lambda machine, _: machine.push(False),
        "EMPTY_LIST": lambda machine, _: machine.push([]),
        "EMPTY_TUPLE": lambda machine, _: machine.push(()),
        "EMPTY_DICT": lambda machine, _: machine.push({}),
        "MARK": lambda machine, _: machine.mark(),
        "POP": lambda machine, _: machine.pop(),
        "POP_MARK": lambda machine, _: machine.pop_mark(),
        "DUP": lambda machine, _: machine.push(machine.stack[-1]),
        "APPEND": lambda machine, _: machine.extend([machine.pop()]),
        "APPENDS": lambda machine, _: machine.extend(machine.pop_mark()),
        "TUPLE": lambda machine, _: machine.push(tuple(machine.pop_mark())),
        "TUPLE1": lambda machine, _: machine.tuple_of(1),
        "TUPLE2": lambda machine, _: machine.tuple_of(2),
        "TUPLE3": lambda machine, _: machine.tuple_of(3),
        "SETITEM": lambda machine, _: machine.set_items(machine.pop_many(2)),
        "SETITEMS": lambda machine, _: machine.set_items(machine.pop_mark()),
        "MEMOIZE": lambda machine, _: machine.put(len(machine.memo)),
        "STACK_GLOBAL": lambda machine, _: machine.find(*machine.pop_many(2)),
        "REDUCE": lambda machine, _: machine.call(*machine.pop_many(2)),
        "NEWOBJ": lambda machine, _: machine.call(*machine.pop_many(2)),
        "BUILD": lambda machine, _: machine.set_state(machine.pop()),
        "BINPERSID": lambda machine, _: machine.load_persistent(machine.pop()),
    }
)
