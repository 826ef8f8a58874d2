"""How much memory is in use, and parts of a model that make room for others."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import nn

from ..errors import MemoryShortageError
from .container_memory import container_memory

__all__ = [
    "MemoryUse",
    "device_of",
    "free_cached_memory",
    "in_ram",
    "is_memory_shortage",
    "let_go",
    "memory_use",
    "on_device",
]

_SIGNS = ("out of memory", "can't allocate memory", "not enough memory")


@dataclass(frozen=True, kw_only=True)
class MemoryUse:
    """A device's memory at one moment, in bytes.

    `allocated` is in use by this program's tensors (on the CPU by the program as a whole), `held` what it
    keeps of the device with torch's own store of freed memory, `free` what anybody could take, `total` all
    there is. `peak` is the most that was ever allocated, None where that isn't counted.
    """

    allocated: int
    held: int
    free: int
    total: int
    peak: int | None = None

    @property
    def available(self) -> int:
        """What this program could still fill."""
        return self.free + self.held - self.allocated

    @property
    def others(self) -> int:
        """What other programs and the driver hold."""
        return max(self.total - self.free - self.held, 0)


def memory_use(device: torch.device) -> MemoryUse | None:
    """The memory of `device` now; None where it can't be known."""
    if device.type == "cuda":
        free, total = torch.cuda.mem_get_info(device)
        return MemoryUse(
            allocated=torch.cuda.memory_allocated(device),
            held=torch.cuda.memory_reserved(device),
            free=free,
            total=total,
            peak=torch.cuda.max_memory_allocated(device),
        )
    if device.type == "xpu":
        return _xpu_memory_use(device)
    if device.type == "mps":
        return _mps_memory_use()
    return _ram_use() if device.type == "cpu" else None


def _xpu_memory_use(device: torch.device) -> MemoryUse:
    allocated, held = torch.xpu.memory_allocated(device), torch.xpu.memory_reserved(device)
    total = int(torch.xpu.get_device_properties(device).total_memory)
    try:
        free = int(torch.xpu.mem_get_info(device)[0])
    except (AttributeError, RuntimeError):  # older than torch 2.6, or a driver that doesn't tell
        free = max(total - held, 0)
    peak = torch.xpu.max_memory_allocated(device)
    return MemoryUse(allocated=allocated, held=held, free=free, total=total, peak=peak)


def _mps_memory_use() -> MemoryUse | None:
    if not hasattr(torch.mps, "recommended_max_memory"):  # torch has it since 2.5
        return None
    held, total = torch.mps.driver_allocated_memory(), torch.mps.recommended_max_memory()
    allocated = torch.mps.current_allocated_memory()
    return MemoryUse(allocated=allocated, held=held, free=max(total - held, 0), total=total)


def _ram_use() -> MemoryUse | None:
    try:
        # Comes with accelerate; a web UI may lack both.
        import psutil  # type: ignore[import-untyped]
    except ImportError:
        return None
    used, machine = int(psutil.Process().memory_info().rss), psutil.virtual_memory()
    free, total = int(machine.available), int(machine.total)
    container = container_memory()
    if container is not None:
        free, total = min(free, container.free), min(total, container.limit)
    return MemoryUse(allocated=used, held=used, free=free, total=total)


def is_memory_shortage(error: BaseException) -> bool:
    """Whether an error says that memory ran out; on some devices torch raises a plain RuntimeError."""
    if isinstance(error, MemoryError | torch.cuda.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError) and any(sign in str(error) for sign in _SIGNS)


@contextmanager
def in_ram(*modules: nn.Module) -> Iterator[None]:
    """Move `modules` to the CPU for the length of the block, and back to where each was, whatever happens.

    One module that can't be moved back stays on the CPU and doesn't keep the others from it; then
    MemoryShortageError is raised at the end when there was no room, else torch's own error.
    """
    homes = [device_of(module) for module in modules]
    try:
        for module in modules:
            module.to("cpu")
        free_cached_memory()
        yield
    finally:
        outcomes = [_moved(module, home) for module, home in zip(modules, homes, strict=True)]
        failures = [failure for failure in outcomes if failure is not None]
        if failures:
            raise failures[0]


def _moved(module: nn.Module, home: torch.device) -> Exception | None:
    """Move a module, with a second try after making room; the error that is to be raised if it failed."""
    failure = _failure_of_moving(module, home)
    if failure is None or not is_memory_shortage(failure):
        return failure
    del failure  # its traceback may hold what takes the room
    free_cached_memory()
    failure = _failure_of_moving(module, home)
    if failure is None:
        return None
    told = MemoryShortageError(
        f"Moving a part of the model from main memory back to {home} ran out of memory; it works on from main"
        " memory, slowly. Close other programs that use the device, and choose the model again."
    )
    told.__cause__ = failure
    return told


def _failure_of_moving(module: nn.Module, home: torch.device) -> Exception | None:
    try:
        module.to(home)
    except RuntimeError as error:
        module.to("cpu")  # or half of it would be there
        return error
    return None


@contextmanager
def on_device(module: nn.Module, device: torch.device) -> Iterator[None]:
    """Move `module` to `device` for the length of the block, and back to where it was, whatever happens."""
    home = device_of(module)
    try:
        module.to(device)
        yield
    finally:
        if home != device:
            module.to(home)
            free_cached_memory()


def device_of(module: nn.Module) -> torch.device:
    """Where a module's weights are; a module without any counts as on the CPU."""
    parameter = next(module.parameters(), None)
    return torch.device("cpu") if parameter is None else parameter.device


def let_go(modules: Iterable[nn.Module]) -> None:
    """Free the weights of modules that are done with, though somebody may refer to them still: a frame of an
    error on its way up, for example.
    """
    for module in modules:
        module.to("meta")
    free_cached_memory()


def free_cached_memory() -> None:
    """Hand back to the driver what torch keeps for later on the accelerator, and what nothing refers to."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    if hasattr(torch, "xpu") and torch.xpu.is_available():
        torch.xpu.empty_cache()
    if torch.backends.mps.is_available():
        torch.mps.empty_cache()
