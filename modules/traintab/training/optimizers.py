"""Which optimizer moves the vectors: ours to choose, others' to write."""

from __future__ import annotations

import ast
import contextlib
import difflib
import importlib
import importlib.util
import inspect
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import torch

from ..configs import OptimizerConfig
from ..errors import ConfigError, ModelError
from ..models.transformers_adapter import adafactor

__all__ = ["OptimizerChoice", "chosen_optimizer"]

# Each step sets its own; some refuse to begin with 0.
_RATE_BEFORE_THE_FIRST_STEP = 1.0
_NOT_SETTINGS = ("self", "params", "lr")
# bitsandbytes keeps what is smaller in 32 bits, and needs no library of its own for that.
_ENOUGH_FOR_8_BITS = 8192
_ANOTHER_RATE = "would choose another rate than Embedding Learning rate does"
# What the packages raise for settings they don't like, and where they have no library for a device.
_REFUSALS = (
    *(ValueError, TypeError, AssertionError, ArithmeticError, LookupError),
    *(RuntimeError, AttributeError, NameError, ImportError),
)


@dataclass(frozen=True, kw_only=True)
class _Kind:
    """An optimizer: its class, the package that has it, and what is ours in its settings.

    `defaults` are those of its settings that we choose, `refused` those that nobody may, with what each of
    them would do. `is_choosy`: it doesn't run on every device, and has to be tried there.
    """

    load: Callable[[], Any]
    package: str = ""
    module: str = ""
    is_choosy: bool = False
    defaults: Mapping[str, Any] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)


def _of(module: str, name: str) -> Callable[[], Any]:
    return lambda: getattr(importlib.import_module(module), name)


_KINDS: Mapping[str, _Kind] = MappingProxyType(
    {
        "AdamW": _Kind(
            load=lambda: torch.optim.AdamW,
            refused={"maximize": "would move the vectors away from the pictures"},
        ),
        "AdamW8bit": _Kind(
            load=_of("bitsandbytes.optim", "AdamW8bit"),
            package="bitsandbytes",
            module="bitsandbytes",
            is_choosy=True,
        ),
        "Prodigy": _Kind(load=_of("prodigyopt", "Prodigy"), package="prodigyopt", module="prodigyopt"),
        "Lion": _Kind(
            load=_of("lion_pytorch", "Lion"),
            package="lion-pytorch",
            module="lion_pytorch",
            # Without triton the package ends the whole program there.
            refused={
                "decoupled_weight_decay": _ANOTHER_RATE,
                "use_triton": "makes the steps of large models faster, and an embedding's no faster",
            },
        ),
        "Adafactor": _Kind(
            load=adafactor,
            # The rate is then the one that was asked for, whatever the vectors' size.
            defaults={"scale_parameter": False, "relative_step": False},
            refused={"relative_step": _ANOTHER_RATE, "warmup_init": _ANOTHER_RATE},
        ),
    }
)


@dataclass(frozen=True, kw_only=True)
class OptimizerChoice:
    """An optimizer by its name, and the keywords it is made with."""

    name: str = "AdamW"
    settings: Mapping[str, Any] = field(default_factory=lambda: {"weight_decay": 0.0})
    arguments: str = ""

    @property
    def kind(self) -> str:
        """Whose memory it can go on with: of the same name and the same further arguments."""
        return f"{self.name} {self.arguments}".strip()

    def make(self, parameters: Sequence[torch.Tensor]) -> torch.optim.Optimizer:
        """The optimizer of float32 leaves; raises ConfigError when it doesn't like a setting."""
        kind = _KINDS[self.name]
        try:
            # Prodigy greets weight decay on standard output, which may belong to JSON lines.
            with contextlib.redirect_stdout(io.StringIO()):
                optimizer: torch.optim.Optimizer = kind.load()(
                    list(parameters), lr=_RATE_BEFORE_THE_FIRST_STEP, **self.settings
                )
        except _REFUSALS as error:
            given = ", ".join(f"{key}={value!r}" for key, value in self.settings.items())
            raise ConfigError(
                f"The optimizer {self.name} can't be made with {given}: {error or 'it refuses one of them'}."
                " Change these settings, or leave them empty for its own.",
                field="optimizer_arguments",
            ) from error
        return optimizer

    def check_device(self, device: torch.device) -> None:
        """Raise ModelError when the optimizer doesn't run on `device`, which a step tells."""
        if not (self.arguments or _KINDS[self.name].is_choosy):
            return
        vector = torch.zeros(1, _ENOUGH_FOR_8_BITS, device=device, requires_grad=True)
        vector.grad = torch.ones_like(vector)
        try:
            self.make([vector]).step()
        except _REFUSALS as error:
            arguments = f" with {self.arguments}" if self.arguments else ""
            raise ModelError(
                f"The optimizer {self.name} doesn't run on {device.type}{arguments}:"
                f" {error or type(error).__name__}. Change Optimizer arguments, or choose AdamW, which takes"
                " a few kilobytes at most."
            ) from error


