"""Picture files as people see them: whatever the format, upright, in red, green and blue of 8 bits.

Only files are opened here; what training pictures are made of them is for the layers above.
"""

from __future__ import annotations

from .channels import over_color
from .foreign import MissingDecoderError
from .reading import UNREADABLE, PictureFile, open_picture, open_with_alpha, read_picture_file

__all__ = [
    "UNREADABLE",
    "MissingDecoderError",
    "PictureFile",
    "open_picture",
    "open_with_alpha",
    "over_color",
    "read_picture_file",
]
