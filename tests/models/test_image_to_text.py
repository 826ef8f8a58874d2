"""Image-to-text models of transformers, in the folders the hub has."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from traintab.errors import ModelError, WorkError
from traintab.models.devices import DeviceChoice, choose_device
from traintab.models.image_to_text import Asking, ImageToText
from traintab.models.image_to_text_loading import load_image_to_text

KINDS = ("blip", "git", "vit-gpt2", "llava", "florence2")
SHORT = Asking(max_length=10)
PICTURES = [
    Image.new("RGB", (50, 30), "white"),
    Image.new("RGB", (20, 90), "black"),
    Image.radial_gradient("L").convert("RGB"),
]


@pytest.fixture(scope="module")
def loaded(tiny_captioners: Any) -> Callable[[str], ImageToText]:
    """One model of each kind, loaded once."""
    models: dict[str, ImageToText] = {}

    def get(kind: str) -> ImageToText:
        if kind not in models:
            models[kind] = load_image_to_text(tiny_captioners.folder(kind), choose_device("cpu"))
        return models[kind]

    return get


def by_transformers_alone(kind: str, folder: Path, picture: Image.Image) -> str:
    """What a model's own page on the hub tells to write for one picture, with greedy search."""
    import transformers

    if kind == "vit-gpt2":
        state = torch.load(folder / "pytorch_model.bin", weights_only=True)
        config = transformers.AutoConfig.from_pretrained(folder)
        writer = transformers.VisionEncoderDecoderModel.from_pretrained(None, config=config, state_dict=state)
        pixels = transformers.AutoImageProcessor.from_pretrained(folder)(picture, return_tensors="pt")
        ids = writer.generate(**pixels, max_new_tokens=10, do_sample=False)
        return transformers.AutoTokenizer.from_pretrained(folder).decode(ids[0], skip_special_tokens=True)
    processor = transformers.AutoProcessor.from_pretrained(folder)
    model = transformers.AutoModelForImageTextToText.from_pretrained(folder)
    if kind == "blip":
        ids = model.generate(**processor(picture, return_tensors="pt"), max_length=10)
        return processor.decode(ids[0], skip_special_tokens=True)
    if kind == "git":
        pixels = processor(images=picture, return_tensors="pt").pixel_values
        ids = model.generate(pixel_values=pixels, max_new_tokens=10)
        return processor.batch_decode(ids, skip_special_tokens=True)[0]
    if kind == "florence2":
        inputs = processor(text="<CAPTION>", images=picture, return_tensors="pt")
        ids = model.generate(**inputs, max_new_tokens=10, num_beams=1, do_sample=False)
        text = processor.batch_decode(ids, skip_special_tokens=False)[0]
        answer = processor.post_process_generation(text, task="<CAPTION>", image_size=picture.size)
        return answer["<CAPTION>"].replace("<pad>", "")
    words = [{"type": "image"}, {"type": "text", "text": "Describe this picture in one sentence."}]
    prompt = processor.apply_chat_template([{"role": "user", "content": words}], add_generation_prompt=True)
    inputs = processor(images=picture, text=prompt, return_tensors="pt")
    ids = model.generate(**inputs, max_new_tokens=10, do_sample=False)
    return processor.decode(ids[0, inputs["input_ids"].shape[1] :], skip_special_tokens=True)


@pytest.mark.parametrize("kind", KINDS)
def test_captions_are_those_of_transformers_alone(
    loaded: Callable[[str], ImageToText], tiny_captioners: Any, kind: str
) -> None:
    folder = tiny_captioners.folder(kind)
    expected = [by_transformers_alone(kind, folder, picture).strip() for picture in PICTURES]
    assert loaded(kind).captions(PICTURES, SHORT) == expected
    assert len(set(expected)) > 1, "the tiny model must tell pictures apart"


@pytest.mark.parametrize("kind", KINDS)
def test_a_batch_gives_what_single_pictures_give(loaded: Callable[[str], ImageToText], kind: str) -> None:
    singles = [loaded(kind).captions([picture], SHORT)[0] for picture in PICTURES]
    assert loaded(kind).captions(PICTURES, SHORT) == singles


@pytest.mark.parametrize("kind", KINDS)
def test_models_work_in_the_number_format_of_graphics_cards(tiny_captioners: Any, kind: str) -> None:
    choice = DeviceChoice(device=torch.device("cpu"), dtype=torch.bfloat16, reason="as on a card")
    model = load_image_to_text(tiny_captioners.folder(kind), choice)
    assert next(model._model.parameters()).dtype == torch.bfloat16
    assert any(model.captions(PICTURES, SHORT))


@pytest.mark.parametrize("kind", ["blip", "git"])
def test_a_caption_goes_on_from_the_prompt(loaded: Callable[[str], ImageToText], kind: str) -> None:
    captions = loaded(kind).captions(PICTURES, Asking(prompt="a Photo of", max_length=10))
    assert all(caption.startswith("a Photo of") for caption in captions)
    assert captions[0] != "a Photo of", "something follows"


