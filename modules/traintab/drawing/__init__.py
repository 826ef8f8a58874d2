"""Drawings that the page follows: started at once, told by snapshots, stopped from any browser.

What belongs here: when pictures are drawn, with which vectors, and what can be said of it meanwhile. How they
are drawn is `sampling`'s. Imports nothing heavy until a picture is wanted.
"""

from .at_hand import EmbeddingsAtHand
from .drawings import Drawings, Means
from .in_training import InTraining
from .progress import OnStep
from .request import DrawingRequest
from .snapshot import DrawingSnapshot, DrawingState, DrawnPicture

__all__ = [
    "DrawingRequest",
    "DrawingSnapshot",
    "DrawingState",
    "Drawings",
    "DrawnPicture",
    "EmbeddingsAtHand",
    "InTraining",
    "Means",
    "OnStep",
]