def chosen_optimizer(config: OptimizerConfig) -> OptimizerChoice:
    """What the settings ask for, tried on a vector; raises ConfigError and ModelError before anything loads.

    A package that isn't there is told with the command that installs it.
    """
    _check_package(config.optimizer)
    known = _settings_of(config.optimizer)
    own: dict[str, Any] = {"weight_decay": config.weight_decay}
    if config.optimizer_betas.strip():
        own["betas"] = _betas(config.optimizer_betas)
        _check_known("betas", known, config.optimizer, "Optimizer betas", "optimizer_betas")
    if config.optimizer_eps is not None:
        own["eps"] = config.optimizer_eps
        _check_known("eps", known, config.optimizer, "Optimizer epsilon", "optimizer_eps")
    further = _arguments(config.optimizer_arguments, config.optimizer, known)
    settings = {**_KINDS[config.optimizer].defaults, **own, **further}
    arguments = " ".join(f"{name}={further[name]!r}" for name in sorted(further))
    choice = OptimizerChoice(name=config.optimizer, settings=settings, arguments=arguments)
    choice.make([torch.zeros(1, 8, requires_grad=True)])
    choice.check_device(torch.device("cuda" if torch.cuda.is_available() else "cpu"))
    return choice


def _check_package(name: str) -> None:
    kind = _KINDS[name]
    if kind.module and importlib.util.find_spec(kind.module) is None:
        raise ConfigError(
            f"The optimizer {name} is in the package {kind.package}, which isn't installed; install it with"
            f" `pip install {kind.package}` in this program's environment, or choose AdamW.",
            field="optimizer",
        )


def _settings_of(name: str) -> dict[str, Any]:
    """The keywords of the optimizer's constructor, with their defaults."""
    parameters = inspect.signature(_KINDS[name].load().__init__).parameters
    return {key: one.default for key, one in parameters.items() if key not in _NOT_SETTINGS}


def _check_known(setting: str, known: Mapping[str, Any], name: str, label: str, field_name: str) -> None:
    if setting not in known or name == "Adafactor":  # its eps are two, and mean something else
        raise ConfigError(
            f"{label} is given, but {name} has no such setting; leave it empty.", field=field_name
        )


def _betas(text: str) -> tuple[float, ...]:
    try:
        betas = tuple(float(part) for part in text.strip().strip("()[]").replace(",", " ").split())
    except ValueError:
        betas = ()
    if len(betas) != 2 or not all(0 <= beta < 1 for beta in betas):
        raise ConfigError(
            f"Optimizer betas are {text!r}; two numbers from 0 to below 1 were expected, such as 0.9, 0.999.",
            field="optimizer_betas",
        )
    return betas


def _arguments(text: str, name: str, known: Mapping[str, Any]) -> dict[str, Any]:
    """`d_coef=2 growth_rate=1.02` as keywords that the optimizer has."""
    kind, found = _KINDS[name], {}
    for word in text.split():
        key, equals, value = word.partition("=")
        problem = _problem(key, equals, known, kind.refused)
        if not problem and isinstance(known[key], bool) and not isinstance(_value(value), bool):
            problem = f"{key} is True or False"
        if problem:
            raise ConfigError(
                f"Optimizer arguments hold {word!r} for {name}: {problem}.", field="optimizer_arguments"
            )
        found[key] = _value(value)
    return found


def _problem(key: str, equals: str, known: Mapping[str, Any], refused: Mapping[str, str]) -> str:
    """What is wrong with an argument, as the rest of a sentence; empty when nothing is."""
    fields = {"weight_decay": "Weight decay", "betas": "Optimizer betas", "lr": "Embedding Learning rate"}
    if not equals:
        return "NAME=VALUE was expected, without blanks around the sign, such as d_coef=2"
    if key in fields:
        return f"{key} has a field of its own, {fields[key]}"
    if key in refused:
        return f"{key} {refused[key]}; leave it out"
    if key in known:
        return ""
    near = difflib.get_close_matches(key, known, n=1)
    usual = [one for one in known if one not in fields and one not in refused]
    return f"did you mean {near[0]}?" if near else f"it has {', '.join(usual)}"


def _value(text: str) -> Any:
    """A Python number, truth value, None or tuple; what is none of these is a text."""
    literal = {"true": "True", "false": "False", "none": "None", "inf": "1e999"}.get(text.lower(), text)
    try:
        return ast.literal_eval(literal)
    except (ValueError, SyntaxError):
        return text
