"""Listeners: whoever does something when training says something. One file each.

Belongs here: what writes files while training: checkpoints, previews, image embeddings, losses,
settings, states. A listener hears every event, also those of other listeners, and may say more. To add
one, write a file with a class that fits `Listener` and a line in `make_listeners`.
"""

from .all_listeners import make_listeners
from .listener import Listener, closed, told

__all__ = ["Listener", "closed", "make_listeners", "told"]
