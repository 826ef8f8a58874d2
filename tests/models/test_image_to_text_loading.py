"""Which folders become image-to-text models, and what is said of the others."""

from __future__ import annotations

import json
import pickle
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from traintab.errors import ModelError
from traintab.models.devices import choose_device
from traintab.models.image_to_text_loading import check_kind, load_image_to_text


def copied(folder: Path, to: Path) -> Path:
    return shutil.copytree(folder, to / folder.name)


def refusal(folder: Path) -> str:
    with pytest.raises(ModelError) as refused:
        load_image_to_text(folder, choose_device("cpu"))
    return str(refused.value)


def test_a_pickle_that_would_run_a_program_is_refused(tiny_captioners: Any, tmp_path: Path) -> None:
    folder, trace = copied(tiny_captioners.folder("vit-gpt2"), tmp_path), tmp_path / "ran"

    class Attack:
        def __reduce__(self) -> tuple[Any, ...]:
            return Path.touch, (trace,)

    (folder / "pytorch_model.bin").write_bytes(pickle.dumps({"weight": Attack()}, protocol=2))
    told = refusal(folder)
    assert "pytorch_model.bin was refused" in told and not trace.exists()


@pytest.mark.parametrize("kind", ["brand_new", "florence2"])
def test_a_program_that_comes_with_a_model_is_never_run(
    tiny_captioners: Any, tmp_path: Path, kind: str
) -> None:
    folder, trace = copied(tiny_captioners.folder("blip"), tmp_path), tmp_path / "ran"
    program = f"import pathlib; pathlib.Path({str(trace)!r}).touch()\nclass C: pass\n"
    (folder / "modeling_new.py").write_text(program, encoding="utf-8")
    config = {
        "model_type": kind,
        "auto_map": {"AutoConfig": "modeling_new.C", "AutoModelForCausalLM": "modeling_new.C"},
    }
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    assert "such programs are never run here" in refusal(folder) and not trace.exists()


@pytest.mark.parametrize(
    "setting", ["attn_implementation", "_attn_implementation", "_experts_implementation"]
)
@pytest.mark.parametrize("value", ["owner/kernel", "paged|owner/kernel", {"text_config": "owner/kernel:run"}])
def test_a_program_that_a_model_would_have_fetched_is_never_run(
    tiny_captioners: Any, tmp_path: Path, setting: str, value: object
) -> None:
    """Newer versions of transformers fetch and run the kernel that a configuration names, unasked."""
    folder = copied(tiny_captioners.folder("blip"), tmp_path)
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    config["text_config"][setting] = value
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    with pytest.raises(ModelError, match="such programs are never run here"):
        check_kind(folder)
    assert "such programs are never run here" in refusal(folder)


def test_a_model_may_say_which_of_transformers_programs_it_wants(
    tiny_captioners: Any, tmp_path: Path
) -> None:
    folder = copied(tiny_captioners.folder("blip"), tmp_path)
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    config |= {"_attn_implementation": "eager", "_name_or_path": "owner/model"}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    load_image_to_text(folder, choose_device("cpu"))


def test_a_picture_processor_of_the_model_s_own_is_never_run(tiny_captioners: Any, tmp_path: Path) -> None:
    folder, trace = copied(tiny_captioners.folder("blip"), tmp_path), tmp_path / "ran"
    (folder / "own.py").write_text(f"import pathlib\npathlib.Path({str(trace)!r}).touch()\n", "utf-8")
    content = {
        "processor_class": "OwnProcessor",
        "image_processor_type": "OwnImageProcessor",
        "auto_map": {"AutoProcessor": "own.OwnProcessor", "AutoImageProcessor": "own.OwnImageProcessor"},
    }
    (folder / "preprocessor_config.json").write_text(json.dumps(content), encoding="utf-8")
    assert "such programs are never run here" in refusal(folder) and not trace.exists()


