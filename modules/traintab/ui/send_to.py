"""From a picture to fields: into txt2img, img2img, or the previews of training."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import gradio as gr

from ..configs.samplers import AUTOMATIC, OLD_SAMPLER_NAMES, SAMPLER_NAMES
from ..drawing import DrawnPicture
from ..errors import ConfigError
from ..model_slot import ModelState
from .form import Form
from .gradio_compat import listen
from .messages import done, guarded
from .page import Page

__all__ = [
    "Destination",
    "PictureSource",
    "SendButtons",
    "as_previews",
    "read_settings",
    "send",
    "settings_into",
]

# What previews have, under the names that it has in a GenerationConfig.
_PREVIEW_FIELDS = {
    "prompt": "preview_prompt",
    "negative_prompt": "preview_negative_prompt",
    "num_inference_steps": "preview_steps",
    "guidance_scale": "preview_guidance_scale",
    "seed": "preview_seed",
    "width": "preview_width",
    "height": "preview_height",
}


class Destination(NamedTuple):
    """Where a picture's settings can go: `main` is the page's tab, `form` the fields, `message` a `gr.HTML`.

    `inside` are more outputs, and `arrive(picture)` gives their values.
    """

    label: str
    main: str
    form: Form
    message: Any
    inside: tuple[Any, ...] = ()
    arrive: Callable[[DrawnPicture], tuple[Any, ...]] = lambda _: ()


class SendButtons:
    """A button for each destination, made in the layout where it is constructed."""

    def __init__(self, area: str, destinations: Sequence[str]) -> None:
        with gr.Row(elem_classes=["traintab-actions"]):
            self.buttons = {
                name: gr.Button(f"Send to {name}", size="sm", elem_id=_elem_id(area, name), min_width=110)
                for name in destinations
            }

    def wire(
        self, page: Page, source: PictureSource, destinations: Sequence[Destination], tabs: Any
    ) -> list[Any]:
        """Let the buttons work; `tabs` are the page's. Returns the events that fill in fields."""
        return [
            _wire(page, self.buttons[destination.label], source, destination, tabs)
            for destination in destinations
            if destination.label in self.buttons
        ]


class PictureSource(NamedTuple):
    """`gr.State`s of the pictures and of the chosen one's number, and the `gr.HTML` beside them."""

    pictures: Any
    chosen: Any
    message: Any


def _elem_id(area: str, name: str) -> str:
    return f"{area}_send_to_{name.replace(' ', '_')}"


def _wire(page: Page, button: Any, source: PictureSource, destination: Destination, tabs: Any) -> Any:
    other = () if destination.message is source.message else (destination.message,)
    outputs = [source.message, tabs, *destination.form.components, *destination.inside, *other]

    def press(pictures: Sequence[DrawnPicture], chosen: int) -> tuple[Any, ...]:
        told, *values = send(page, destination, pictures, chosen)
        return ("", *values, told) if other else (told, *values)

    handler = guarded(press, outputs=len(outputs))
    return listen(button.click, handler, [source.pictures, source.chosen], outputs, at_once=True)


def send(
    page: Page, destination: Destination, pictures: Sequence[DrawnPicture], chosen: int
) -> tuple[Any, ...]:
    """A message, the page's tab, the destination's fields and what else arrives there.

    A picture that doesn't tell how it was drawn can go where pictures go. Raises ConfigError for others, and
    while there is none.
    """
    if not 0 <= chosen < len(pictures):
        raise ConfigError("There is no picture to send yet; draw one, or click one in the gallery.")
    picture = pictures[chosen]
    arriving = destination.arrive(picture)
    takes_pictures = destination.main == "img2img"
    if takes_pictures and not picture.infotext:
        message, *fields = "", *destination.form.updates({})
    else:
        message, *fields = settings_into(page, destination.form, picture.infotext)
    return message, gr.update(selected=destination.main), *fields, *arriving


def settings_into(page: Page, form: Form, infotext: str) -> tuple[Any, ...]:
    """A message, and the form's fields as the infotext tells them; the others stay as they are.

    Raises ConfigError where there is nothing to read.
    """
    values, notes = read_settings(page, infotext)
    if form is page.train:
        values = as_previews(values)
    page.remembered.remember(form.section, values)
    return done(" ".join(notes)), *form.updates(values)


def read_settings(page: Page, infotext: str) -> tuple[dict[str, Any], list[str]]:
    """What `config_from_infotext` reads, for the model and the embeddings that are there."""
    from ..sampling.infotext import config_from_infotext

    if not infotext.strip():
        raise ConfigError(
            "There are no settings to read: draw a picture, or paste the text of one into the prompt."
        )
    status = page.studio.model_status
    if status.state is not ModelState.READY:
        return config_from_infotext(infotext)
    model = page.studio.model
    names = page.studio.embeddings(model.widths)
    return config_from_infotext(infotext, model=model.name, vae=model.vae_name, embeddings=names)


def as_previews(values: Mapping[str, Any]) -> dict[str, Any]:
    """The same under the names that the panel *Train* has for its previews.

    Previews know a schedule type only where the sampler's old name tells it.
    """
    found = {_PREVIEW_FIELDS[name]: value for name, value in values.items() if name in _PREVIEW_FIELDS}
    sampler, schedule_type = values.get("sampler"), values.get("schedule_type", AUTOMATIC)
    old_name = f"{sampler} {schedule_type}"
    if sampler in SAMPLER_NAMES:
        found["preview_sampler"] = old_name if old_name in OLD_SAMPLER_NAMES else sampler
    return found
