"""Installs what Train Tab needs, with the standard library alone.

Run by a web UI at its start it adds what that Python lacks and never changes what is already there.
Used by `extension.py` it makes and completes `.venv` in the repository root.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["InstallError", "add_missing_packages", "complete_environment", "enter_environment"]

REQUIREMENTS = "requirements.txt"
CHECK_REQUIREMENTS = "requirements-dev.txt"
TORCH_INDEX = "https://download.pytorch.org/whl"
PROBE_SECONDS = 3.0

# Import name → what pip is asked for. Web UIs bring torch, transformers and gradio themselves.
HOST_PACKAGES = {
    "numpy": "numpy",
    "PIL": "pillow",
    "yaml": "PyYAML",
    "safetensors": "safetensors>=0.4",
    "cv2": "opencv-python-headless>=4.10,<5",
    "diffusers": "diffusers==0.42.1",
}
# The newest diffusers that works with the transformers 4 of A1111, Forge and reForge.
DIFFUSERS_FOR_TRANSFORMERS_4 = "diffusers==0.31.0"


class InstallError(Exception):
    """Something could not be installed; the message says what to do."""


@dataclass(frozen=True)
class TorchBuild:
    """Which build of torch fits: a folder of PyTorch's wheel index, or "" for the default index."""

    tag: str
    reason: str


@dataclass(frozen=True)
class NvidiaCard:
    """What nvidia-smi says: the driver's major version and the card's compute capability."""

    driver: int
    capability: float


def enter_environment(root: Path, arguments: Sequence[str]) -> None:
    """Complete `.venv` below `root` and go on inside it; returns only when already inside.

    Exits with a sentence when something can't be installed.
    """
    names = [REQUIREMENTS, CHECK_REQUIREMENTS] if arguments[:1] == ["check"] else [REQUIREMENTS]
    try:
        python = complete_environment(root, names)
    except InstallError as error:
        raise SystemExit(str(error)) from None
    except KeyboardInterrupt:
        _say("Stopped. The next start goes on where this one was.")
        raise SystemExit(130) from None
    if Path(sys.prefix).resolve() == (root / ".venv").resolve():
        return
    command = [str(python), str(root / "extension.py"), *arguments]
    if sys.platform == "win32":
        raise SystemExit(_run_as_child(command))
    os.execv(command[0], command)


def complete_environment(root: Path, names: Sequence[str]) -> Path:
    """Make `.venv` below `root` hold what the requirement files `names` say; return its Python.

    A stamp holds the hashes of the files that were installed in full, so that a later start asks
    nothing of the network, and an interrupted one is noticed and completed.
    """
    import hashlib

    environment = root / ".venv"
    python = environment / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    stamp = _read_stamp(environment)
    wanted = {name: hashlib.sha256((root / name).read_bytes()).hexdigest() for name in names}
    if python.exists() and all(stamp.get(name) == value for name, value in wanted.items()):
        return python
    _make_environment(environment, python)
    for name in (name for name in names if stamp.get(name) != wanted[name]):
        _install_torch(python, root / name)
        _say(f"Installing {name} ...")
        if _pip(python, ["-r", str(root / name)]) != 0:
            raise InstallError(
                f"Installing {name} into {environment} failed; the lines above say why."
                " Check the network connection and the free disk space, then start again:"
                " what is already installed is kept."
            )
        stamp = {**stamp, name: wanted[name]}
        _write_stamp(environment, stamp)
    return python


def add_missing_packages() -> None:
    """Add to a web UI's own Python what is missing there, leaving every installed version as it is."""
    missing = [wanted for name, wanted in HOST_PACKAGES.items() if not _is_importable(name)]
    if not missing:
        return
    versions = _installed_versions()
    if versions.get("transformers", "").startswith("4."):
        older = {HOST_PACKAGES["diffusers"]: DIFFUSERS_FOR_TRANSFORMERS_4}
        missing = [older.get(wanted, wanted) for wanted in missing]
    _say(f"Train Tab adds {', '.join(missing)} ...")
    if _pip(Path(sys.executable), [*missing, "-c", str(_constraints_file(versions))]) != 0:
        raise InstallError(
            f"Train Tab needs {', '.join(missing)}, which could not be added without changing what the"
            " web UI has installed; the lines above say why. Check the network connection, or start"
            " Train Tab on its own: python3 extension.py"
        )


def nvidia_cards() -> list[NvidiaCard]:
    """The NVIDIA cards that nvidia-smi lists; empty without a driver."""
    lines = _output_of(["nvidia-smi", "--query-gpu=driver_version,compute_cap", "--format=csv,noheader"])
    cards = []
    for line in lines.splitlines():
        driver, _, capability = line.partition(",")
        try:
            cards.append(NvidiaCard(int(driver.split(".")[0]), float(capability)))
        except ValueError:
            continue
    return cards


