"""The line beside a prompt's label, with a real tokenizer."""

from __future__ import annotations

import gc
from dataclasses import replace
from typing import Any

import pytest

from traintab.conditioning.counting import TokenCount
from traintab.errors import StorageError
from traintab.model_slot import ModelState, ModelStatus
from traintab.ui.token_counter import Counters, count_html, counted


@pytest.fixture
def ready(studio: Any, tiny_families: Any) -> Any:
    """A studio whose model is loaded, with the embeddings ben of one vector and mira of three."""
    studio.model_status = ModelStatus(spec="sd1", state=ModelState.READY)
    studio.model = replace(tiny_families.model("sd1"))
    vectors = {"ben": 1, "mira": 3}
    studio.library.embeddings = lambda widths=None: {
        name: type("Sized", (), {"num_vectors": count})() for name, count in vectors.items()
    }
    studio.vectors = vectors
    return studio


def test_tokens_and_recognised_names_are_counted(ready: Any) -> None:
    count = Counters(ready).count("a photo of mira", is_negative=False)
    assert count is not None
    assert (count.tokens, count.capacity, count.recognised) == (6, 75, ("mira",))


def test_a_name_is_recognised_as_soon_as_its_file_is_there(ready: Any) -> None:
    counters = Counters(ready)
    before = counters.count("zoe", is_negative=False)
    ready.vectors["zoe"] = 2
    after = counters.count("zoe", is_negative=False)
    assert before is not None and before.recognised == ()
    assert after is not None and after.recognised == ("zoe",) and after.tokens == 2


def test_a_network_is_known_while_its_file_is_there(ready: Any) -> None:
    def unknown(prompt: str) -> tuple[str, ...]:
        count = Counters(ready).count(prompt, is_negative=False)
        assert count is not None
        return count.unknown_networks

    folder = ready.paths.models_dir / "Lora" / "styles"
    folder.mkdir(parents=True)
    assert unknown("a cat <lora:ink:0.8>") == ("lora:ink",)
    (folder / "ink.safetensors").write_bytes(b"")
    assert unknown("a cat <lora:ink:0.8>") == ()


def test_the_names_are_divided_into_tokens_once(ready: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import traintab.conditioning.counting as counting

    made: list[Any] = []
    real = counting.TokenCounter

    def noted(*given: Any) -> Any:
        made.append(given)
        return real(*given)

    monkeypatch.setattr(counting, "TokenCounter", noted)
    counters = Counters(ready)
    for prompt in ("a", "a cat", "a cat of mira"):
        counters.count(prompt, is_negative=False)
    assert len(made) == 1


def test_a_counter_does_not_keep_a_model_that_another_one_replaced(ready: Any) -> None:
    counters = Counters(ready)
    counters.count("mira", is_negative=False)
    assert len(counters._kept) == 1
    ready.model = None
    gc.collect()
    assert len(counters._kept) == 0


def test_nothing_is_counted_before_the_model_is_there(studio: Any) -> None:
    assert Counters(studio).count("mira", is_negative=False) is None
    assert "–/75" in count_html(None)


def test_a_folder_that_cannot_be_read_counts_nothing(ready: Any) -> None:
    def broken(widths: Any = None) -> dict[str, Any]:
        raise StorageError("The folder is gone.")

    ready.library.embeddings = broken
    assert Counters(ready).count("mira", is_negative=False) is None


def test_the_line_tells_count_names_and_what_is_unknown() -> None:
    text = count_html(TokenCount(80, 150, 2, ("mira", "<b>"), ("lora:x",)))
    assert "80/150 in 2 chunks" in text and 'data-tokens="80"' in text
    assert ">mira</span>" in text and "&lt;b&gt;" in text and "lora:x not found" in text
    assert "chunks" not in count_html(TokenCount(3, 75, 1))


def test_a_look_reads_the_folders_once_for_all_prompts(ready: Any) -> None:
    looked: list[Any] = []
    known = ready.library.embeddings
    ready.library.embeddings = lambda widths=None: looked.append(widths) or known(widths)
    _, first, second = counted(Counters(ready), [False, True])([], "mira", "ben")
    assert ">mira<" in first and ">ben<" in second
    assert len(looked) == 1


def test_a_look_sends_the_lines_when_one_has_changed(ready: Any) -> None:
    look = counted(Counters(ready), [False, True])
    seen, first, second = look([], "a cat", "")
    assert 'data-tokens="2"' in first and 'data-tokens="0"' in second
    assert all(set(value) == {"__type__"} for value in look(seen, "a cat", ""))
    _, first, _ = look(seen, "a", "")
    assert 'data-tokens="1"' in first
