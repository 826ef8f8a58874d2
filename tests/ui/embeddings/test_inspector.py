from typing import Any

import pytest
import torch

from traintab.conditioning import vocabularies
from traintab.embeddings.vocabulary import Vocabulary
from traintab.errors import ConfigError
from traintab.model_slot import ModelStatus
from traintab.ui.embeddings.inspector import draw_without_each, lengths_html, subjects_of
from traintab.ui.embeddings.listing import listing
from traintab.ui.page import Page


def silent(*_progress: Any, desc: str) -> None:
    assert desc


def test_each_vector_is_left_out_once(studio: Any, put: Any) -> None:
    put("mira.pt", rows=3)
    whole, *without, nobody = subjects_of(listing(studio)["mira"], "a photo of [name]")
    assert whole.caption == "whole" and whole.embedding.num_vectors == 3
    assert [one.caption for one in without] == [f"without vector {number}" for number in (1, 2, 3)]
    rows = whole.embedding.vectors["clip_l"]
    for number, one in enumerate(without):
        kept = [row for row in range(3) if row != number]
        assert torch.equal(one.embedding.vectors["clip_l"], rows[kept])
        assert one.prompt == "a photo of mira"
    assert nobody.embedding is None and nobody.prompt == "a photo of"


def test_a_single_vector_is_shown_with_and_without_the_name(studio: Any, put: Any) -> None:
    put("mira.pt")
    assert len(subjects_of(listing(studio)["mira"], "[name]")) == 2


def test_of_many_vectors_the_first_sixteen_are_shown(studio: Any, put: Any) -> None:
    put("mira.pt", rows=40)
    assert len(subjects_of(listing(studio)["mira"], "[name]")) == 18


def test_the_pictures_have_captions_and_the_vectors_they_are_said_to_have(
    page: Page, put: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vocabularies, "vocabularies_of", lambda model: {})
    put("mira.pt", rows=2)
    message, pictures, lengths = draw_without_each(page, "mira", "[name] smiles", {"seed": 5}, silent)
    assert message == "" and pictures[0][1] == "whole" and "<table" in lengths
    drawn = [given.get("mira") for _, (_, given) in page.studio.calls]
    assert [one and one.num_vectors for one in drawn] == [2, 1, 1, None]


def test_a_prompt_without_a_place_for_the_name_draws_nothing(page: Page, put: Any) -> None:
    put("mira.pt")
    with pytest.raises(ConfigError):
        draw_without_each(page, "mira", "a photo", {"seed": 5}, silent)
    assert page.studio.calls == []


def test_each_vector_is_compared_with_the_words_of_the_model(
    studio: Any, put: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    put("mira.pt", rows=2)
    item = listing(studio)["mira"]
    vector = item.embedding.vectors["clip_l"][1]
    words = torch.zeros(4, 768)
    words[:3, 0] = torch.tensor([1.0, 4.0, 16.0])
    words[3] = vector / vector.norm() * 4
    vocabulary = Vocabulary(words, lambda index: f"<word {index}>")
    monkeypatch.setattr(vocabularies, "vocabularies_of", lambda model: {"clip_l": vocabulary})
    text = lengths_html(studio, item)
    length = vector.norm().item()
    assert f"<td>{length:.3f}</td><td>{length / 4:.1f} ×</td><td>&lt;word 3&gt;, " in text


def test_before_the_model_is_loaded_only_the_lengths_are_known(studio: Any, put: Any) -> None:
    put("mira.pt")
    item = listing(studio)["mira"]
    studio.model_status = ModelStatus(spec="sd15")
    length = item.embedding.vectors["clip_l"][0].norm().item()
    assert f"<td>{length:.3f}</td><td>–</td><td>–</td>" in lengths_html(studio, item)
