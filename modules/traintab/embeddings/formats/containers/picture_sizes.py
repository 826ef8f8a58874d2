"""What the first bytes of WebP, AVIF and JPEG XL files tell, before any decoder sees them.

Formats: RFC 9649 (WebP); ISO 23008-12 and the AV1 image file format (AVIF); ISO 18181-1 and -2 (JPEG XL).
"""

from __future__ import annotations

import struct

__all__ = ["JXL_STARTS", "Size", "avif_size", "jxl_size", "webp_size"]

Size = tuple[int, int]

JXL_STARTS = (b"\xff\x0a", b"\0\0\0\x0cJXL \r\n\x87\n")
_MAX_PARTS = 100
# Color matrices without loss: RGB itself and the reversible YCgCo. All others round.
_EXACT_MATRICES = (0, 8, 16, 17)
_JXL_RATIOS = ((1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1))
_JXL_BITS = (9, 13, 18, 30)


def webp_size(data: bytes) -> Size | None:
    """Width and height of a still picture without loss; None for any other, which can't hide anything."""
    position, canvas = 12, (0, 0)
    for _ in range(_MAX_PARTS):
        kind, head = data[position : position + 4], data[position + 8 : position + 18]
        if len(head) < 5:
            return None
        if kind == b"VP8X" and len(head) == 10:
            canvas = 1 + int.from_bytes(head[4:7], "little"), 1 + int.from_bytes(head[7:10], "little")
        if kind == b"VP8L":
            bits = int.from_bytes(head[1:5], "little")
            return max(canvas[0], 1 + (bits & 0x3FFF)), max(canvas[1], 1 + (bits >> 14 & 0x3FFF))
        if kind in (b"VP8 ", b"ANIM", b"ANMF"):
            return None
        length = struct.unpack("<I", data[position + 4 : position + 8])[0]
        position += 8 + length + length % 2
    return None


def avif_size(data: bytes) -> Size | None:
    """The largest width and height that the file declares; None where its colors are stored with loss."""
    matrix = data.find(b"colrnclx")
    if matrix >= 0 and int.from_bytes(data[matrix + 12 : matrix + 14], "big") not in _EXACT_MATRICES:
        return None
    sizes: list[Size] = []
    position = data.find(b"ispe")
    while position >= 0 and len(sizes) < _MAX_PARTS and position + 16 <= len(data):
        sizes.append(struct.unpack(">II", data[position + 8 : position + 16]))
        position = data.find(b"ispe", position + 4)
    if not sizes:
        return None
    return max(width for width, _ in sizes), max(height for _, height in sizes)


def jxl_size(data: bytes) -> Size | None:
    """Width and height of a codestream, bare or in its container; None when its start isn't found."""
    start = 0 if data.startswith(JXL_STARTS[0]) else data.find(JXL_STARTS[0], 0, 1 << 20)
    if start < 0:
        return None
    bits = _Bits(int.from_bytes(data[start + 2 : start + 14], "little"))
    is_small = bits.take(1)
    height = bits.size(is_small)
    ratio = bits.take(3)
    if ratio:
        across, down = _JXL_RATIOS[ratio - 1]
        return height * across // down, height
    return bits.size(is_small), height


class _Bits:
    """The bits of a number, the lowest first."""

    def __init__(self, number: int) -> None:
        self.number = number

    def take(self, count: int) -> int:
        taken = self.number & ((1 << count) - 1)
        self.number >>= count
        return taken

    def size(self, is_small: int) -> int:
        """A side's length in pixels, in one of JPEG XL's two ways of writing it."""
        return 8 * (1 + self.take(5)) if is_small else 1 + self.take(_JXL_BITS[self.take(2)])
