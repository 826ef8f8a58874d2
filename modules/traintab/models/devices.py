"""Which device and which number format, and why."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from ..errors import ModelError

__all__ = ["DeviceChoice", "choose_device"]

_FIRST_CAPABILITY_WITH_BF16 = (8, 0)


@dataclass(frozen=True, kw_only=True)
class DeviceChoice:
    """Where the UNet runs and in which dtype; `reason` is a sentence for the log and the page."""

    device: torch.device
    dtype: torch.dtype
    reason: str


def choose_device(requested: str | None = None) -> DeviceChoice:
    """The device asked for (`cpu`, `cuda`, `cuda:1`, `mps`), or the best one here.

    Raises ModelError when the device asked for isn't there or this torch wasn't built for it. A card that
    was not asked for and can't be used means the CPU, with the reason said.
    """
    if requested is None:
        return _best_device()
    try:
        device = torch.device(requested)
    except RuntimeError as error:
        raise ModelError(f"There is no device called {requested!r}; use cpu, cuda, cuda:0 or mps.") from error
    if device.type == "cuda":
        problem = _cuda_problem(device)
        if problem:
            raise ModelError(
                f"The device {requested} was asked for, but {problem}; choose cpu or mend the driver."
            )
        return _cuda_choice(device)
    if device.type == "mps" and not torch.backends.mps.is_available():
        raise ModelError("The device mps was asked for, but this machine or this torch has none; choose cpu.")
    if device.type not in ("cpu", "mps"):
        raise ModelError(f"The device {requested!r} can't be trained on; use cpu, cuda or mps.")
    return DeviceChoice(
        device=device, dtype=torch.float32, reason=f"{requested} was asked for; float32 is exact."
    )


def _best_device() -> DeviceChoice:
    cuda = torch.device("cuda")
    problem = _cuda_problem(cuda)
    if not problem:
        return _cuda_choice(cuda)
    if torch.backends.mps.is_available():
        return DeviceChoice(
            device=torch.device("mps"), dtype=torch.float32, reason="Apple's graphics; float32 is exact."
        )
    return DeviceChoice(
        device=torch.device("cpu"),
        dtype=torch.float32,
        reason=f"The processor in float32, because {problem}.",
    )


def _cuda_choice(device: torch.device) -> DeviceChoice:
    name = torch.cuda.get_device_name(device)
    if (
        torch.version.hip is not None
        or torch.cuda.get_device_capability(device) >= _FIRST_CAPABILITY_WITH_BF16
    ):
        return DeviceChoice(
            device=device,
            dtype=torch.bfloat16,
            reason=f"{name} in bfloat16: float32's range at half the memory.",
        )
    return DeviceChoice(
        device=device,
        dtype=torch.float16,
        reason=f"{name} in float16, because it has no bfloat16 of its own.",
    )


def _cuda_problem(device: torch.device) -> str:
    """Why CUDA can't be used, as the end of a sentence; empty when it can."""
    if not torch.cuda.is_available():
        return "torch finds no graphics card it can use"
    index = device.index or 0
    if index >= torch.cuda.device_count():
        return f"there are only {torch.cuda.device_count()} cards, counted from 0"
    if torch.version.hip is not None:
        return ""
    major, minor = torch.cuda.get_device_capability(device)
    if _is_built_for(major, minor, torch.cuda.get_arch_list()):
        return ""
    built_for = ", ".join(torch.cuda.get_arch_list())
    return (
        f"torch {torch.__version__} was built for {built_for} and not for"
        f" {torch.cuda.get_device_name(device)} (sm_{major}{minor}); install the build that fits the card"
    )


def _is_built_for(major: int, minor: int, architectures: list[str]) -> bool:
    """`sm_` code runs on cards of its major number and no lower minor one, `compute_` code on newer cards."""
    for architecture in architectures:
        kind, _, number = architecture.partition("_")
        digits = "".join(character for character in number if character.isdigit())
        if not digits:
            continue
        built_major, built_minor = int(digits[:-1] or 0), int(digits[-1])
        if kind == "sm" and built_major == major and built_minor <= minor:
            return True
        if kind == "compute" and (built_major, built_minor) <= (major, minor):
            return True
    return False
