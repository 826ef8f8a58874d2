"""A picture's settings on their way into txt2img, img2img and the previews of training."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest

from traintab.drawing import DrawnPicture
from traintab.errors import ConfigError
from traintab.model_slot import ModelState, ModelStatus
from traintab.ui.form import Form
from traintab.ui.page import Page
from traintab.ui.send_to import Destination, as_previews, read_settings, send, settings_into

INFOTEXT = (
    "a photo of mira\nNegative prompt: blurry\nSteps: 12, Sampler: DPM++ 2M, Schedule type: Karras,"
    " CFG scale: 5.5, Seed: 42, Size: 128x192, Clip skip: 2, Version: Train Tab 0.1"
)


def by_name(form: Form, updates: Any) -> dict[str, Any]:
    """The values that a form's updates set."""
    pairs = zip(form.names, updates, strict=True)
    return {name: update["value"] for name, update in pairs if "value" in update}


def picture(infotext: str = INFOTEXT) -> DrawnPicture:
    return DrawnPicture(path=Path("/outputs/1.png"), seed=42, infotext=infotext)


def test_every_setting_of_the_text_goes_into_its_field_and_is_remembered(page: Page) -> None:
    message, *updates = settings_into(page, page.txt2img, INFOTEXT)
    values = by_name(page.txt2img, updates)
    assert values["prompt"] == "a photo of mira" and values["negative_prompt"] == "blurry"
    assert (values["num_inference_steps"], values["guidance_scale"], values["seed"]) == (12, 5.5, 42)
    assert (values["sampler"], values["schedule_type"]) == ("DPM++ 2M", "Karras")
    assert (values["width"], values["height"], values["clip_skip"]) == (128, 192, 2)
    assert "count" not in values and "batch_size" not in values
    assert message == "" and page.remembered.values("txt2img") == values


def test_what_is_unknown_here_is_told(page: Page) -> None:
    message, *_ = settings_into(page, page.txt2img, INFOTEXT + ", Hires upscale: 2")
    assert "Hires upscale" in message


def test_of_a_loaded_model_it_is_told_when_the_picture_had_another(page: Page, studio: Any) -> None:
    studio.model_status = ModelStatus(spec="demo", state=ModelState.READY)
    studio.model = SimpleNamespace(name="demo", vae_name="", widths={"clip_l": 64})
    text = f'{INFOTEXT}, Model: sd15, VAE: b.pt, TI hashes: "zoe: 0123456789ab"'
    _, notes = read_settings(page, text)
    assert all(any(name in note for note in notes) for name in ("sd15", "b.pt", "zoe"))


def test_an_embedding_of_another_program_is_there(
    page: Page, studio: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio.model_status = ModelStatus(spec="demo", state=ModelState.READY)
    studio.model = SimpleNamespace(name="demo", vae_name="", widths={"clip_l": 64})
    monkeypatch.setattr(studio, "embeddings", lambda widths=None: {"zoe": SimpleNamespace(source=None)})
    _, notes = read_settings(page, f'{INFOTEXT}, Model: demo, TI hashes: "zoe: 0123456789ab"')
    assert not any("zoe" in note for note in notes)


def test_nothing_to_read_is_refused(page: Page) -> None:
    with pytest.raises(ConfigError, match="no settings to read"):
        settings_into(page, page.txt2img, "  \n")
    assert page.remembered.values("txt2img") == {}


def test_previews_get_what_they_have(page: Page) -> None:
    _, *updates = settings_into(page, page.train, INFOTEXT)
    assert by_name(page.train, updates) == {
        "preview_prompt": "a photo of mira",
        "preview_negative_prompt": "blurry",
        "preview_steps": 12,
        "preview_guidance_scale": 5.5,
        "preview_seed": 42,
        "preview_sampler": "DPM++ 2M Karras",
        "preview_width": 128,
        "preview_height": 192,
    }
    assert page.remembered.values("train")["preview_seed"] == 42


@pytest.mark.parametrize(
    ("sampler", "schedule_type", "expected"),
    [
        ("DPM++ 2M", "Karras", "DPM++ 2M Karras"),
        ("Euler a", "Karras", "Euler a"),
        ("Euler", "Automatic", "Euler"),
    ],
)
def test_previews_know_a_schedule_type_by_the_samplers_old_name(
    sampler: str, schedule_type: str, expected: str
) -> None:
    found = as_previews({"sampler": sampler, "schedule_type": schedule_type})
    assert found == {"preview_sampler": expected}
    assert as_previews({"seed": 1}) == {"preview_seed": 1}


def destination(page: Page, main: str, form: Form) -> Destination:
    return Destination(main, main, form, None, (None,), lambda one: (str(one.path),))


def test_a_sent_picture_opens_the_tab_and_arrives_there(page: Page) -> None:
    there = destination(page, "img2img", page.img2img)
    message, tabs, *updates, arrived = send(page, there, (picture(""), picture()), 1)
    assert message == "" and tabs["selected"] == "img2img" and arrived == "/outputs/1.png"
    assert by_name(page.img2img, updates)["seed"] == 42


def test_a_picture_that_tells_nothing_goes_to_img2img_only(page: Page) -> None:
    there = destination(page, "img2img", page.img2img)
    _, _, *updates, arrived = send(page, there, (picture(""),), 0)
    assert arrived == "/outputs/1.png" and by_name(page.img2img, updates) == {}
    with pytest.raises(ConfigError, match="no settings to read"):
        send(page, destination(page, "txt2img", page.txt2img), (picture(""),), 0)


def test_without_a_picture_there_is_nothing_to_send(page: Page) -> None:
    with pytest.raises(ConfigError, match="no picture to send"):
        send(page, destination(page, "txt2img", page.txt2img), (), 0)


def test_a_form_takes_the_values_as_gradio_sends_them(fields: dict[str, Form]) -> None:
    sizes = fields["txt2img"]["width"]
    assert isinstance(sizes, gr.Textbox) and sizes.postprocess(128) == "128"
