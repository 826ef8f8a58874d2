"""How models are loaded: with which VAE, and what the UNet predicts."""

from __future__ import annotations

from typing import Any

import gradio as gr

from ..configs import LoadingConfig, from_mapping
from ..configs.loading import OWN_VAE, SAME_NAME_VAE
from .form import Form
from .gradio_compat import listen, skip
from .messages import done, guarded
from .page import Page

__all__ = ["ModelSettings", "choose_loading", "current_choices"]

_SECTION = "loading"


def choose_loading(page: Page, values: dict[str, Any]) -> tuple[Any, ...]:
    """Keep the choices and load the model anew; a message.

    Nothing happens when they are as before, and what was said stays: gradio tells of one choice twice.
    """
    chosen = from_mapping(LoadingConfig, values)
    if chosen == page.remembered.config(_SECTION, LoadingConfig):
        return (skip(),)
    status = page.studio.choose_loading(chosen)
    return (done(f"{status.spec} is loaded anew; the line at the top of the page tells how it goes."),)


def current_choices(page: Page) -> tuple[Any, Any]:
    """Updates of both fields: the VAEs that are there now, and what was chosen."""
    from ..models.external_vae import find_vaes

    chosen = page.remembered.config(_SECTION, LoadingConfig)
    vaes = [SAME_NAME_VAE, OWN_VAE, *find_vaes(page.studio.paths)]
    return gr.update(choices=vaes, value=chosen.vae), gr.update(value=chosen.prediction_type)


class ModelSettings:
    """Two dropdowns and a message, made in the layout where it is constructed."""

    def __init__(self) -> None:
        self.form = Form(LoadingConfig, _SECTION)
        self.vae = self.form.field("vae", choices=[SAME_NAME_VAE, OWN_VAE], elem_classes=["traintab-choices"])
        self.prediction_type = self.form.field("prediction_type")
        self.message = gr.HTML(elem_id="settings_model_message", elem_classes=["traintab-slot"])

    def wire(self, page: Page, selected: Any) -> None:
        """Show what there is whenever the tab is opened (`selected`); obey a choice at once."""
        fields = self.form.components
        listen(selected, lambda: current_choices(page), None, fields, at_once=True)
        handler = guarded(self.form.bound(lambda values: choose_loading(page, values)), outputs=1)
        for field in fields:
            listen(field.input, handler, fields, [self.message])
