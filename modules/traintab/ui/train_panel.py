"""The panel *Train*."""

from __future__ import annotations

from typing import Any

import gradio as gr

from ..configs import TrainingConfig, from_mapping
from .choices import embedding_names, template_names
from .form import Form
from .gradio_compat import listen
from .kept_steps import KeptSteps
from .messages import done, guarded
from .page import Page

__all__ = ["TrainPanel", "train"]


def train(page: Page, values: dict[str, Any]) -> tuple[Any, ...]:
    """Start training; a message."""
    page.remembered.remember(page.train.section, values)
    config = from_mapping(TrainingConfig, {**values, "model": page.studio.model_status.spec})
    page.studio.train(config)
    return (done(f"Training of {config.embedding_name} has started."),)


class TrainPanel:
    """Fields, buttons and message, made in the layout where it is constructed."""

    def __init__(self, page: Page) -> None:
        form = page.train
        with gr.Row(elem_classes=["traintab-tight"]):
            form.field("embedding_name", choices=[], scale=8)
            self.refresh = gr.Button(
                "↻",
                elem_id="refresh_train_embedding_name",
                elem_classes=["traintab-tool"],
                min_width=40,
                scale=0,
            )
        form.field("data_dir", placeholder="folder with your training pictures")
        with gr.Row():
            form.field("template", choices=template_names(page.studio), min_width=180)
            form.field("learning_rate", min_width=180)
        with gr.Row():
            for name in ("steps", "batch_size", "width", "height"):
                placeholder = {"placeholder": "model's own"} if name in ("width", "height") else {}
                form.field(name, min_width=110, **placeholder)
        with gr.Row():
            form.field("preview_every", min_width=220)
            form.field("save_every", min_width=220)
        self.button = gr.Button("Train Embedding", variant="primary", elem_id="train_train_embedding")
        self.message = gr.HTML(elem_classes=["traintab-slot"])
        self.kept = KeptSteps()
        _more(page)

    def wire(self, page: Page) -> Any:
        """Let the buttons work; returns the event that starts training."""
        form = page.train
        self.kept.wire(page)
        listen(
            self.refresh.click,
            lambda: gr.update(choices=embedding_names(page.studio)),
            None,
            form["embedding_name"],
        )
        handler = form.bound(lambda values: train(page, values))
        return listen(self.button.click, guarded(handler, outputs=1), form.components, [self.message])


def _more(page: Page) -> None:
    """What most runs leave as it is."""
    _about_pictures(page.train)
    _about_results(page.train)
    _about_optimization(page.train)


def _about_pictures(form: Form) -> None:
    with gr.Accordion("Prompts and captions", open=False):
        form.field("shuffle_tags")
        form.field("tag_drop_out")
        form.field("latent_sampling_method")
        form.field("flip_augmentation")
        form.field("train_with_selected_vae")


def _about_results(form: Form) -> None:
    with gr.Accordion("Evaluation and automatic stop", open=False):
        form.field("automatic_stop")
        with gr.Row():
            form.field("evaluate_every", min_width=160)
            form.field("evaluation_samples", min_width=160)
        with gr.Row():
            form.field("automatic_stop_window", min_width=160)
            form.field("automatic_stop_threshold", min_width=160)
    with gr.Accordion("Previews", open=False):
        form.field("preview_prompt", max_lines=3, placeholder="empty: the prompt just trained on")
        form.field("preview_negative_prompt", max_lines=3)
        with gr.Row():
            form.field("preview_sampler", min_width=140)
            form.field("preview_seed", min_width=140)
        with gr.Row():
            form.field("preview_steps")
            form.field("preview_guidance_scale")
        form.field("save_image_with_stored_embedding")
        form.field("save_optimizer_state")


def _about_optimization(form: Form) -> None:
    with gr.Accordion("Optimization", open=False):
        with gr.Row():
            form.field("gradient_accumulation_steps", min_width=160)
            form.field("seed", min_width=160)
        with gr.Row():
            form.field("clip_grad_mode", min_width=240)
            form.field("clip_grad_value", min_width=160)
        with gr.Row():
            form.field("timesteps_per_picture", min_width=160)
            form.field("stratified_timesteps", min_width=160)
        form.field("norm_control")
    with gr.Accordion("Precision and memory", open=False):
        with gr.Row():
            form.field("precision", min_width=160)
            form.field("gradient_checkpointing", min_width=160)
        form.field("deterministic")
