"""The procedural artist: attributes and a seed in, a picture out.

What belongs here: drawing with PIL on a 512 px canvas and sampling it down. May import `world`, `styles`
and `forms` only.
"""

from .picture import draw_large, draw_small, finish

__all__ = ["draw_large", "draw_small", "finish"]
