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

# By the instruction's byte, which is followed by nothing.
_PLAIN = {
    code[0]: (name, None)
    for code, name in {
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
    }.items()
}
_STOP, _GLOBAL = ord("."), ord("c")
_BYTE, _SHORT, _WORD, _LONG = map(struct.Struct, ("<B", "<H", "<I", "<Q"))
_SIGNED, _FLOAT = map(struct.Struct, ("<i", ">d"))
# Followed by a number.
_NUMBERS = {
    code[0]: (name, layout)
    for code, name, layout in (
        (b"\x80", "PROTO", _BYTE),
        (b"\x95", "FRAME", _LONG),
        (b"K", "NUMBER", _BYTE),
        (b"M", "NUMBER", _SHORT),
        (b"J", "NUMBER", _SIGNED),
        (b"G", "NUMBER", _FLOAT),
        (b"q", "PUT", _BYTE),
        (b"r", "PUT", _WORD),
        (b"h", "GET", _BYTE),
        (b"j", "GET", _WORD),
    )
}
# Followed by a number and as many bytes.
_COUNTED = {
    code[0]: (name, layout)
    for code, name, layout in (
        (b"\x8a", "LONG", _BYTE),
        (b"\x8b", "LONG", _SIGNED),
        (b"X", "TEXT", _WORD),
        (b"\x8c", "TEXT", _BYTE),
        (b"\x8d", "TEXT", _LONG),
        (b"U", "LATIN", _BYTE),
        (b"T", "LATIN", _SIGNED),
        (b"C", "BYTES", _BYTE),
        (b"B", "BYTES", _WORD),
        (b"\x8e", "BYTES", _LONG),
    )
}
_LONGEST_NAME = 200


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

    def byte(self) -> int:
        """The next byte as a number."""
        position = self.position
        if position >= self.end:
            raise pickle_refusal("a pickle that is cut off")
        self.position = position + 1
        return self.data[position]

    def number(self, layout: struct.Struct) -> int | float:
        """The next number in this layout."""
        start = self.position
        self.position += layout.size
        if self.position > self.end:
            raise pickle_refusal("a pickle that is cut off")
        value: int | float = layout.unpack_from(self.data, start)[0]
        return value

    def line(self) -> str:
        """The text up to the next line feed, at most 200 bytes."""
        start = self.position
        head = bytes(self.data[start : min(start + _LONGEST_NAME + 1, self.end)])
        length = head.find(b"\n")
        if length < 0:
            raise pickle_refusal("a pickle with an endless name")
        self.position += length + 1
        return head[:length].decode("utf-8", "replace")


def pickle_refusal(found: str) -> Refusal:
    """A refusal that tells what a good pickle holds."""
    return Refusal(found, "a pickle of nothing but tensors, texts and numbers, as torch.save writes it")


def instructions(cursor: Cursor) -> Iterator[tuple[str, object]]:
    """Name and argument of every instruction up to and with STOP; the cursor then stands behind it.

    Raises Refusal for an unknown instruction, the end of the data, or more than `MAX_INSTRUCTIONS`.
    """
    for _ in range(MAX_INSTRUCTIONS):
        code = cursor.byte()
        if code in _PLAIN:
            yield _PLAIN[code]
            if code == _STOP:
                return
        elif code in _NUMBERS:
            name, layout = _NUMBERS[code]
            yield name, cursor.byte() if layout is _BYTE else cursor.number(layout)
        elif code in _COUNTED:
            name, layout = _COUNTED[code]
            yield _decoded(name, cursor.take(int(cursor.number(layout))))
        elif code == _GLOBAL:
            yield "GLOBAL", (cursor.line(), cursor.line())
        else:
            shown = bytes([code])
            raise pickle_refusal(f"a pickle with the instruction {shown!r}, which embeddings don't need")
    raise pickle_refusal(f"a pickle of more than {MAX_INSTRUCTIONS} instructions")


def _decoded(name: str, data: bytes) -> tuple[str, object]:
    if name == "LONG":
        if len(data) > _MAX_NUMBER_BYTES:
            raise pickle_refusal(f"a pickle with a whole number of {len(data)} bytes")
        return "NUMBER", int.from_bytes(data, "little", signed=True)
    if name == "BYTES":
        return name, data
    return "TEXT", data.decode("utf-8" if name == "TEXT" else "latin-1", "replace")
