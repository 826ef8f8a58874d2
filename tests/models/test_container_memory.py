"""A container's own limit."""

from __future__ import annotations

from pathlib import Path

import pytest

from traintab.models.container_memory import ContainerMemory, container_memory

GIB = 1 << 30


def write(root: Path, limit: str, *, is_old: bool = False) -> None:
    """A control group that uses 3 GiB, one of it for files."""
    if is_old:
        names, root = (
            ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
            root / "memory",
        )
        root.mkdir()
    else:
        names = ("memory.max", "memory.current", "inactive_file")
    (root / names[0]).write_text(f"{limit}\n", encoding="ascii")
    (root / names[1]).write_text(f"{3 * GIB}\n", encoding="ascii")
    (root / "memory.stat").write_text(f"anon 5\n{names[2]} {GIB}\nactive_file 7\n", encoding="ascii")


@pytest.mark.parametrize("is_old", [False, True])
def test_what_is_kept_from_files_counts_as_free(tmp_path: Path, is_old: bool) -> None:
    write(tmp_path, str(8 * GIB), is_old=is_old)
    assert container_memory(tmp_path) == ContainerMemory(limit=8 * GIB, free=6 * GIB)


def test_no_limit_and_no_container_are_none(tmp_path: Path) -> None:
    assert container_memory(tmp_path) is None
    write(tmp_path, "max")
    assert container_memory(tmp_path) is None


def test_an_overfull_container_has_nothing_free(tmp_path: Path) -> None:
    write(tmp_path, str(GIB))
    assert container_memory(tmp_path) == ContainerMemory(limit=GIB, free=0)


def test_files_of_another_kind_are_no_limit(tmp_path: Path) -> None:
    write(tmp_path, str(8 * GIB))
    (tmp_path / "memory.stat").write_text("inactive_file\n", encoding="ascii")
    assert container_memory(tmp_path) is None
