"""Seconds and bytes, measured so that a busy machine doesn't matter."""

from __future__ import annotations

import ctypes
import gc
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch

Work = Callable[[], object]


def clock_of(device: torch.device) -> Callable[[], float]:
    """Seconds that this process has computed; on a card those that have passed, its queue being empty."""
    if device.type == "cpu":
        return time.process_time

    def now() -> float:
        torch.cuda.synchronize(device)
        return time.perf_counter()

    return now


def in_turns(works: Sequence[Work], rounds: int, clock: Callable[[], float]) -> list[list[float]]:
    """The seconds of each work in each round; who begins changes, so that none has the caches to itself."""
    seconds: list[list[float]] = [[] for _ in works]
    for number in range(rounds):
        order = range(len(works)) if number % 2 == 0 else range(len(works) - 1, -1, -1)
        for index in order:
            began = clock()
            works[index]()
            seconds[index].append(clock() - began)
    return seconds


def compared(floor: Sequence[float], ours: Sequence[float]) -> dict[str, float]:
    """Median seconds, and ours ÷ floor: the rounds' median ratio and its quartiles, and the sums' ratio."""
    ratios = [own / least for own, least in zip(ours, floor, strict=True)]
    low, middle, high = statistics.quantiles(ratios, n=4) if len(ratios) > 1 else ratios * 3
    return {
        "floor_seconds": statistics.median(floor),
        "our_seconds": statistics.median(ours),
        "ratio": middle,
        "ratio_low": low,
        "ratio_high": high,
        "ratio_of_sums": sum(ours) / sum(floor),
    }


def forget_peak(device: torch.device) -> None:
    """Count the most memory in use from now on: the card's, or on Linux what this process has in RAM."""
    gc.collect()
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
    elif sys.platform == "linux":
        ctypes.CDLL(None).malloc_trim(0)  # what is free already shall not count
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def peak(device: torch.device) -> int:
    """The most bytes in use since `forget_peak`: torch's own count on a card, VmHWM on the processor."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    if sys.platform != "linux":
        raise SystemExit("The processor's peak memory is measured on Linux only.")
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) * 1024


def in_process(script: Path, *arguments: str) -> dict[str, Any]:
    """The JSON object in the last line of what another Python prints, on one thread."""
    command = [sys.executable, str(script), *arguments]
    finished = subprocess.run(command, stdout=subprocess.PIPE, text=True, env=one_thread(), check=False)
    if finished.returncode:
        raise SystemExit(f"{' '.join(command)} ended with status {finished.returncode}.")
    answer: dict[str, Any] = json.loads(finished.stdout.splitlines()[-1])
    return answer


def one_thread() -> dict[str, str]:
    """The environment with every library of numbers on one thread."""
    return {**os.environ, "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def versions() -> str:
    """What the figures depend on, in a line."""
    import diffusers
    import transformers

    kinds = [line for line in _cpu_lines() if line.startswith("model name")]
    processor = kinds[0].partition(":")[2].strip() if kinds else platform.processor()
    card = f", {torch.cuda.get_device_name()}" if torch.cuda.is_available() else ""
    return (
        f"Python {platform.python_version()}, torch {torch.__version__}, diffusers {diffusers.__version__},"
        f" transformers {transformers.__version__}, {processor}{card}"
    )


def _cpu_lines() -> list[str]:
    path = Path("/proc/cpuinfo")
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []
