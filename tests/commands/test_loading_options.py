from __future__ import annotations

import pytest

from traintab.commands.arguments import Parser
from traintab.commands.loading_options import add_loading_options, loading_from
from traintab.configs import LoadingConfig
from traintab.errors import ConfigError


def loading(*arguments: str) -> LoadingConfig:
    parser = Parser()
    add_loading_options(parser)
    return loading_from(parser.parse_args(arguments))


def test_without_flags_everything_is_automatic() -> None:
    assert loading() == LoadingConfig(vae="Automatic", prediction_type="automatic")


def test_vae_and_prediction_type_can_be_given() -> None:
    given = loading("--vae", "b.pt", "--prediction-type", "v_prediction_ztsnr")

    assert given == LoadingConfig(vae="b.pt", prediction_type="v_prediction_ztsnr")


@pytest.mark.parametrize("arguments", [("--prediction-type", "v"), ("--vae", "")])
def test_a_value_that_is_none_is_told_with_its_flag(arguments: tuple[str, ...]) -> None:
    with pytest.raises(ConfigError, match=f"^{arguments[0]}: "):
        loading(*arguments)
