"""A Python environment for each gradio that web UIs have: it holds what differs, the rest is the tree's own.

An environment is made once and kept in `.cache/`, beside what its requirements were; a run that was ended
in between is made anew. It takes some minutes and half a gigabyte each.
"""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import time
from collections.abc import Mapping
from importlib.metadata import version as installed
from pathlib import Path
from types import MappingProxyType

from traintab.file_lock import FileLock
from traintab.paths import REPOSITORY_DIR

__all__ = ["OWN", "VERSIONS", "python_with"]

OWN = installed("gradio")
"""The version of the tree itself, whose Python serves as it is."""

VERSIONS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        # A1111 1.10 and reForge
        "3.41.2": (
            *("pydantic==1.10.24", "fastapi==0.94.0", "httpx==0.24.1", "numpy==1.26.4", "pillow==9.5.0"),
            *("transformers==4.30.2", "diffusers==0.31.0"),
        ),
        # SD.Next, with its newer libraries
        "3.43.2": ("pydantic==1.10.24", "fastapi==0.124.4", "numpy==1.26.4", "pillow==10.4.0"),
        # Forge
        "4.40.0": (
            *("pydantic==2.8.2", "fastapi==0.104.1", "numpy==1.26.4", "pillow==10.4.0"),
            *("transformers==4.46.1", "diffusers==0.31.0", "huggingface_hub==0.26.2"),
        ),
        OWN: (),
    }
)
"""gradio's versions in web UIs, and what is installed with each."""

_FOLDER = REPOSITORY_DIR / ".cache" / "gradio-versions"
_PATIENCE = 1200.0


def python_with(version: str) -> Path:
    """The Python that has this gradio; makes its environment where it isn't there yet."""
    if version == OWN:
        return Path(sys.executable)
    folder = _FOLDER / version
    wanted = "\n".join((f"gradio=={version}", *VERSIONS[version]))
    done, python = folder / "requirements.txt", folder / "bin" / "python"
    _FOLDER.mkdir(parents=True, exist_ok=True)
    lock, end = FileLock(_FOLDER / f"{version}.lock"), time.monotonic() + _PATIENCE
    while not lock.acquire():
        assert time.monotonic() < end, f"Somebody else makes {folder} for too long."
        time.sleep(1)
    try:
        if not done.is_file() or done.read_text() != wanted:
            _make(folder, python, wanted.split("\n"))
            done.write_text(wanted)
    finally:
        lock.release()
    return python


def _make(folder: Path, python: Path, requirements: list[str]) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--clear", "--without-pip", str(folder)], check=True)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", "--python", str(python)]
    subprocess.run([*pip, "install", *requirements], check=True, timeout=_PATIENCE)
    packages = {"base": str(folder), "platbase": str(folder)}
    below = Path(sysconfig.get_path("purelib", vars=packages))
    # Behind its own packages: whatever it has none of, torch above all.
    (below / "rest.pth").write_text(sysconfig.get_path("purelib") + os.linesep)