def test_a_kind_that_transformers_does_not_know_is_named(tiny_captioners: Any, tmp_path: Path) -> None:
    folder = copied(tiny_captioners.folder("blip"), tmp_path)
    (folder / "config.json").write_text('{"model_type": "brand_new"}', encoding="utf-8")
    assert "is of the kind 'brand_new', which transformers" in refusal(folder)


def test_a_model_of_words_alone_is_refused_before_its_weights_are_fetched(
    tiny_captioners: Any, tmp_path: Path
) -> None:
    folder = copied(tiny_captioners.folder("llava"), tmp_path)
    for name in ("preprocessor_config.json", "processor_config.json", "model.safetensors"):
        (folder / name).unlink()
    with pytest.raises(ModelError, match="takes no pictures"):
        check_kind(folder)


def test_a_model_of_another_kind_is_refused_by_its_name(tiny_captioners: Any, tmp_path: Path) -> None:
    folder = copied(tiny_captioners.folder("blip"), tmp_path)
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    (folder / "config.json").write_text(
        json.dumps(config | {"architectures": ["BlipModel"]}), encoding="utf-8"
    )
    assert "tiny-blip is a BlipModel" in refusal(folder)


def test_weights_that_are_not_there_are_told_and_not_drawn_at_random(
    tiny_captioners: Any, tmp_path: Path
) -> None:
    folder = copied(tiny_captioners.folder("blip"), tmp_path)
    weights = load_file(folder / "model.safetensors")
    lost = next(name for name in weights if name.startswith("vision_model.encoder.layers.0"))
    del weights[lost]
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    assert f"the files lack 1 weights, {lost} first" in refusal(folder)


def test_a_model_that_can_t_be_moved_to_the_device_is_told(
    tiny_captioners: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As those whose weights were made small for one kind of card."""
    import transformers

    def refuses(*_asked: object) -> None:
        raise ValueError("`.to` is not supported for 4-bit models")

    monkeypatch.setattr(transformers.BlipForConditionalGeneration, "to", refuses)
    assert "failed: `.to` is not supported for 4-bit models" in refusal(tiny_captioners.folder("blip"))


def test_weights_that_no_caption_needs_may_be_missing(tiny_captioners: Any, tmp_path: Path) -> None:
    folder = copied(tiny_captioners.folder("vit-gpt2"), tmp_path)
    weights = torch.load(folder / "pytorch_model.bin", weights_only=True)
    left = {name: weight for name, weight in weights.items() if "pooler" not in name}
    assert len(left) == len(weights) - 2
    torch.save(left, folder / "pytorch_model.bin")
    load_image_to_text(folder, choose_device("cpu"))


@pytest.mark.parametrize(
    "file", ["config.json", "model.safetensors", "preprocessor_config.json", "vocab.txt"]
)
def test_a_broken_or_missing_file_is_one_sentence(tiny_captioners: Any, tmp_path: Path, file: str) -> None:
    folder = copied(tiny_captioners.folder("blip"), tmp_path)
    (folder / file).write_bytes(b"\x00broken")
    if file == "vocab.txt":
        (folder / file).unlink()
    told = refusal(folder)
    assert str(folder) in told and "ownload" in told and "files again" in told


@pytest.mark.parametrize(
    ("told", "package"),
    [
        ("\nXVideoProcessor requires the Torchvision library but it was not found", "torchvision"),
        ("Using `bitsandbytes` 4-bit quantization requires bitsandbytes: `pip install -U x`", "bitsandbytes"),
        ("required packages that were not found in your environment: einops. Run", "einops"),
    ],
)
def test_a_package_that_a_model_wants_is_named(
    tiny_captioners: Any, monkeypatch: pytest.MonkeyPatch, told: str, package: str
) -> None:
    import transformers

    def fails(*_asked: object, **_options: object) -> None:
        raise ImportError(told)

    monkeypatch.setattr(transformers.AutoProcessor, "from_pretrained", fails)
    assert f"needs the package {package}, which isn't installed" in refusal(tiny_captioners.folder("blip"))
