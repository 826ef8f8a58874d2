"""Runs the instructions of a pickle on inert values.

A pickle is a program that may ask for any function of any module. Here it can only build dicts, lists,
tuples, texts and numbers, and use the names of a closed table, whose entries make records of ours. No
name is looked up in Python, no object of the file's choosing is made, nothing recurses.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

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
            machine.execute(instruction, argument)
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
        self.memo: dict[int, object] = {}
        self.calls = 0
        self.constants: dict[str, Callable[[], object]] = {
            "NONE": lambda: None,
            "TRUE": lambda: True,
            "FALSE": lambda: False,
            "EMPTY_LIST": list,
            "EMPTY_TUPLE": tuple,
            "EMPTY_DICT": dict,
        }
        self.actions: dict[str, Callable[[], object]] = {
            "MARK": self.mark,
            "POP": self.pop,
            "POP_MARK": self.pop_mark,
            "DUP": lambda: self.push(self.stack[-1]),
            "APPEND": lambda: self.extend([self.pop()]),
            "APPENDS": lambda: self.extend(self.pop_mark()),
            "TUPLE": lambda: self.push(tuple(self.pop_mark())),
            "TUPLE1": lambda: self.tuple_of(1),
            "TUPLE2": lambda: self.tuple_of(2),
            "TUPLE3": lambda: self.tuple_of(3),
            "SETITEM": lambda: self.set_items(self.pop_many(2)),
            "SETITEMS": lambda: self.set_items(self.pop_mark()),
            "MEMOIZE": lambda: self.put(len(self.memo)),
            "STACK_GLOBAL": lambda: self.find(*self.pop_many(2)),
            "REDUCE": lambda: self.call(*self.pop_many(2)),
            "NEWOBJ": lambda: self.call(*self.pop_many(2)),
            "BUILD": lambda: self.set_state(self.pop()),
            "BINPERSID": lambda: self.load_persistent(self.pop()),
        }

    def execute(self, instruction: str, argument: object) -> None:
        if instruction in ("NUMBER", "TEXT", "BYTES"):
            self.push(argument)
        elif instruction in self.constants:
            self.push(self.constants[instruction]())
        elif instruction in self.actions:
            self.actions[instruction]()
        elif instruction == "PUT" and isinstance(argument, int):
            self.put(argument)
        elif instruction == "GET" and isinstance(argument, int):
            self.push(self.memo[argument])
        elif instruction == "GLOBAL" and isinstance(argument, tuple):
            self.find(*argument)

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

    def put(self, index: int) -> None:
        self.memo[index] = self.stack[-1]

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
