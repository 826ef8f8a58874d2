"""Each optimizer: what it is made of, and what is refused."""

from __future__ import annotations

import contextlib
import sys
import types
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from traintab.configs import OptimizerConfig
from traintab.errors import ConfigError, ModelError
from traintab.training import optimizers
from traintab.training.optimizers import OptimizerChoice, chosen_optimizer


def test_without_settings_it_is_the_adamw_there_was_before() -> None:
    vector = torch.full((2, 4), 0.1, requires_grad=True)
    plain = torch.optim.AdamW([vector], lr=0.0, weight_decay=0.0)
    made = chosen_optimizer(OptimizerConfig()).make([vector])
    assert type(made) is type(plain)
    assert {**made.defaults, "lr": 0.0} == plain.defaults


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ({"optimizer_betas": "0.9"}, "two numbers from 0 to below 1"),
        ({"optimizer_betas": "0.9, 1"}, "two numbers from 0 to below 1"),
        ({"optimizer_betas": "a b"}, "'a b'"),
        ({"optimizer": "Adafactor", "optimizer_betas": "0.9, 0.99"}, "Adafactor has no such setting"),
        ({"optimizer": "Adafactor", "optimizer_eps": 1e-8}, "Adafactor has no such setting"),
        ({"optimizer": "Lion", "optimizer_eps": 1e-8}, "Lion has no such setting"),
        ({"optimizer": "Prodigy", "optimizer_arguments": "d_coeff=2"}, "did you mean d_coef?"),
        ({"optimizer": "Prodigy", "optimizer_arguments": "zzz=2"}, "it has beta3, "),
        ({"optimizer": "Prodigy", "optimizer_arguments": "d_coef = 2"}, "without blanks"),
        ({"optimizer_arguments": "weight_decay=0.1"}, "a field of its own, Weight decay"),
        ({"optimizer_arguments": "lr=0.1"}, "a field of its own, Embedding Learning rate"),
        ({"optimizer": "Adafactor", "optimizer_arguments": "relative_step=True"}, "leave it out"),
        ({"optimizer": "Prodigy", "optimizer_arguments": "d0=-1"}, "can't be made with"),
        ({"optimizer": "Prodigy", "optimizer_arguments": "d0=big"}, "can't be made with"),
    ],
)
def test_what_an_optimizer_does_not_know_is_refused(chosen: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        chosen_optimizer(OptimizerConfig(**chosen))
    assert said in str(caught.value)


def test_arguments_are_numbers_truth_values_and_texts() -> None:
    choice = chosen_optimizer(
        OptimizerConfig(
            optimizer="Prodigy",
            optimizer_arguments="use_bias_correction=true growth_rate=inf beta3=None slice_p=2",
        )
    )
    known = {"use_bias_correction": True, "growth_rate": float("inf"), "beta3": None, "slice_p": 2}
    assert {key: choice.settings[key] for key in known} == known


def test_the_order_of_arguments_does_not_matter_to_the_memory() -> None:
    kinds = {
        chosen_optimizer(OptimizerConfig(optimizer="Prodigy", optimizer_arguments=text)).kind
        for text in ("d_coef=2 slice_p=2", "slice_p=2   d_coef=2")
    }
    assert len(kinds) == 1


def test_a_package_that_is_not_there_is_told_with_its_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(optimizers.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ConfigError, match="pip install lion-pytorch"):
        chosen_optimizer(OptimizerConfig(optimizer="Lion"))


class ForCardsAlone(torch.optim.AdamW):
    """As AdamW8bit where bitsandbytes has no library for the processor."""

    def __init__(self, params: Any, lr: float = 1e-3, weight_decay: float = 0.0, **others: Any) -> None:
        super().__init__(params, lr=lr, weight_decay=weight_decay)

    def step(self, closure: Any = None) -> Any:
        if not all(tensor.is_cuda for group in self.param_groups for tensor in group["params"]):
            raise AttributeError("'NoneType' object has no attribute 'cadam32bit_grad_fp32'")
        return super().step(closure)


def test_an_optimizer_that_does_not_run_on_the_device_is_told_before_anything_loads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    package = types.ModuleType("bitsandbytes.optim")
    package.AdamW8bit = ForCardsAlone  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "bitsandbytes.optim", package)
    monkeypatch.setitem(sys.modules, "bitsandbytes", types.ModuleType("bitsandbytes"))
    monkeypatch.setattr(optimizers.importlib.util, "find_spec", lambda name: object())
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ModelError, match="AdamW8bit doesn't run on cpu: 'NoneType' object has no attribute"):
        chosen_optimizer(OptimizerConfig(optimizer="AdamW8bit"))
    OptimizerChoice(name="Lion").check_device(torch.device("cpu"))


def test_arguments_that_only_a_step_refuses_are_tried_before_anything_loads() -> None:
    with pytest.raises(ModelError, match="doesn't run on cpu with differentiable=True: "):
        chosen_optimizer(OptimizerConfig(optimizer_arguments="differentiable=True"))


_WORDS = st.sampled_from(
    ["amsgrad", "foreach", "fused", "capturable", "maximize", "d_coef", "d0", "slice_p", "beta3", "beta1"]
    + ["clip_threshold", "decay_rate", "scale_parameter", "growth_rate", "use_triton", "eps", "x", ""]
)
_VALUES = st.one_of(
    st.sampled_from(
        ["True", "None", "0", "-1", "1e999", "nan", "()", "[1]", "{}", "text", "", "((", "9" * 99]
    ),
    st.floats().map(repr),
)


@settings(max_examples=60)
@given(
    st.sampled_from(["AdamW", "Prodigy", "Lion", "Adafactor"]),
    st.lists(st.builds("{}={}".format, _WORDS, _VALUES) | st.text(max_size=5), max_size=3),
)
def test_any_arguments_make_an_optimizer_or_a_refusal(name: str, words: list[str]) -> None:
    with contextlib.suppress(ConfigError, ModelError):
        made = chosen_optimizer(OptimizerConfig(optimizer=name, optimizer_arguments=" ".join(words)))
        assert made.make([torch.zeros(2, 4, requires_grad=True)]).param_groups


def test_weight_decay_prints_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    chosen_optimizer(OptimizerConfig(optimizer="Prodigy", weight_decay=0.1))
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("optimizer", "argument", "said"),
    [
        ("Lion", "use_triton=True", "no faster; leave it out"),  # without triton it ended the program
        ("AdamW", "maximize=True", "away from the pictures; leave it out"),
        ("AdamW", "amsgrad=maybe", "amsgrad is True or False"),
        ("Prodigy", "use_bias_correction=1", "use_bias_correction is True or False"),
    ],
)
def test_arguments_that_would_do_harm_are_refused(optimizer: str, argument: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said) as caught:
        chosen_optimizer(OptimizerConfig(optimizer=optimizer, optimizer_arguments=argument))
    assert caught.value.field == "optimizer_arguments"
