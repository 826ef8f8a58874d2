"""The instructions of a pickle, one after the other; nothing is executed here.

Only what protocols 2 to 5 write for plain data and torch's tensors is known. The text instructions of
protocol 0, sets, extension codes and out-of-band buffers don't occur in embedding files.
Format: the module `pickletools` of Python's standard library.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from ..refusal import Refusal

__all__ = ["MAX_INSTRUCTIONS", "instructions", "pickle_refusal"]

MAX_INSTRUCTIONS = 100_000
# Longer whole numbers take ever more time to hash; torch writes up to 10 bytes.
_MAX_NUMBER_BYTES = 64

_PLAIN = {
    b".": "STOP",
    b"(": "MARK",
    b"0": "POP",
    b"1": "POP_MARK",
    b"2": "DUP",
    b"N": "NONE",
    b"\x88": "TRUE",
    b"\x89": "FALSE",
    b"]": "EMPTY_LIST",
    b"a": "APPEND",
    b"e": "APPENDS",
    b")": "EMPTY_TUPLE",
    b"t": "TUPLE",
    b"\x85": "TUPLE1",
    b"\x86": "TUPLE2",
    b"\x87": "TUPLE3",
    b"}": "EMPTY_DICT",
    b"s": "SETITEM",
    b"u": "SETITEMS",
    b"\x94": "MEMOIZE",
    b"\x93": "STACK_GLOBAL",
    b"R": "REDUCE",
    b"\x81": "NEWOBJ",
    b"b": "BUILD",
    b"Q": "BINPERSID",
}
_NUMBERS = {
    b"\x80": ("PROTO", "<B"),
    b"\x95": ("FRAME", "<Q"),
    b"K": ("NUMBER", "<B"),
    b"M": ("NUMBER", "<H"),
    b"J": ("NUMBER", "<i"),
    b"G": ("NUMBER", ">d"),
    b"q": ("PUT", "<B"),
    b"r": ("PUT", "<I"),
    b"h": ("GET", "<B"),
    b"j": ("GET", "<I"),
}
_COUNTED = {
    b"\x8a": ("LONG", "<B"),
    b"\x8b": ("LONG", "<i"),
    b"X": ("TEXT", "<I"),
    b"\x8c": ("TEXT", "<B"),
    b"\x8d": ("TEXT", "<Q"),
    b"U": ("LATIN", "<B"),
    b"T": ("LATIN", "<i"),
    b"C": ("BYTES", "<B"),
    b"B": ("BYTES", "<I"),
    b"\x8e": ("BYTES", "<Q"),
}


class Cursor:
    """A place in the bytes of a file, with reads that never pass `end`."""

    def __init__(self, data: memoryview, position: int, end: int) -> None:
        self.data = data
        self.position = position
        self.end = min(end, len(data))

    def take(self, count: int) -> bytes:
        """The next `count` bytes; Refusal when there are fewer."""
        if count < 0 or count > self.end - self.position:
            raise pickle_refusal("a pickle that is cut off or much too long")
        start = self.position
        self.position += count
        return bytes(self.data[start : self.position])

    def number(self, layout: str) -> int | float:
        """The next number, by a `struct` layout."""
        value: int | float = struct.unpack(layout, self.take(struct.calcsize(layout)))[0]
        return value

    def line(self) -> str:
        """The text up to the next line feed, at most 200 bytes."""
        taken = bytearray()
        while (byte := self.take(1)) != b"\n":
            taken += byte
            if len(taken) > 200:
                raise pickle_refusal("a pickle with an endless name")
        return taken.decode("utf-8", "replace")


def pickle_refusal(found: str) -> Refusal:
    """A refusal that tells what a good pickle holds."""
    return Refusal(found, "a pickle of nothing but tensors, texts and numbers, as torch.save writes it")


def instructions(cursor: Cursor) -> Iterator[tuple[str, object]]:
    """Name and argument of every instruction up to and with STOP; the cursor then stands behind it.

    Raises Refusal for an unknown instruction, the end of the data, or more than `MAX_INSTRUCTIONS`.
    """
    for _ in range(MAX_INSTRUCTIONS):
        code = cursor.take(1)
        if code in _PLAIN:
            yield _PLAIN[code], None
            if code == b".":
                return
        elif code in _NUMBERS:
            name, layout = _NUMBERS[code]
            yield name, cursor.number(layout)
        elif code in _COUNTED:
            name, layout = _COUNTED[code]
            yield _decoded(name, cursor.take(int(cursor.number(layout))))
        elif code == b"c":
            yield "GLOBAL", (cursor.line(), cursor.line())
        else:
            raise pickle_refusal(f"a pickle with the instruction {code!r}, which embeddings don't need")
    raise pickle_refusal(f"a pickle of more than {MAX_INSTRUCTIONS} instructions")


def _decoded(name: str, data: bytes) -> tuple[str, object]:
    if name == "LONG":
        if len(data) > _MAX_NUMBER_BYTES:
            raise pickle_refusal(f"a pickle with a whole number of {len(data)} bytes")
        return "NUMBER", int.from_bytes(data, "little", signed=True)
    if name == "BYTES":
        return name, data
    return "TEXT", data.decode("utf-8" if name == "TEXT" else "latin-1", "replace")
