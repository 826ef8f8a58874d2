"""What an endpoint's JSON object may hold, as a JSON schema: tools of language models are called by it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from ..configs import CreateConfig, GenerationConfig, PreprocessConfig, TrainingConfig
from ..configs.option import Option, all_options
from .queue_request import QUEUE_FIELDS

__all__ = ["request_schema"]

_CONFIGS: Mapping[str, type] = MappingProxyType(
    {
        "create_embedding": CreateConfig,
        "preprocess": PreprocessConfig,
        "train": TrainingConfig,
        "resume": TrainingConfig,
        "txt2img": GenerationConfig,
        "img2img": GenerationConfig,
    }
)
_MORE_FIELDS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "resume": {"from_step": {"type": "integer"}},
        "img2img": {"image": {"type": "string"}},
        "queue": QUEUE_FIELDS,
    }
)
_TYPES = MappingProxyType({str: "string", int: "integer", float: "number", bool: "boolean"})


def request_schema(name: str) -> dict[str, Any]:
    """The schema of what the endpoint `name` takes; fields besides, as `run.yaml`'s parts, are no fault."""
    config = _CONFIGS.get(name)
    options = all_options(config) if config else {}
    fields = {key: _field(declared) for key, declared in options.items()} | dict(_MORE_FIELDS.get(name, {}))
    return {"type": "object", "properties": fields}


def _field(declared: Option) -> dict[str, Any]:
    bounds = {
        "minimum": declared.minimum,
        "maximum": declared.maximum,
        "enum": list(declared.choices) or None,
    }
    return {
        "type": _TYPES[declared.type],
        **{key: value for key, value in bounds.items() if value is not None},
    }