def choose_torch_build(platform: str, cards: Sequence[NvidiaCard], *, has_rocm: bool) -> TorchBuild:
    """The build of torch 2.13 for `platform` (as in `sys.platform`) and these cards.

    CUDA 13.0 builds serve capability 7.5 and up from driver 580; CUDA 12.6 builds 5.0 to 9.0 from 525
    (PyTorch's release matrix, NVIDIA's table of minor version compatibility).
    """
    if platform == "darwin":
        return TorchBuild("", "macOS")
    if cards:
        driver = min(card.driver for card in cards)
        newest = max(card.capability for card in cards)
        oldest = min(card.capability for card in cards)
        if driver >= 580 and (oldest >= 7.5 or newest >= 10):
            return TorchBuild("cu130", f"NVIDIA driver {driver}, capability {newest}")
        if driver >= 525 and 5 <= newest < 10:
            return TorchBuild("cu126", f"NVIDIA driver {driver}, capability {newest}")
        needed = 580 if newest >= 10 else 525
        return TorchBuild(
            "cpu", f"NVIDIA driver {driver} is too old for a GPU build: update to {needed} or newer"
        )
    if platform == "linux" and has_rocm:
        return TorchBuild("rocm7.2", "AMD ROCm")
    return TorchBuild("cpu", "no GPU found")


def _install_torch(python: Path, requirements: Path) -> None:
    """Install torch before all else, so that no other package pulls a build that doesn't fit."""
    pins = [
        line for line in requirements.read_text(encoding="utf-8").splitlines() if line.startswith("torch==")
    ]
    if not pins:
        return
    pin = pins[0].strip()
    question = "import importlib.metadata as m; print(m.version('torch'))"
    if _output_of([str(python), "-c", question]).strip().split("+")[0] == pin.partition("==")[2]:
        return
    build = choose_torch_build(sys.platform, nvidia_cards(), has_rocm=Path("/dev/kfd").exists())
    _say(f"Installing {pin}, {build.tag or 'default'} build ({build.reason}) ...")
    if build.tag and _index_offers(build.tag, pin):
        index = ["--index-url", f"{TORCH_INDEX}/{build.tag}", "--retries", "1"]
        if _pip(python, [f"{pin}+{build.tag}", *index]) == 0:
            return
    if build.tag:
        _say(f"{TORCH_INDEX}/{build.tag} does not answer with {pin}: taking the default index's build.")
    if _pip(python, [pin]) != 0:
        raise InstallError(
            f"Installing {pin} failed; the lines above say why. Check the network connection and the free"
            " disk space (up to 8 GB for a GPU build), then start again."
        )


def _index_offers(tag: str, pin: str) -> bool:
    """Whether PyTorch's index answers at once and lists this version."""
    import http.client
    import urllib.request

    try:
        with urllib.request.urlopen(f"{TORCH_INDEX}/{tag}/torch/", timeout=PROBE_SECONDS) as answer:
            page: bytes = answer.read()
    except (OSError, http.client.HTTPException):
        return False
    return pin.replace("==", "-").encode() in page


def _make_environment(environment: Path, python: Path) -> None:
    """Make the virtual environment, or make it anew when it is of no use."""
    import subprocess

    test = "import sys, pip; print(sys.version_info >= (3, 11))"
    if python.exists() and _output_of([str(python), "-c", test]).strip() == "True":
        return
    _say(f"Making {environment} ...")
    command = [sys.executable, "-m", "venv", "--clear", str(environment)]
    if subprocess.run(command, stdout=sys.stderr, check=False).returncode != 0:
        raise InstallError(
            f"Making {environment} failed; the lines above say why. Debian and Ubuntu need"
            " `sudo apt install python3-venv` first; else check that the folder can be written to."
        )


def _pip(python: Path, arguments: Sequence[str]) -> int:
    """Run `pip install`, its progress on standard error, which leaves standard output to the program."""
    import subprocess

    command = [str(python), "-m", "pip", "install", "--disable-pip-version-check", *arguments]
    return subprocess.run(command, stdout=sys.stderr, check=False).returncode


def _output_of(command: Sequence[str]) -> str:
    """What the command prints; empty when it is missing, fails or hangs."""
    import subprocess

    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout


def _run_as_child(command: Sequence[str]) -> int:
    """Windows has no exec: run the command, hand signals on, and end as it ends."""
    import signal
    import subprocess

    child = subprocess.Popen(command)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the console sends Ctrl-C to the child as well
    signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    return child.wait()


def _is_importable(name: str) -> bool:
    """Whether a real package of that name is there; a mere folder of that name isn't one."""
    spec = importlib.util.find_spec(name)
    return spec is not None and spec.origin is not None


def _installed_versions() -> dict[str, str]:
    """The version of each distribution by its lower-case name; of one that is there twice that imported."""
    import importlib.metadata

    # An environment may stand on another Python's packages: what comes first is imported.
    lasting = reversed(list(importlib.metadata.distributions()))
    found = ((each.metadata["Name"], each.version) for each in lasting)
    return {name.lower(): version for name, version in found if name and version}


def _constraints_file(versions: Mapping[str, str]) -> Path:
    """A file that tells pip to keep these versions."""
    import tempfile

    path = Path(tempfile.mkdtemp(prefix="train-tab-")) / "constraints.txt"
    path.write_text("\n".join(f"{name}=={version}" for name, version in versions.items()), encoding="utf-8")
    return path


def _read_stamp(environment: Path) -> dict[str, str]:
    import json

    try:
        stamp = json.loads((environment / "train-tab.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def _write_stamp(environment: Path, stamp: Mapping[str, str]) -> None:
    import json

    (environment / "train-tab.json").write_text(json.dumps(stamp, indent=1), encoding="utf-8")


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    try:
        # Web UIs put themselves in PYTHONPATH, or run this file in their own folder.
        if importlib.util.find_spec("launch") or Path("launch.py").exists():
            add_missing_packages()
        else:
            complete_environment(Path(__file__).resolve().parent, [REQUIREMENTS])
    except InstallError as error:
        raise SystemExit(str(error)) from None
