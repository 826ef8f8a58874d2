from __future__ import annotations

from dataclasses import replace

import pytest

from traintab import __version__
from traintab.configs import GenerationConfig
from traintab.models.model import Model
from traintab.sampling.infotext import infotext, parse_infotext

CONFIG = GenerationConfig(
    prompt="a photo of mycat,\n(red hat:1.2)",
    negative_prompt="blurry, blue",
    guidance_scale=7.0,
    seed=12,
    width=128,
    height=64,
)


def test_it_is_written_as_the_web_ui_writes_it(tiny_model: Model) -> None:
    assert infotext(CONFIG, tiny_model, {"mycat": "0123456789ab"}) == (
        "a photo of mycat,\n(red hat:1.2)\n"
        "Negative prompt: blurry, blue\n"
        "Steps: 20, Sampler: Euler a, Schedule type: Automatic, CFG scale: 7, Seed: 12, Size: 128x64,"
        f" Model hash: {tiny_model.checkpoint_hash}, Model: tiny-model,"
        f' TI hashes: "mycat: 0123456789ab", Version: Train Tab {__version__}'
    )


def test_a_member_of_a_batch_drawn_over_a_picture_tells_all_in_the_web_ui_s_order(tiny_model: Model) -> None:
    config = replace(
        CONFIG,
        sampler="DPM++ 2M",
        schedule_type="Karras",
        batch_size=4,
        denoising_strength=0.5,
        clip_skip=2,
        guidance_scale=5.5,
    )
    text = infotext(
        config, tiny_model, {"mycat": "0a"}, lora_hashes={"hat": "1b"}, is_img2img=True, batch_position=3
    )

    assert text.splitlines()[-1] == (
        "Steps: 20, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 5.5, Seed: 12, Size: 128x64,"
        f" Model hash: {tiny_model.checkpoint_hash}, Model: tiny-model, Batch size: 4, Batch pos: 3,"
        ' Denoising strength: 0.5, Clip skip: 2, Lora hashes: "hat: 1b", TI hashes: "mycat: 0a",'
        f" Version: Train Tab {__version__}"
    )


def test_a_vae_of_its_own_file_is_named_after_the_model(tiny_model: Model) -> None:
    text = infotext(CONFIG, replace(tiny_model, vae_name="kl-f8.vae.pt"), {})

    assert ", Model: tiny-model, VAE: kl-f8.vae.pt, Version: " in text
    assert "VAE" not in infotext(CONFIG, tiny_model, {})


def test_half_characters_that_no_file_can_hold_are_replaced(tiny_model: Model) -> None:
    assert infotext(replace(CONFIG, prompt="a \ud83d cat"), tiny_model, {}).startswith("a ? cat\n")


def test_without_negative_prompt_and_embeddings_these_are_left_out(tiny_model: Model) -> None:
    config = GenerationConfig(prompt="cat", guidance_scale=7.0, seed=1, width=64, height=64)
    text = infotext(config, tiny_model, {})

    assert text.startswith("cat\nSteps: 20")
    assert "Negative prompt" not in text
    assert "TI hashes" not in text


def test_what_was_written_is_read_back(tiny_model: Model) -> None:
    read = parse_infotext(infotext(CONFIG, tiny_model, {"mycat": "0123456789ab", "a:b,c": "ba9876543210"}))

    assert read["Prompt"] == CONFIG.prompt
    assert read["Negative prompt"] == CONFIG.negative_prompt
    assert (read["Seed"], read["Size"], read["CFG scale"]) == ("12", "128x64", "7")
    assert read["TI hashes"] == "mycat: 0123456789ab, abc: ba9876543210"
    assert read["Model"] == "tiny-model"


def test_pictures_of_the_web_ui_are_read() -> None:
    read = parse_infotext(
        "girl, (hat:1.1)\nsecond line\nNegative prompt: bad, ugly\nstill negative\n"
        "Steps: 28, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 7.5, Seed: 4294967295,"
        ' Size: 512x768, Model hash: 6ce0161689, Model: v1-5-pruned, Lora hashes: "x: 1f, y: 2e",'
        ' Note: "say \\"hi\\", now",'
        " Version: v1.10.1"
    )

    assert read["Prompt"] == "girl, (hat:1.1)\nsecond line"
    assert read["Negative prompt"] == "bad, ugly\nstill negative"
    assert (read["Schedule type"], read["Seed"], read["Version"]) == ("Karras", "4294967295", "v1.10.1")
    assert read["Lora hashes"] == "x: 1f, y: 2e"
    assert read["Note"] == 'say "hi", now'


@pytest.mark.parametrize("text", ["", "only words", "one: 1, two: 2", "a\nb, c: d"])
def test_text_that_is_no_infotext_is_all_prompt(text: str) -> None:
    assert parse_infotext(text) == {"Prompt": text, "Negative prompt": ""}


def test_a_broken_quotation_is_kept_as_it_is() -> None:
    assert parse_infotext('p\nSteps: 1, Seed: 2, Size: 8x8, Note: "\\q"')["Note"] == '"\\q"'


def test_an_empty_prompt_is_read_back(tiny_model: Model) -> None:
    config = GenerationConfig(guidance_scale=7.0, seed=1, width=64, height=64)

    read = parse_infotext(infotext(config, tiny_model, {}))

    assert read["Prompt"] == ""
    assert read["Steps"] == "20"
