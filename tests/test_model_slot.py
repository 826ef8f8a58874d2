import threading
import time
import weakref
from types import SimpleNamespace
from typing import Any

import pytest

from traintab.errors import ModelError
from traintab.model_slot import ModelSlot, ModelState

SECONDS = 20.0


class Loader:
    """Makes a model of any name but `broken` and `odd`, counts the loads, and can be held up."""

    def __init__(self) -> None:
        self.loads: list[str] = []
        self.may_go_on = threading.Event()
        self.may_go_on.set()

    def __call__(self, spec: str, report: Any) -> Any:
        self.loads.append(spec)
        report(f"Reading {spec}.")
        assert self.may_go_on.wait(SECONDS)
        if spec == "broken":
            raise ModelError("There is no model called broken.")
        if spec == "odd":
            raise RuntimeError("shapes differ")
        return SimpleNamespace(name=spec, device="cpu")


@pytest.fixture
def loader() -> Loader:
    return Loader()


def until(slot: ModelSlot, state: ModelState) -> None:
    end = time.monotonic() + SECONDS
    while slot.status.state is not state:
        assert time.monotonic() < end, slot.status
        time.sleep(0.01)


def test_a_model_is_loaded_when_it_is_first_needed_and_only_once(loader: Loader) -> None:
    slot = ModelSlot("demo", loader)
    assert slot.status.state is ModelState.EMPTY and loader.loads == []
    assert slot.get() is slot.get()
    assert loader.loads == ["demo"] and slot.status.state is ModelState.READY
    assert slot.status.message == "demo is ready on cpu."


def test_a_model_is_lent_in_a_precision_and_loaded_as_usual_afterwards(loader: Loader) -> None:
    wanted: list[str] = []

    def load(spec: str, report: Any) -> Any:
        wanted.append(slot.precision)
        return loader(spec, report)

    slot = ModelSlot("demo", load)
    usual = slot.get()
    with slot.lent("demo", "bf16") as lent:
        assert lent is not usual and slot.get() is lent
    assert loader.loads == ["demo", "demo"]
    slot.get()
    assert wanted == ["auto", "bf16", "auto"]


def test_a_model_is_not_loaded_again_to_lend_it_as_it_is(loader: Loader) -> None:
    slot = ModelSlot("demo", loader)
    with slot.lent("demo", "auto") as lent:
        assert lent is slot.get()
    assert slot.get() is lent and loader.loads == ["demo"]


def test_the_usual_precision_is_wanted_again_after_a_failed_load(loader: Loader) -> None:
    slot = ModelSlot("demo", loader)
    with pytest.raises(ModelError), slot.lent("broken", "bf16"):
        pass
    assert slot.precision == "auto"


def test_the_status_tells_how_a_load_in_the_background_goes(loader: Loader) -> None:
    loader.may_go_on.clear()
    slot = ModelSlot("demo", loader)
    slot.load_in_background()
    until(slot, ModelState.LOADING)
    loader.may_go_on.set()
    until(slot, ModelState.READY)


def test_a_load_that_is_under_way_is_waited_for_and_not_started_twice(loader: Loader) -> None:
    loader.may_go_on.clear()
    slot = ModelSlot("demo", loader)
    slot.load_in_background()
    slot.load_in_background()
    threading.Timer(0.05, loader.may_go_on.set).start()
    assert slot.get().name == "demo"
    assert loader.loads == ["demo"]


def test_another_model_takes_the_place_of_the_first(loader: Loader) -> None:
    slot = ModelSlot("demo", loader)
    slot.get()
    slot.select("sd15")
    assert slot.get().name == "sd15" and slot.status.spec == "sd15"
    assert loader.loads == ["demo", "sd15"]


def test_the_first_model_is_gone_before_the_second_is_read() -> None:
    models: list[Any] = []
    left: list[Any] = []

    class Model:
        name, device = "any", "cpu"

    def load(spec: str, report: Any) -> Any:
        left.extend(reference() for reference in models)
        model = Model()
        models.append(weakref.ref(model))
        return model

    slot = ModelSlot("demo", load)
    slot.get()
    slot.choose("sd15")
    slot.get()

    assert len(models) == 2 and left == [None]


def test_the_last_choice_wins_while_an_earlier_one_loads(loader: Loader) -> None:
    loader.may_go_on.clear()
    slot = ModelSlot("one", loader)
    slot.load_in_background()
    until(slot, ModelState.LOADING)
    slot.choose("two")
    loader.may_go_on.set()
    assert slot.get().name == "two"
    assert slot.status.message == "two is ready on cpu."


def test_a_failure_is_told_and_can_be_tried_again(loader: Loader) -> None:
    slot = ModelSlot("broken", loader)
    slot.load_in_background()
    until(slot, ModelState.FAILED)
    assert slot.status.message == "There is no model called broken."
    with pytest.raises(ModelError, match="no model called broken"):
        slot.get()
    slot.select("broken")
    until(slot, ModelState.FAILED)
    assert loader.loads == ["broken"] * 3


def test_an_error_of_a_library_becomes_a_sentence(loader: Loader) -> None:
    with pytest.raises(ModelError, match=r"Loading the model odd failed \(RuntimeError: shapes differ\)"):
        ModelSlot("odd", loader).get()


def test_a_model_can_be_loaded_again(loader: Loader) -> None:
    slot = ModelSlot("demo", loader)
    first = slot.get()

    slot.reload()

    assert slot.get() is not first
    assert loader.loads == ["demo", "demo"]


def test_loading_again_while_it_loads_ends_with_what_was_chosen_last(loader: Loader) -> None:
    loader.may_go_on.clear()
    slot = ModelSlot("demo", loader)
    slot.load_in_background()
    until(slot, ModelState.LOADING)
    slot.reload()
    loader.may_go_on.set()

    slot.get()

    assert loader.loads == ["demo", "demo"]


def test_an_unloaded_model_is_gone_and_is_loaded_again_when_it_is_needed(loader: Loader) -> None:
    weights: list[weakref.ref[threading.Event]] = []

    def load(spec: str, report: Any) -> Any:
        model = loader(spec, report)
        model.weights = threading.Event()  # whatever can be referred to weakly
        weights.append(weakref.ref(model.weights))
        return model

    slot = ModelSlot("demo", load)
    slot.unload()
    slot.get()
    slot.unload()
    assert weights[0]() is None
    assert slot.status.state is ModelState.EMPTY and slot.status.spec == "demo"
    slot.get()
    assert loader.loads == ["demo", "demo"]
