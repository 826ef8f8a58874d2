"""The first screen: *Try an example* beside *Choose your own model*."""

from __future__ import annotations

from typing import Any

import gradio as gr

from ..configs import to_mapping
from ..examples import find_examples
from .choices import embedding_names
from .gradio_compat import listen
from .installation_offer import InstallationOffer
from .messages import done, guarded
from .page import Page

__all__ = ["StartPanel", "has_embeddings", "try_example"]

_EXAMPLE_TEXT = (
    "**Try an example.** A small demo model is built in: it draws 128 × 128 pixel portraits and learns a"
    " concept within a minute on any computer. It shows how things work; it is no match for a real model."
)
_MODEL_TEXT = (
    "**Choose your own model.** Put a Stable Diffusion 1, 2 or XL model, a file or a diffusers folder, into"
    " `models/Stable-diffusion`, press ↻ at the top of the page and choose it there; or type there the path"
    " or the Hugging Face name of any other."
)


def try_example(page: Page, name: str) -> tuple[Any, ...]:
    """Create the example's embedding and fill the Train panel; its fields come last."""
    embedding, config = page.studio.try_example(name)
    plain = to_mapping(config)
    parts = [value for value in plain.values() if isinstance(value, dict)]
    values = {
        key: value for part in [plain, *parts] for key, value in part.items() if key in page.train.names
    }
    page.remembered.remember(page.train.section, values)
    text = f"{embedding} is created and everything is set: press Train Embedding."
    updates = dict(zip(page.train.names, page.train.updates(values), strict=True))
    updates["embedding_name"] = gr.update(choices=embedding_names(page.studio), value=embedding)
    tabs = gr.update(selected="train")
    return done(text), done(text), tabs, gr.update(open=False), *updates.values()


class StartPanel:
    """Two cards, made in the layout where it is constructed."""

    def __init__(self, page: Page) -> None:
        studio = page.studio
        fresh = not has_embeddings(page)
        with (
            gr.Accordion("Start here: an example, or your own model", open=fresh) as self.accordion,
            gr.Row(),
        ):
            with gr.Column(min_width=320, elem_classes=["traintab-card"]):
                gr.Markdown(_EXAMPLE_TEXT)
                with gr.Row():
                    self.examples = [
                        (
                            example.name,
                            gr.Button(f"Try {example.title}", elem_id=f"try_{example.name}", min_width=120),
                        )
                        for example in find_examples(studio.paths)
                    ]
                self.message = gr.HTML(elem_classes=["traintab-slot"])
            with gr.Column(min_width=320, elem_classes=["traintab-card"]):
                gr.Markdown(_MODEL_TEXT)
                self.offer = InstallationOffer(page)

    def wire(self, page: Page, tabs: Any, train_message: Any) -> list[Any]:
        """Let the buttons work; returns the events that change what the job view shows."""
        outputs = [self.message, train_message, tabs, self.accordion, *page.train.components]
        events = []
        for name, button in self.examples:
            handler = guarded(lambda name=name: try_example(page, name), outputs=len(outputs))
            events.append(listen(button.click, handler, None, outputs))
        return events


def has_embeddings(page: Page) -> bool:
    """Whether the user has an embedding already; looks at names only, because torch isn't there yet."""
    folder = page.studio.paths.embeddings_dir
    return folder.is_dir() and any(not path.name.startswith(".") for path in folder.iterdir())
