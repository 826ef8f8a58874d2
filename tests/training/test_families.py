"""Every family of models trains, resumes to the last bit, and exports what diffusers loads."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from traintab.configs import CreateConfig, TrainingConfig, replace_fields
from traintab.embeddings.embedding import Embedding
from traintab.embeddings.formats import read_embedding, write_embedding
from traintab.errors import ModelError
from traintab.models.model import Model
from traintab.paths import Paths
from traintab.training.create import create_embedding
from traintab.training.events import PreviewSaved, TrainingEvent, TrainingFinished
from traintab.training.run_folder import runs_of

Trainer = Callable[..., list[TrainingEvent]]
FAMILIES = (
    pytest.param("sd1", marks=pytest.mark.long),  # as the tiny model of all other tests
    "sd2",
    "sdxl",
    "sd1-inpainting",
    pytest.param("sdxl-inpainting", marks=pytest.mark.long),
)
ENCODERS = {"clip_l": "", "clip_h": "", "clip_g": "_2"}


@pytest.fixture
def settings(config: TrainingConfig, paths: Paths, tiny_families: Any) -> Callable[..., TrainingConfig]:
    """Creates `zq` for a family, and gives the settings of a short training of it."""

    def make(family: str, num_vectors: int = 2, **fields: object) -> TrainingConfig:
        for file in paths.embeddings_dir.glob("zq.*"):
            file.unlink()
        wanted = CreateConfig(name="zq", initialization_text="girl", num_vectors=num_vectors)
        create_embedding(wanted, model=tiny_families.model(family), paths=paths)
        short = {"steps": 4, "save_every": 2, "width": 64, "height": 64, **fields}
        return replace_fields(dataclasses.replace(config, model=str(tiny_families.folder(family))), short)

    return make


def the_file(paths: Paths) -> Path:
    (file,) = paths.embeddings_dir.glob("zq.*")
    return file


def loaded_by_diffusers(folder: Path, files: tuple[Path, ...], token: str) -> dict[str, torch.Tensor]:
    """What a prompt with the token gets in diffusers, by text encoder."""
    import diffusers

    pipeline = diffusers.DiffusionPipeline.from_pretrained(folder, local_files_only=True)
    found = {}
    for suffix, file in zip(("", "_2"), files, strict=False):
        tokenizer = getattr(pipeline, f"tokenizer{suffix}")
        encoder = getattr(pipeline, f"text_encoder{suffix}")
        pipeline.load_textual_inversion(str(file), token=token, tokenizer=tokenizer, text_encoder=encoder)
        ids = tokenizer.convert_tokens_to_ids([token, f"{token}_1"])
        found[suffix] = encoder.get_input_embeddings().weight[ids].detach()
    return found


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.option("model")
def test_train_interrupt_resume_export_and_load_in_diffusers(
    settings: Callable[..., TrainingConfig],
    paths: Paths,
    run_training: Trainer,
    tiny_families: Any,
    tmp_path: Path,
    family: str,
) -> None:
    model, quick = tiny_families.model(family), settings(family)
    untrained = the_file(paths).read_bytes()
    run_training(quick, model=model)
    whole = read_embedding(the_file(paths))
    the_file(paths).write_bytes(untrained)

    run_training(quick, model=model, stop_at=2)
    half = read_embedding(the_file(paths))
    events = run_training(quick, model=model, resume=True)

    trained = read_embedding(the_file(paths))
    assert isinstance(events[-1], TrainingFinished)
    assert (half.step, trained.step, whole.step) == (2, 4, 4)
    assert trained.vectors.keys() == model.widths.keys()
    for encoder in model.text_encoders:
        (girl,) = encoder.token_vectors("girl")
        vectors = trained.vectors[encoder.name]
        assert torch.equal(vectors, whole.vectors[encoder.name])
        assert bool((vectors != girl).any(dim=1).all()), f"{encoder.name} has not learned"
        assert not torch.equal(vectors, half.vectors[encoder.name])
    files = write_embedding(trained, tmp_path / "export.safetensors", "diffusers")
    found = loaded_by_diffusers(tiny_families.folder(family), files, "zq")
    for name, vectors in trained.vectors.items():
        assert torch.equal(found[ENCODERS[name]], vectors)


@pytest.mark.parametrize("family", [pytest.param("sd2", marks=pytest.mark.long), "sdxl"])
def test_previews_and_cards_hold_what_was_learned(
    settings: Callable[..., TrainingConfig],
    paths: Paths,
    run_training: Trainer,
    tiny_families: Any,
    family: str,
) -> None:
    from traintab.sampling.txt2img import txt2img

    model = tiny_families.model(family)

    def render(wanted: Any, embeddings: Any) -> Any:
        (drawn,) = txt2img(model, wanted, embeddings)
        return drawn.with_infotext()

    quick = settings(family, steps=2, preview_every=2, preview_steps=1, preview_prompt="a [name]")
    events = run_training(quick, model=model, render_preview=render)

    (preview,) = [event for event in events if isinstance(event, PreviewSaved)]
    assert preview.path.is_file()
    (run,) = runs_of("zq", paths.log_dir)
    card, trained = read_embedding(run.card(2)), read_embedding(the_file(paths))
    assert (card.name, card.step) == ("zq", 2)
    for name, vectors in trained.vectors.items():
        assert torch.equal(card.vectors[name], vectors)


FILES = [
    ("sd1", "diffusers", ".bin"),
    ("sdxl", "diffusers", ".safetensors"),
    ("sdxl", "card", ".png"),
    pytest.param("sd1", "webui", ".pt", marks=pytest.mark.long),
    pytest.param("sd1", "emb_params", ".safetensors", marks=pytest.mark.long),
    pytest.param("sd1", "card", ".webp", marks=pytest.mark.long),
    pytest.param("sdxl", "emb_params", ".safetensors", marks=pytest.mark.long),
    pytest.param("sdxl", "diffusers", ".bin", marks=pytest.mark.long),
]


@pytest.mark.parametrize(("family", "target", "suffix"), FILES)
def test_any_file_without_a_step_goes_on_from_its_own_vectors(
    settings: Callable[..., TrainingConfig],
    paths: Paths,
    run_training: Trainer,
    tiny_families: Any,
    family: str,
    target: str,
    suffix: str,
) -> None:
    quick = settings(family, steps=1, learning_rate="0.001")
    begun = {name: tensor * 1.5 for name, tensor in read_embedding(the_file(paths)).vectors.items()}
    the_file(paths).unlink()
    strange = Embedding(name="zq", vectors=begun)
    write_embedding(strange, paths.embeddings_dir / f"zq{suffix}", target)

    events = run_training(quick, model=tiny_families.model(family))

    trained = read_embedding(events[-1].path)
    assert (trained.name, trained.step) == ("zq", 1)
    for name, vectors in begun.items():
        moved = (trained.vectors[name] - vectors).abs().max()
        assert 0 < moved < 0.0011  # one step of AdamW is as long as its rate


def test_an_unknown_prediction_is_refused_before_pictures_are_encoded(
    settings: Callable[..., TrainingConfig], run_training: Trainer, tiny_families: Any
) -> None:
    from diffusers import DDPMScheduler

    model: Model = tiny_families.model("sd1")
    scheduler: Any = DDPMScheduler.from_config(model.noise_scheduler.config, prediction_type="flow")

    with pytest.raises(ModelError, match="predicts 'flow'; training knows epsilon, v_prediction and sample"):
        run_training(settings("sd1"), model=dataclasses.replace(model, noise_scheduler=scheduler))
