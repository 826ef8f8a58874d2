from __future__ import annotations

from traintab.models.load_options import LoadOptions


def test_without_a_choice_everything_is_automatic() -> None:
    assert LoadOptions.remembered({}) == LoadOptions(vae="Automatic", prediction_type="automatic")


def test_remembered_texts_are_taken_and_other_values_are_not() -> None:
    values = {"vae": "b.pt", "prediction_type": 5, "model": "demo"}

    assert LoadOptions.remembered(values) == LoadOptions(vae="b.pt")
    assert LoadOptions.remembered({"vae": "", "prediction_type": "epsilon"}).prediction_type == "epsilon"
