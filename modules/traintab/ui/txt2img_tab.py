"""The tab *txt2img*."""

from __future__ import annotations

import html
from typing import Any

import gradio as gr

from ..configs import GenerationConfig, from_mapping
from .choices import embedding_names
from .gradio_compat import listen
from .messages import done, guarded
from .page import Page

__all__ = ["Txt2ImgTab", "generate", "insert"]


def generate(page: Page, values: dict[str, Any], progress: Any) -> tuple[Any, ...]:
    """Draw; a message, the pictures, and how to draw them again."""
    page.remembered.remember(page.txt2img.section, values)
    progress(0, desc="Waiting for the model")
    config = from_mapping(GenerationConfig, values)
    drawn = page.studio.txt2img(config, on_step=lambda step, total: progress((step, total), desc="Sampling"))
    paths = page.studio.save_images(drawn)
    gallery = [(str(path), f"seed {picture.seed}") for path, picture in zip(paths, drawn, strict=True)]
    text = "".join(f"<p>{html.escape(picture.infotext)}</p>" for picture in drawn)
    return done("" if drawn else "Interrupted before a picture was finished."), gallery, text


def insert(prompt: str, name: str) -> str:
    """The prompt with the embedding's name at its end."""
    prompt = prompt.rstrip()
    separator = "" if not prompt else " " if prompt.endswith(",") else ", "
    return f"{prompt}{separator}{name}"


class Txt2ImgTab:
    """Prompt, settings and gallery, made in the layout where it is constructed."""

    def __init__(self, page: Page) -> None:
        form = page.txt2img
        with gr.Row():
            with gr.Column(scale=5, min_width=320):
                form.field("prompt", lines=3, max_lines=8, placeholder="Prompt; Ctrl+Enter draws")
                form.field("negative_prompt", lines=2, max_lines=6)
            with gr.Column(scale=1, min_width=160):
                self.button = gr.Button("Generate", variant="primary", elem_id="txt2img_generate", size="lg")
                self.stop = gr.Button("Interrupt", elem_id="txt2img_interrupt")
        self.chips = gr.Dataset(
            samples=[],
            components=[gr.Textbox(visible=False)],
            label="Embeddings: click to insert",
            elem_id="txt2img_chips",
            visible=False,
        )
        with gr.Row():
            with gr.Column(scale=1, min_width=320):
                with gr.Row():
                    form.field("sampler", min_width=150)
                    form.field("num_inference_steps", min_width=150)
                with gr.Row():
                    form.field("width", placeholder="model's own", min_width=100)
                    form.field("height", placeholder="model's own", min_width=100)
                    form.field("seed", min_width=120)
                with gr.Row():
                    form.field("guidance_scale", min_width=150)
                    form.field("count", min_width=150)
            with gr.Column(scale=1, min_width=320):
                self.message = gr.HTML(elem_classes=["traintab-slot"])
                self.gallery = gr.Gallery(
                    label="Pictures", columns=2, height=420, object_fit="contain", elem_id="txt2img_gallery"
                )
                self.infotext = gr.HTML(elem_id="html_info_txt2img", elem_classes=["traintab-infotext"])

    def wire(self, page: Page) -> None:
        """Let the buttons and the chips work."""
        form = page.txt2img
        outputs = [self.message, self.gallery, self.infotext]

        def draw(*values: Any, progress: Any = gr.Progress()) -> tuple[Any, ...]:  # noqa: B008 - gradio's way
            return guarded(lambda: generate(page, form.values(values), progress), outputs=len(outputs))()

        listen(self.button.click, draw, form.components, outputs)
        listen(self.stop.click, page.studio.interrupt_drawing, None, None, at_once=True)
        listen(
            self.chips.click,
            lambda sample, prompt: insert(prompt, sample[0]),
            [self.chips, form["prompt"]],
            form["prompt"],
            at_once=True,
        )


def chips(page: Page) -> Any:
    """An update of the chips to the embeddings that are there; nothing is shown while there are none."""
    names = embedding_names(page.studio)
    return gr.update(samples=[[name] for name in names], visible=bool(names))
