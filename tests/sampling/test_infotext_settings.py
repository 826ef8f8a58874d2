from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traintab.configs import GenerationConfig, from_mapping, options_of
from traintab.models.model import Model
from traintab.sampling.infotext import infotext
from traintab.sampling.infotext_settings import config_from_infotext, parse_infotext

END = "Seed: 7, Size: 512x768"
WEB_UI = (
    "girl, (hat:1.1), <lora:x:0.8>\nNegative prompt: bad, ugly\n"
    "Steps: 28, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 7.5, Seed: 4294967295, Size: 512x768,"
    " Model hash: 6ce0161689, Model: v1-5-pruned, Denoising strength: 0.4, Clip skip: 2,"
    ' Lora hashes: "x: 1f2e", TI hashes: "bad: 3d4c", Version: v1.10.1'
)


def settings_of(text: str) -> dict[str, Any]:
    return config_from_infotext(text)[0]


def notes(text: str, **context: Any) -> list[str]:
    return config_from_infotext(text, **context)[1]


def test_a_picture_of_the_web_ui_gives_all_its_settings() -> None:
    assert config_from_infotext(WEB_UI) == (
        {
            "prompt": "girl, (hat:1.1), <lora:x:0.8>",
            "negative_prompt": "bad, ugly",
            "num_inference_steps": 28,
            "sampler": "DPM++ 2M",
            "schedule_type": "Karras",
            "guidance_scale": 7.5,
            "seed": 4294967295,
            "width": 512,
            "height": 768,
            "denoising_strength": 0.4,
            "clip_skip": 2,
        },
        [],
    )


@pytest.mark.parametrize("is_img2img", [False, True])
def test_what_was_drawn_here_is_read_back_as_the_same_settings(is_img2img: bool, tiny_model: Model) -> None:
    config = GenerationConfig(
        prompt="a photo of mycat,\n(red hat:1.2)",
        negative_prompt="blurry: very, blue",
        num_inference_steps=3,
        guidance_scale=3.5,
        seed=12,
        sampler="Euler",
        schedule_type="Exponential",
        width=128,
        height=64,
        denoising_strength=0.3,
        clip_skip=2,
    )
    values, told = config_from_infotext(infotext(config, tiny_model, {"a:b": "0a"}, is_img2img=is_img2img))

    assert told == []
    assert from_mapping(GenerationConfig, {"denoising_strength": 0.3, **values}) == config
    assert ("denoising_strength" in values) is is_img2img


def test_numbers_are_read_back_to_their_last_digit(tiny_model: Model) -> None:
    config = GenerationConfig(
        guidance_scale=7.123456789, denoising_strength=0.1 + 0.2, seed=1, width=64, height=64
    )
    values = settings_of(infotext(config, tiny_model, {}, is_img2img=True))

    assert (values["guidance_scale"], values["denoising_strength"]) == (7.123456789, 0.1 + 0.2)


@pytest.mark.parametrize("name", ['"quoted"', 'a "word"', "a, b: c", '"', "back\\slash: 1"])
def test_any_name_of_a_model_is_read_back(name: str, tiny_model: Model) -> None:
    config = GenerationConfig(guidance_scale=7.0, seed=1, width=64, height=64)
    told = infotext(config, dataclasses.replace(tiny_model, name=name), {})

    assert parse_infotext(told)["Model"] == name


def test_one_picture_of_a_batch_leaves_batch_size_and_count_alone(tiny_model: Model) -> None:
    config = GenerationConfig(guidance_scale=7.0, seed=1, width=64, height=64, batch_size=4, count=2)
    values, told = config_from_infotext(infotext(config, tiny_model, {}, batch_position=2))

    assert "batch_size" not in values and "count" not in values
    assert told == []


@pytest.mark.parametrize(
    ("named", "sampler", "schedule_type"),
    [
        ("Sampler: DPM++ 2M Karras", "DPM++ 2M", "Karras"),
        ("Sampler: DPM++ 2M", "DPM++ 2M", "Automatic"),
        ("Sampler: dpm++ 2m, Schedule type: sgm uniform", "DPM++ 2M", "SGM Uniform"),
        ("Sampler: LMS Karras", "LMS", "Karras"),
        ("Sampler: Euler a, Schedule type: Automatic", "Euler a", "Automatic"),
    ],
)
def test_samplers_of_every_age_are_understood(named: str, sampler: str, schedule_type: str) -> None:
    found = settings_of(f"cat\nSteps: 20, {named}, {END}")

    assert (found["sampler"], found["schedule_type"]) == (sampler, schedule_type)


def test_an_unknown_sampler_or_schedule_type_is_told_and_left_out() -> None:
    values, told = config_from_infotext(f"cat\nSteps: 20, Sampler: DPM fast, Schedule type: Beta, {END}")

    assert "sampler" not in values and "schedule_type" not in values
    assert told == [
        "Sampling method 'DPM fast' isn't known here; the one that is chosen stays.",
        "Schedule type 'Beta' isn't known here; the one that is chosen stays.",
    ]


def test_a_schedule_type_without_its_sampler_is_taken() -> None:
    found = settings_of(f"cat\nSteps: 20, Schedule type: Karras, {END}")

    assert found["schedule_type"] == "Karras" and "sampler" not in found


def test_what_is_left_out_is_told_too() -> None:
    found = settings_of(f"cat\nSteps: 20, Sampler: Euler, {END}")

    assert (found["negative_prompt"], found["clip_skip"], found["schedule_type"]) == ("", 1, "Automatic")
    assert "guidance_scale" not in found and "denoising_strength" not in found


