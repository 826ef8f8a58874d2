"""Choosing a VAE and a prediction type on the Settings tab."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest

from traintab.configs import LoadingConfig
from traintab.errors import BusyError, ConfigError
from traintab.ui.gradio_compat import skip
from traintab.ui.model_settings import choose_loading, current_choices
from traintab.ui.page import Page


@pytest.fixture
def page(studio: Any) -> Page:
    return Page(studio=cast(Any, studio))


def test_a_choice_reaches_the_studio_and_is_told(page: Page, studio: Any) -> None:
    (message,) = choose_loading(page, {"vae": "b.pt", "prediction_type": "epsilon"})

    assert studio.calls == [("choose_loading", LoadingConfig(vae="b.pt", prediction_type="epsilon"))]
    assert "demo is loaded anew" in message


def test_the_same_choice_again_loads_nothing(page: Page, studio: Any) -> None:
    assert choose_loading(page, {"vae": "Automatic", "prediction_type": "automatic"}) == (skip(),)
    assert studio.calls == []


def test_during_a_job_nothing_is_kept(page: Page, studio: Any) -> None:
    studio.error = BusyError("Training runs.")

    with pytest.raises(BusyError):
        choose_loading(page, {"vae": "None", "prediction_type": "automatic"})
    assert page.remembered.config("loading", LoadingConfig) == LoadingConfig()


def test_an_empty_vae_is_refused(page: Page) -> None:
    with pytest.raises(ConfigError, match="SD VAE"):
        choose_loading(page, {"vae": "", "prediction_type": "automatic"})


def test_the_vaes_that_are_there_are_offered_with_what_was_chosen(page: Page, studio: Any) -> None:
    file = Path(studio.paths.vae_dirs[0]) / "b.pt"
    file.parent.mkdir(parents=True)
    file.touch()
    page.remembered.remember("loading", {"vae": "b.pt", "prediction_type": "v_prediction"})

    vae, prediction_type = current_choices(page)

    assert vae["choices"] == ["Automatic", "None", "b.pt"]
    assert (vae["value"], prediction_type["value"]) == ("b.pt", "v_prediction")
