"""The look that the Train panel takes whenever a field was left."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from traintab.configs import CreateConfig, TrainingConfig, all_options, replace_fields
from traintab.embeddings.library import EmbeddingLibrary
from traintab.jobs import JobSnapshot, JobStatus
from traintab.measured_paces import MeasuredPaces, pace_asked
from traintab.model_slot import ModelState, ModelStatus
from traintab.training.create import create_embedding
from traintab.ui.before_start import BeforeStartPart, Looker
from traintab.ui.form_watch import FormWatch
from traintab.ui.page import Page


@pytest.fixture
def look(page: Page, studio: Any, tiny_families: Any, tmp_path: Path) -> Any:
    """What the box shows for an embedding `zq` and four pictures, with some fields changed."""
    model = tiny_families.model("sd1")
    create_embedding(CreateConfig(name="zq"), model=model, paths=studio.paths)
    studio.library = EmbeddingLibrary(studio.paths.embeddings_dir)
    studio.model = replace(model)
    spec = str(tiny_families.folder("sd1"))
    studio.model_status = ModelStatus(spec=spec, state=ModelState.READY)
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in range(4):
        Image.new("RGB", (64, 64), (60 * number, 0, 0)).save(folder / f"a hat {number}.png")
    plain = {name: declared.default for name, declared in all_options(TrainingConfig).items()}
    looker = Looker(page)
    return lambda **values: looker.look(
        {**plain, "embedding_name": "zq", "data_dir": str(folder), "save_every": 100, **values}
    )


def test_a_run_is_told_and_its_time_once_it_is_known(look: Any, studio: Any) -> None:
    page = look(preview_every=100)
    assert "<dt>Steps per epoch</dt><dd>1</dd>" in page and "known after the first run" in page
    pace = pace_asked(TrainingConfig(model=studio.model_status.spec), 64, studio.model)
    MeasuredPaces(studio.paths.cache_dir).note(replace(pace, seconds_per_step=0.03, peak_memory=2**30))
    page = look(preview_every=100)
    assert "<dd>about 30 s</dd>" in page and "<dd>about 1.0 GiB</dd>" in page


def test_a_batch_that_is_larger_than_the_pictures_are_many_counts_as_it_will_be(
    look: Any, studio: Any
) -> None:
    """Four pictures: of 16 asked for a batch has 4, and that is what was measured, not a fourth of it."""
    config = replace_fields(TrainingConfig(model=studio.model_status.spec), {"batch_size": 4})
    pace = replace(pace_asked(config, 64, studio.model), seconds_per_step=0.03)
    MeasuredPaces(studio.paths.cache_dir).note(pace)
    assert "<dd>about 30 s</dd>" in look(batch_size=16, gradient_accumulation_steps=8, steps=1000)


def test_before_the_model_is_loaded_all_but_the_rate_is_told(look: Any, studio: Any) -> None:
    assert "The learning rate 50 is high" in look(learning_rate="50")
    studio.model, studio.model_status = None, replace(studio.model_status, state=ModelState.LOADING)
    page = look(learning_rate="50")
    assert "<dt>Pictures</dt><dd>4</dd>" in page and "is high" not in page


def test_what_is_missing_or_wrong_is_a_sentence(look: Any) -> None:
    assert "Choose the folder with your pictures" in look(data_dir="  ")
    assert "Choose an embedding" in look(embedding_name=None)
    wrong = look(data_dir="/nowhere/<b>")
    assert "traintab-before-wrong" in wrong and "/nowhere/&lt;b&gt; doesn&#x27;t exist" in wrong
    assert "Max steps is 0" in look(steps=0)


def test_a_finished_embedding_is_no_mistake(look: Any, studio: Any) -> None:
    page = look(learning_rate="0.1:1", steps=1)
    assert "traintab-before-wrong" not in page
    (embedding,) = studio.library.embeddings().values()
    from traintab.embeddings.formats import write_embedding

    write_embedding(replace(embedding, step=5), embedding.source)
    assert "traintab-before-done" in look(steps=5)


def test_the_box_gets_the_train_fields_wherever_they_stand(
    page: Page, build: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import gradio as gr

    seen: list[Any] = []
    monkeypatch.setattr(Looker, "look", lambda self, values: seen.append(values) or "")
    handlers: list[Any] = []

    class Watch(FormWatch):
        def also(self, handler: Any, outputs: Any) -> None:
            handlers.append(handler)
            super().also(handler, outputs)

    def make() -> Any:
        fresh = Page(studio=page.studio)
        with gr.Blocks() as blocks:
            for form, names in ((fresh.create, ("name",)), (fresh.train, ("embedding_name", "steps"))):
                for name in names:
                    form.field(name)
            fields = [gr.Dropdown(), *fresh.create.components, *fresh.train.components]
            BeforeStartPart().wire(fresh, Watch(fields, lambda *values: "", [gr.HTML()]), gr.HTML())
        return blocks

    build(make)
    handlers[0]("preset", "new", "zq", 7)
    handlers[0]("preset", "new", "zq", 7, 1234567)
    assert seen == [{"embedding_name": "zq", "steps": 7}] * 2


def test_only_a_run_that_was_left_is_told_to_be_unfinished(look: Any, studio: Any, made_run: Any) -> None:
    run = made_run(studio.paths.log_dir, "2024-02-29/zq", name="zq", facts={"status": "unfinished"})
    run.state(10).write_bytes(b"state")
    studio.job = JobSnapshot(id="1", kind="train", status=JobStatus.RUNNING, folder=str(run.path))
    assert "the unfinished one" not in look()
    studio.job = replace(studio.job, status=JobStatus.INTERRUPTED)
    assert f"the unfinished one in {run.path} is kept" in look()
