"""Facts in the metadata of a safetensors file: the fields of the `modelspec` standard that we write too.

Written by `..modelspec`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from ..untrusted import MAX_COMMENT, clean_count, clean_text
from .parsed import Parsed

__all__ = ["read_metadata"]


def read_metadata(metadata: Mapping[str, str], parsed: Parsed) -> Parsed:
    """`parsed` with step, model, trigger phrase and comment as the metadata tells them, cleaned."""
    if not metadata:
        return parsed
    return dataclasses.replace(
        parsed,
        step=clean_count(metadata.get("modelspec.steps") or metadata.get("step")),
        sd_checkpoint=clean_text(metadata.get("sd_checkpoint")),
        sd_checkpoint_name=clean_text(metadata.get("sd_checkpoint_name")),
        comment=clean_text(metadata.get("modelspec.description"), MAX_COMMENT),
        inner_name=parsed.inner_name
        or clean_text(metadata.get("modelspec.trigger_phrase") or metadata.get("modelspec.title")),
    )
