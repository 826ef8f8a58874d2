"""Which device and which number format, and why."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from ..errors import ModelError

__all__ = ["DeviceChoice", "choose_device", "reason_of"]

_FIRST_CAPABILITY_WITH_BF16 = (8, 0)
_AMD_WITH_BF16 = ("gfx908", "gfx90a", "gfx94", "gfx95", "gfx11", "gfx12")
# Their half precision is known to give black pictures; the RTX cards of the same capability are fine.
_NAN_IN_FLOAT16 = "GTX 16"
_KINDS = ("cpu", "cuda", "mps", "xpu")


@dataclass(frozen=True, kw_only=True)
class DeviceChoice:
    """Where the UNet runs and in which dtype; `reason` is a sentence for the log and the page."""

    device: torch.device
    dtype: torch.dtype
    reason: str


def choose_device(requested: str | None = None) -> DeviceChoice:
    """The device asked for (`cpu`, `cuda`, `cuda:1`, `xpu`, `mps`), or the best one here.

    Raises ModelError when the device asked for isn't there or this torch wasn't built for it. A card that
    was not asked for and can't be used means the CPU, with the reason said.
    """
    if requested is None:
        return _best_device()
    try:
        device = torch.device(requested)
    except RuntimeError as error:
        raise ModelError(
            f"There is no device called {requested!r}; use cpu, cuda, cuda:0, xpu or mps."
        ) from error
    if device.type not in _KINDS:
        raise ModelError(f"The device {requested!r} can't be trained on; use cpu, cuda, xpu or mps.")
    problem = _problem(device)
    if problem:
        raise ModelError(
            f"The device {requested} was asked for, but {problem}; choose cpu or mend the driver."
        )
    if device.type == "cpu":
        return _float32(device, f"{requested} was asked for; float32 is exact.")
    return _choice(device)


def reason_of(device: torch.device) -> str:
    """The sentence that was told when a model was loaded to `device`; raises ModelError if that is gone."""
    best = choose_device()
    return best.reason if best.device.type == device.type else choose_device(str(device)).reason


def _best_device() -> DeviceChoice:
    """CUDA (NVIDIA, AMD), then Intel's, then Apple's graphics, else the processor."""
    for kind in ("cuda", "xpu", "mps"):
        device = torch.device(kind)
        if not _problem(device):
            return _choice(device)
    # Only of CUDA more can be told than that there is none: a card that this torch wasn't built for.
    because = _problem(torch.device("cuda"))
    return _float32(torch.device("cpu"), f"The processor in float32, because {because}.")


def _problem(device: torch.device) -> str:
    """Why the device can't be used, as the end of a sentence; empty when it can."""
    if device.type == "cuda":
        return _cuda_problem(device)
    if device.type == "xpu":
        return _xpu_problem(device)
    if device.type == "mps" and not torch.backends.mps.is_available():
        return "this machine or this torch has none"
    return ""


def _choice(device: torch.device) -> DeviceChoice:
    """The number format for a device that can be used."""
    if device.type == "cuda":
        return _cuda_choice(device)
    if device.type == "xpu":
        return _bfloat16(device, torch.xpu.get_device_name(device))
    return _float32(device, "Apple's graphics in float32: its half precision was never tried here.")


def _cuda_choice(device: torch.device) -> DeviceChoice:
    name = torch.cuda.get_device_name(device)
    if _has_bf16(device):
        return _bfloat16(device, name)
    if _NAN_IN_FLOAT16 in name:
        return _float32(device, f"{name} in float32, because its float16 gives black pictures.")
    reason = f"{name} in float16, because it has no bfloat16 of its own."
    return DeviceChoice(device=device, dtype=torch.float16, reason=reason)


def _bfloat16(device: torch.device, name: str) -> DeviceChoice:
    reason = f"{name} in bfloat16: float32's range at half the memory."
    return DeviceChoice(device=device, dtype=torch.bfloat16, reason=reason)


def _float32(device: torch.device, reason: str) -> DeviceChoice:
    return DeviceChoice(device=device, dtype=torch.float32, reason=reason)


def _has_bf16(device: torch.device) -> bool:
    """Whether the card itself computes in bfloat16; torch's own answer counts slow emulation too."""
    if torch.version.hip is not None:
        return str(torch.cuda.get_device_properties(device).gcnArchName).startswith(_AMD_WITH_BF16)
    return torch.cuda.get_device_capability(device) >= _FIRST_CAPABILITY_WITH_BF16


def _cuda_problem(device: torch.device) -> str:
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


def _xpu_problem(device: torch.device) -> str:
    # torch has it since 2.4; web UIs come with older ones.
    if not hasattr(torch, "xpu") or not torch.xpu.is_available():
        return "torch finds no Intel graphics it can use"
    if (device.index or 0) >= torch.xpu.device_count():
        return f"there are only {torch.xpu.device_count()} Intel cards, counted from 0"
    return ""


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
