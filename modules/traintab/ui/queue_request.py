"""What the endpoint `queue` is asked to do."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from ..configs import PreprocessConfig, TrainingConfig, from_mapping
from ..errors import ConfigError
from ..jobs import QueueSnapshot
from ..studio import Studio

__all__ = ["QUEUE_FIELDS", "asked_of_queue"]

_ACTIONS = ("list", "add", "add_preprocessing", "cancel", "move", "hold", "release", "retry")
_OWN = ("action", "id", "by")
QUEUE_FIELDS: Mapping[str, Any] = MappingProxyType(
    {
        "action": {"type": "string", "enum": list(_ACTIONS)},
        "id": {"type": "string"},
        "by": {"type": "integer"},
    }
)
"""The schema of a request's own fields; those of what is added come beside them."""


def asked_of_queue(studio: Studio, request: Mapping[str, Any]) -> QueueSnapshot:
    """Do what `action` says, by default nothing, and give the queue as it is then.

    `add` takes `run.yaml`'s fields and `add_preprocessing` those of preprocessing, beside `action`. `cancel`,
    `move` (`by` places, -1 is earlier) and `retry` take an entry's `id`; so do `hold` and `release`, which
    mean the whole queue without one. Raises InputError.
    """
    action, entry_id = request.get("action", "list"), request.get("id", "")
    if action not in _ACTIONS:
        raise ConfigError(f"action is {action!r}; it must be one of {', '.join(_ACTIONS)}.")
    if not isinstance(entry_id, str):
        raise ConfigError(f"id is {entry_id!r}; it must be the text that the queue gives as an entry's id.")
    queue = studio.queue
    if action in ("add", "add_preprocessing"):
        _add(studio, action, request)
    elif action == "move":
        queue.move(entry_id, _places(request))
    elif action != "list":
        getattr(queue, str(action))(entry_id)
    return queue.snapshot()


def _add(studio: Studio, action: str, request: Mapping[str, Any]) -> None:
    settings = {name: value for name, value in request.items() if name not in _OWN}
    model = studio.model_status.spec
    if action == "add":
        studio.queue.add_training(from_mapping(TrainingConfig, {"model": model, **settings}))
    else:
        studio.queue.add_preprocessing(from_mapping(PreprocessConfig, settings), model)


def _places(request: Mapping[str, Any]) -> int:
    by = request.get("by")
    if isinstance(by, bool) or not isinstance(by, int):
        raise ConfigError(f"by is {by!r}; it must be a whole number of places, -1 for one earlier.")
    return by
