"""Files of a model from the Hugging Face Hub, into a folder of the user's.

Any model that is more than a Stable Diffusion: captioners, taggers. The folder can be copied to another
machine, and one that the user filled by hand does as well.
"""

from __future__ import annotations

__all__ = ["FetchInterrupted"]


class FetchInterrupted(Exception):
    """The user asked to stop while files were fetched; what was fetched stays, and fetching goes on from there."""
