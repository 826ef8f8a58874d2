"""The Host protocol and its implementations: what the program asks of the one that holds it.

Only what differs between hosts belongs here, and only here may a host's own modules be imported. May
import `paths` and `errors` of ours. There is one host so far, none: `standalone`.
"""

from .host import Host
from .standalone import StandaloneHost

__all__ = ["Host", "StandaloneHost"]
