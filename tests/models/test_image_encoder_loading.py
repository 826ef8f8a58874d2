"""Which folders become image encoders, what they make of pictures, and what is said of other folders."""

from __future__ import annotations

import json
import pickle
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

from traintab.errors import MemoryShortageError, ModelError, WorkError
from traintab.models.devices import choose_device
from traintab.models.image_encoder import ImageEncoder
from traintab.models.image_encoder_loading import check_encoder_kind, load_image_encoder

KINDS = ("clip", "clip_vision_model", "vit", "dinov2")


def loaded(folder: Path) -> ImageEncoder:
    return load_image_encoder(folder, choose_device("cpu"))


def copied(folder: Path, to: Path) -> Path:
    return shutil.copytree(folder, to / folder.name)


def noise(seed: int, size: tuple[int, int] = (40, 30)) -> Image.Image:
    generator = torch.Generator().manual_seed(seed)
    pixels = torch.randint(0, 256, (size[1], size[0], 3), generator=generator, dtype=torch.uint8)
    return Image.fromarray(pixels.numpy())


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_gives_unit_vectors_that_tell_pictures_apart(tiny_encoders: Any, kind: str) -> None:
    encoder = loaded(tiny_encoders.folder(kind))
    found = encoder.features([noise(1), noise(2), noise(1)])
    torch.testing.assert_close(found.norm(dim=1), torch.ones(3))
    torch.testing.assert_close(found[0], found[2])
    assert found.dtype == torch.float32 and float(found[0] @ found[1]) < 0.999


def test_clip_s_vectors_are_those_of_transformers(tiny_encoders: Any) -> None:
    from transformers import CLIPImageProcessor, CLIPModel, CLIPTokenizer

    folder = tiny_encoders.folder("clip")
    pictures, texts = [noise(1), noise(2)], ["a cat", "a red house with a tree"]
    inputs = {
        **CLIPImageProcessor.from_pretrained(folder)(pictures, return_tensors="pt"),
        **CLIPTokenizer.from_pretrained(folder)(texts, padding=True, return_tensors="pt"),
    }
    with torch.no_grad():
        theirs = CLIPModel.from_pretrained(folder)(**inputs)
    encoder = loaded(folder)
    torch.testing.assert_close(encoder.features(pictures), theirs.image_embeds, atol=1e-4, rtol=0)
    torch.testing.assert_close(encoder.text_features(texts), theirs.text_embeds, atol=1e-4, rtol=0)


def test_dino_s_vector_is_the_class_token_s(tiny_encoders: Any) -> None:
    from transformers import Dinov2Model

    folder = tiny_encoders.folder("dinov2")
    encoder = loaded(folder)
    pixels = encoder._picture_input.tensor([noise(1)])
    with torch.no_grad():
        token = Dinov2Model.from_pretrained(folder)(pixels).last_hidden_state[:, 0]
    torch.testing.assert_close(
        encoder.features([noise(1)]), torch.nn.functional.normalize(token), atol=1e-5, rtol=0
    )


def test_a_text_of_any_length_is_read(tiny_encoders: Any) -> None:
    assert loaded(tiny_encoders.folder("clip")).text_features(["a cat " * 200]).shape == (1, 16)


def test_only_clip_reads_words(tiny_encoders: Any) -> None:
    assert [loaded(tiny_encoders.folder(kind)).reads_text for kind in KINDS] == [True, False, False, False]
    with pytest.raises(WorkError, match="reads no words; choose a CLIP model"):
        loaded(tiny_encoders.folder("vit")).text_features(["a cat"])


def test_clip_without_its_words_still_sees(tiny_encoders: Any, tmp_path: Path) -> None:
    folder = copied(tiny_encoders.folder("clip"), tmp_path)
    for name in ("vocab.json", "merges.txt", "tokenizer.json", "tokenizer_config.json"):
        (folder / name).unlink(missing_ok=True)
    encoder = loaded(folder)
    assert not encoder.reads_text and encoder.features([noise(1)]).shape == (1, 16)