@pytest.mark.parametrize(
    ("parameter", "field", "told"),
    [
        ("Steps: 1000", "num_inference_steps", "Sampling steps is 1000; it must be from 1 to 150"),
        ("Steps: many", "num_inference_steps", "Sampling steps is 'many'; it must be a whole number"),
        ("CFG scale: nan", "guidance_scale", "CFG Scale is nan"),
        ("Seed: 18446744073709551615", "seed", "Seed is"),
        ("Size: 500x500", "width", "Width is 500; it must be a multiple of 8"),
        ("Size: large", "width", "Size is 'large'; it must be like 512x768"),
        ("Size: 99999x64", "width", "Width is 99999"),
        ("Clip skip: 99", "clip_skip", "Clip skip is 99"),
        ("Denoising strength: 2", "denoising_strength", "Denoising strength is 2"),
        (f"Steps: {'9' * 5000}", "num_inference_steps", "Sampling steps is"),
    ],
)
def test_a_value_that_cannot_be_is_told_and_left_out(parameter: str, field: str, told: str) -> None:
    values, sentences = config_from_infotext(f"cat\nSampler: Euler, Version: 1, Model: m, {parameter}")

    assert field not in values
    assert told in sentences[0] and sentences[0].endswith("It is left as it is.")


def test_settings_that_do_not_exist_here_are_named() -> None:
    assert notes(f"cat\nSteps: 20, Sampler: Euler, Hires upscale: 2, Variation seed: 5, {END}") == [
        "These settings of the picture don't exist here, so it may come out differently: Hires upscale,"
        " Variation seed."
    ]


def test_another_model_is_told() -> None:
    assert notes(WEB_UI, model="v1-5-pruned") == []
    assert notes(WEB_UI, model="demo") == [
        "The picture was drawn with the model v1-5-pruned; demo is chosen."
    ]
    assert notes(f"cat\nSteps: 20, Sampler: Euler, {END}", model="demo") == []


def test_another_vae_is_told() -> None:
    text = f"cat\nSteps: 20, Sampler: Euler, VAE: kl-f8.vae.pt, {END}"

    assert notes(text) == notes(text, vae="kl-f8.vae.pt") == []
    assert notes(text, vae="") == [
        "The picture was drawn with the VAE kl-f8.vae.pt; the one of the model is in use."
    ]
    assert notes(text, vae="b.pt") == ["The picture was drawn with the VAE kl-f8.vae.pt; b.pt is in use."]
    assert notes(f"cat\nSteps: 20, Sampler: Euler, {END}", vae="b.pt") == []


def test_embeddings_that_are_missing_are_told() -> None:
    text = f'cat\nSteps: 20, TI hashes: "bad: 3d, ab c: 1e, gone: 2f", {END}'

    assert notes(text, embeddings=["Bad", "a:b c", "x"]) == [
        "The picture used embeddings that aren't here: gone."
    ]
    assert notes(text, embeddings=["bad", "ab c", "gone"]) == []


def test_a_text_without_parameters_is_a_prompt_and_the_rest_stays() -> None:
    values, told = config_from_infotext("a cat,\nin a hat")

    assert values == {"prompt": "a cat,\nin a hat"}
    assert told == ["The text holds no settings; it is taken for a prompt."]
    assert settings_of("a cat\nNegative prompt: dog") == {"prompt": "a cat", "negative_prompt": "dog"}


@pytest.mark.parametrize("text", ["", " \n "])
def test_an_empty_text_says_so(text: str) -> None:
    assert config_from_infotext(text) == ({}, ["It is empty."])


def test_line_ends_of_windows_are_line_ends() -> None:
    assert settings_of(WEB_UI.replace("\n", "\r\n")) == settings_of(WEB_UI)


def test_a_parameter_cannot_pose_as_the_prompt() -> None:
    assert parse_infotext(f"cat\nPrompt: dog, Steps: 20, {END}")["Prompt"] == "cat"


def test_half_characters_are_replaced() -> None:
    found = parse_infotext(f'cat \ud83d\nNote: "\\ud83d, x", Steps: 20, {END}')

    assert (found["Prompt"], found["Note"]) == ("cat ?", "?, x")


@pytest.mark.parametrize(
    "line",
    [
        "a" * 300_000,
        " " * 300_000 + "a",
        'a:"' * 100_000,
        'a:"\\' * 100_000,
        "a: " * 100_000,
        "a:,," * 100_000,
    ],
)
def test_a_hostile_text_is_read_in_a_moment(line: str) -> None:
    assert parse_infotext(f"cat\n{line}, Steps: 20, Seed: 7, Size: 64x64")["Prompt"].startswith("cat")


texts = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\r"), max_size=60).filter(
    lambda text: "Negative prompt:" not in text
)


@given(prompt=texts, negative=texts)
def test_any_prompts_are_read_back(prompt: str, negative: str, tiny_model: Model) -> None:
    config = GenerationConfig(
        prompt=prompt, negative_prompt=negative, guidance_scale=7.0, seed=1, width=64, height=64
    )
    read = parse_infotext(infotext(config, tiny_model, {}))

    assert (read["Prompt"], read["Negative prompt"]) == (prompt.strip(), negative.strip())
    assert read["Seed"] == "1"


@given(text=st.text())
def test_any_text_is_read_without_an_error(text: str) -> None:
    values, _ = config_from_infotext(f"cat\n{text}, Steps: 20, Seed: 7, Size: 64x64")

    assert set(values) <= {option.name for option in options_of(GenerationConfig).values()}
