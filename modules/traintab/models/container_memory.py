"""What a container with a limit of its own leaves of the machine's memory."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

__all__ = ["ContainerMemory", "container_memory"]

# Linux' control groups, version 2 and 1: limit, use, and what of that is only kept from files.
_FILES = (
    ("memory.max", "memory.current", "inactive_file"),
    ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes", "total_inactive_file"),
)
_ROOT = Path("/sys/fs/cgroup")


@dataclass(frozen=True)
class ContainerMemory:
    """Bytes: the limit, and how much of it nobody needs."""

    limit: int
    free: int


def container_memory(root: Path = _ROOT) -> ContainerMemory | None:
    """The container's memory; None where none is set, or it isn't known."""
    for limit_file, use_file, from_files in _FILES:
        try:
            limit = int((root / limit_file).read_text(encoding="ascii"))
            used = int((root / use_file).read_text(encoding="ascii"))
            lines = (root / use_file).with_name("memory.stat").read_text(encoding="ascii").splitlines()
            reclaimable = sum(int(line.split()[1]) for line in lines if line.split()[0] == from_files)
        except (OSError, ValueError, IndexError):
            continue  # "max" is no number: there is no limit
        return ContainerMemory(limit=limit, free=max(limit - used + reclaimable, 0))
    return None