@pytest.mark.parametrize("kind", ["blip", "git"])
@pytest.mark.parametrize("prompt", ["a red-blue cat", "The Café, hat of", "_"])
def test_a_prompt_that_the_tokenizer_spells_another_way_stands_there_once(
    loaded: Callable[[str], ImageToText], kind: str, prompt: str
) -> None:
    """Its words come back as `the cafe , hat of`."""
    for caption in loaded(kind).captions(PICTURES, Asking(prompt=prompt, max_length=14)):
        assert caption.startswith(prompt)
        following = caption.removeprefix(prompt).split()
        assert following[:2] not in (["red", "blue"], ["a", "red"], ["the", "cat"], ["hat", "of"]), caption


def test_a_question_is_not_a_part_of_the_caption(loaded: Callable[[str], ImageToText]) -> None:
    captions = loaded("git").captions(PICTURES, Asking(prompt="what is shown ?", max_length=10))
    assert not any("what" in caption and "?" in caption for caption in captions)


def test_another_task_or_request_gives_other_captions(loaded: Callable[[str], ImageToText]) -> None:
    for kind, prompt in (("florence2", "<DETAILED_CAPTION>"), ("llava", "cat")):
        usual, other = (
            loaded(kind).captions(PICTURES, Asking(prompt=p, max_length=10)) for p in ("", prompt)
        )
        assert usual != other, kind
        assert not any("<" in caption or prompt in caption.split() for caption in other[:1]), kind


def test_of_a_task_that_finds_things_the_names_are_taken(
    loaded: Callable[[str], ImageToText], monkeypatch: pytest.MonkeyPatch
) -> None:
    florence = loaded("florence2")
    answers = {"<OD>": {"labels": ["cat", " hat", "cat"], "bboxes": []}}
    monkeypatch.setattr(
        florence._kind.processor, "post_process_generation", lambda **_asked: answers, raising=False
    )
    assert florence.captions(PICTURES[:1], Asking(prompt="<OD>", max_length=10)) == ["cat, hat"]


def test_a_caption_is_one_line_without_the_model_s_own_marks(
    loaded: Callable[[str], ImageToText], monkeypatch: pytest.MonkeyPatch
) -> None:
    florence = loaded("florence2")
    answers = {"<CAPTION>": "A cat.\n\n- with  a hat.<unk></s>"}
    monkeypatch.setattr(
        florence._kind.processor, "post_process_generation", lambda **_asked: answers, raising=False
    )
    assert florence.captions(PICTURES[:1], Asking(max_length=100)) == ["A cat. - with a hat."]


def test_lengths_and_beams_change_the_caption(loaded: Callable[[str], ImageToText]) -> None:
    blip = loaded("blip")
    few, many = (
        sum(len(text.split()) for text in blip.captions(PICTURES, Asking(min_length=least, max_length=20)))
        for least in (1, 18)
    )
    assert few < many
    assert all(len(text.split()) < 9 for text in blip.captions(PICTURES, Asking(max_length=9)))
    git = loaded("git")
    assert git.captions(PICTURES, SHORT) != git.captions(PICTURES, Asking(max_length=10, num_beams=4))


def test_a_prompt_that_fills_the_caption_is_refused(loaded: Callable[[str], ImageToText]) -> None:
    with pytest.raises(ModelError, match=r"takes 6 tokens of the 5 that a caption may have"):
        loaded("blip").check(Asking(prompt="a photo of a", max_length=5))


def test_a_model_that_takes_no_prompt_says_so(loaded: Callable[[str], ImageToText]) -> None:
    with pytest.raises(ModelError, match=r"tiny-vit-gpt2 takes no prompt.*Leave 'Caption prompt' empty"):
        loaded("vit-gpt2").check(Asking(prompt="a photo"))


def test_a_prompt_that_the_model_s_own_rules_forbid_is_told(loaded: Callable[[str], ImageToText]) -> None:
    with pytest.raises(ModelError, match=r"can't take the prompt '<CAPTION> of a cat': Task token"):
        loaded("florence2").check(Asking(prompt="<CAPTION> of a cat"))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [(1, 1), (3, 1), (1, 3), (5000, 1), (1, 300), (3, 3)])
def test_pictures_of_any_shape_are_captioned(
    loaded: Callable[[str], ImageToText], kind: str, size: tuple[int, int]
) -> None:
    usual = Asking(max_length=4, min_length=1)
    assert len(loaded(kind).captions([Image.new("RGB", size, "red"), PICTURES[0]], usual)) == 2


def test_a_model_that_fails_is_told_of(loaded: Callable[[str], ImageToText]) -> None:
    with pytest.raises(WorkError, match="Captioning pictures by tiny-blip failed: index out of range"):
        loaded("blip").captions(PICTURES, Asking(min_length=100, max_length=100))


def test_a_closed_model_holds_no_weights(tiny_captioners: Any) -> None:
    import weakref

    model = load_image_to_text(tiny_captioners.folder("git"), choose_device("cpu"))
    weights = weakref.ref(model._model)
    model.close()
    model.close()
    assert weights() is None
