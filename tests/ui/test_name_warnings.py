from types import SimpleNamespace
from typing import Any

import pytest

from traintab.conditioning import vocabularies
from traintab.model_slot import ModelState, ModelStatus
from traintab.ui.name_warnings import warnings_about


@pytest.fixture
def knows_every_word(studio: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vocabularies, "knows_word", lambda model, word: True)
    studio.model = SimpleNamespace()


def test_a_name_without_a_catch_has_no_warning(studio: Any) -> None:
    assert warnings_about(studio, "zoe") == ""


def test_each_name_is_compared_with_the_library(studio: Any) -> None:
    text = warnings_about(studio, "mirabelle", "zoe", "BEN")
    assert "'mira'" in text and "'ben'" in text and text.startswith(" ")


@pytest.mark.usefixtures("knows_every_word")
def test_words_of_the_model_are_told_once_it_is_loaded(studio: Any) -> None:
    assert warnings_about(studio, "zoe") == ""
    studio.model_status = ModelStatus(spec="demo", state=ModelState.READY)
    assert "already knows the word 'zoe'" in warnings_about(studio, "zoe")
