"""Facts in the metadata of a safetensors file: the fields of the `modelspec` standard that we write too.

Written by `..modelspec`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from ..untrusted import clean_count, clean_text
from .parsed import Parsed

__all__ = ["read_metadata"]


def read_metadata(metadata: Mapping[str, str], parsed: Parsed) -> Parsed:
    """`parsed` with the step, the model and the trigger phrase that the metadata tells, cleaned."""
    if not metadata:
        return parsed
    return dataclasses.replace(
        parsed,
        step=clean_count(metadata.get("modelspec.steps") or metadata.get("step")),
        sd_checkpoint=clean_text(metadata.get("sd_checkpoint")),
        sd_checkpoint_name=clean_text(metadata.get("sd_checkpoint_name")),
        inner_name=parsed.inner_name
        or clean_text(metadata.get("modelspec.trigger_phrase") or metadata.get("modelspec.title")),
    )
