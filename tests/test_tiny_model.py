"""The small model that the other tests stand on."""

from __future__ import annotations

from pathlib import Path


def test_the_tiny_model_loads_as_a_stable_diffusion_pipeline(tiny_model_dir: Path) -> None:
    from diffusers import StableDiffusionPipeline

    pipeline = StableDiffusionPipeline.from_pretrained(tiny_model_dir, local_files_only=True)
    pipeline.set_progress_bar_config(disable=True)
    picture = pipeline("a photo of a girl", num_inference_steps=2, output_type="pil").images[0]
    assert picture.size == (64, 64)


def test_its_tokenizer_knows_words_and_spells_the_rest(tiny_model_dir: Path) -> None:
    from transformers import CLIPTokenizer

    tokenizer = CLIPTokenizer.from_pretrained(tiny_model_dir / "tokenizer", local_files_only=True)
    ids = tokenizer("a photo of girl zk*")["input_ids"]
    assert [tokenizer.convert_ids_to_tokens(i) for i in ids] == [
        "<|startoftext|>",
        "a</w>",
        "photo</w>",
        "of</w>",
        "girl</w>",
        "z",
        "k</w>",
        "*</w>",
        "<|endoftext|>",
    ]
