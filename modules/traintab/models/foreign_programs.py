"""Configurations of models that ask for a stranger's program: such programs are never run here."""

from __future__ import annotations

__all__ = ["names_a_kernel"]

# Settings of a model that may name code to fetch from the hub.
_IMPLEMENTATION = "_implementation"


def names_a_kernel(value: object, setting: str = "") -> bool:
    """Whether a part of a configuration names a kernel, `owner/name`: newer versions of transformers fetch
    and run it unasked.
    """
    if isinstance(value, dict):
        return any(
            names_a_kernel(each, setting if _IMPLEMENTATION in setting else str(key))
            for key, each in value.items()
        )
    if isinstance(value, list):
        return any(names_a_kernel(each, setting) for each in value)
    return isinstance(value, str) and _IMPLEMENTATION in setting and "/" in value