def test_a_batch_that_does_not_fit_is_halved(tiny_encoders: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    encoder, batches = loaded(tiny_encoders.folder("clip")), []
    whole, seen = encoder.features([noise(seed) for seed in range(5)]), encoder._seen

    def limited(pixels: torch.Tensor) -> torch.Tensor:
        batches.append(len(pixels))
        if len(pixels) > 2:
            raise RuntimeError("CUDA out of memory. Tried to allocate 2 GiB")
        return seen(pixels)

    monkeypatch.setattr(encoder, "_seen", limited)
    torch.testing.assert_close(encoder.features([noise(seed) for seed in range(5)]), whole)
    assert batches == [5, 2, 2, 1]


def test_one_picture_that_does_not_fit_is_told(tiny_encoders: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    encoder = loaded(tiny_encoders.folder("clip"))

    def full(_pixels: torch.Tensor) -> torch.Tensor:
        raise RuntimeError("CUDA out of memory.")

    monkeypatch.setattr(encoder, "_seen", full)
    with pytest.raises(MemoryShortageError, match="Choose a smaller likeness model"):
        encoder.features([noise(1)])


def test_no_pictures_are_no_vectors(tiny_encoders: Any) -> None:
    assert len(loaded(tiny_encoders.folder("clip")).features([])) == 0


def test_closing_twice_does_no_harm(tiny_encoders: Any) -> None:
    encoder = loaded(tiny_encoders.folder("clip"))
    encoder.close()
    encoder.close()


def refusal(folder: Path) -> str:
    with pytest.raises(ModelError) as refused:
        loaded(folder)
    return str(refused.value)


def test_a_pickle_that_would_run_a_program_is_refused(tiny_encoders: Any, tmp_path: Path) -> None:
    folder, trace = copied(tiny_encoders.folder("vit"), tmp_path), tmp_path / "ran"

    class Attack:
        def __reduce__(self) -> tuple[Any, ...]:
            return Path.touch, (trace,)

    (folder / "pytorch_model.bin").write_bytes(pickle.dumps({"weight": Attack()}, protocol=2))
    assert "pytorch_model.bin was refused" in refusal(folder) and not trace.exists()


@pytest.mark.parametrize("setting", ["attn_implementation", "_attn_implementation"])
def test_a_program_that_a_model_would_have_fetched_is_never_run(
    tiny_encoders: Any, tmp_path: Path, setting: str
) -> None:
    folder = copied(tiny_encoders.folder("clip"), tmp_path)
    change(folder, **{setting: "owner/kernel"})
    assert "such programs are never run here" in refusal(folder)


def change(folder: Path, **content: Any) -> None:
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    (folder / "config.json").write_text(json.dumps(config | content), encoding="utf-8")


def test_a_model_of_another_kind_is_refused_before_its_weights_are_fetched(
    tiny_encoders: Any, tmp_path: Path
) -> None:
    folder = copied(tiny_encoders.folder("clip"), tmp_path)
    change(folder, model_type="bert")
    (folder / "model.safetensors").unlink()
    with pytest.raises(ModelError, match="is of the kind 'bert', which isn't known here as an image encoder"):
        check_encoder_kind(folder)


@pytest.mark.parametrize("text", ["[]", "{broken", '"text"', "{}"])
def test_a_broken_configuration_is_told(tiny_encoders: Any, tmp_path: Path, text: str) -> None:
    folder = copied(tiny_encoders.folder("clip"), tmp_path)
    (folder / "config.json").write_text(text, encoding="utf-8")
    assert "likeness model" in refusal(folder)


def test_weights_that_are_missing_are_told(tiny_encoders: Any, tmp_path: Path) -> None:
    folder = copied(tiny_encoders.folder("dinov2"), tmp_path)
    weights = load_file(folder / "model.safetensors")
    kept = {name: value for name, value in weights.items() if "layer.1." not in name}
    save_file(kept, folder / "model.safetensors", metadata={"format": "pt"})
    assert "the files lack" in refusal(folder)


def test_a_folder_without_weights_is_named(tiny_encoders: Any, tmp_path: Path) -> None:
    folder = copied(tiny_encoders.folder("clip"), tmp_path)
    (folder / "model.safetensors").unlink()
    assert refusal(folder).startswith("Likeness model: the folder")
