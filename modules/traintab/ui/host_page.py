"""The tab inside a web UI: the panels of *Train*, without what the web UI has of its own."""

from __future__ import annotations

from typing import Any

import gradio as gr

from ..configs import AppearanceConfig
from ..studio import Studio
from .appearance import appearance_html
from .choices import embedding_names
from .field_memory import FieldMemory
from .gradio_compat import blocks, hidden_text, listen
from .host_look import host_style
from .host_txt2img import HostTxt2img
from .job_view import Elsewhere
from .languages import language_of
from .page import Page
from .start_panel import has_embeddings
from .train_tab import TrainTab
from .viewer import viewer_html

__all__ = ["build_host_tab"]

_FIRST_STEPS = """<ol class="traintab-first-steps">
<li>Create embedding: give it a name, a word of your own.</li>
<li>Preprocess images: where your pictures need another size, or captions.</li>
<li>Train: choose the folder of your pictures and press Train Embedding. It trains on the model that is chosen
 in the web UI, and the new name works in its prompts.</li>
</ol>"""


def build_host_tab(studio: Studio) -> Any:
    """The tab as a `gr.Blocks` that the web UI puts into its own page.

    Its txt2img, its choice of models and its settings are the web UI's: none of them is here.
    """
    page = Page(studio=studio)
    with blocks(title="Train Tab", look={}) as tab:
        gr.HTML(f"<style>{host_style()}</style>", elem_classes=["traintab-hidden"])
        with gr.Row(elem_id="traintab_header"):
            status = gr.HTML(elem_id="traintab_model")
        appearance = appearance_html(AppearanceConfig(language=_language(studio)))
        gr.HTML(appearance, elem_classes=["traintab-hidden"])
        title = gr.HTML(elem_id="traintab_title_holder", elem_classes=["traintab-hidden"])
        model = hidden_text()
        with gr.Accordion("Start here", open=not has_embeddings(page)) as first_screen:
            gr.HTML(_FIRST_STEPS)
        train = TrainTab(page, Elsewhere(title, status, model))
        gr.HTML(viewer_html(), elem_classes=["traintab-overlays"])
        txt2img = HostTxt2img()
        train.wire(page, tab.load, first_screen, [])
        txt2img.wire(page, train)
        memory = FieldMemory(page, train.watch)
        page.pulse.wire(tab.load)
        _fill_on_load(tab.load, page, memory, train, first_screen)
    return tab


def _language(studio: Studio) -> str:
    """That of the web UI's localization: ours says what that has no words for."""
    return language_of(str(studio.host_settings.get("localization") or "").replace("_", "-"))


def _fill_on_load(load: Any, page: Page, memory: FieldMemory, train: TrainTab, first_screen: Any) -> None:
    """When a browser opens the page: remembered values, then what the library offers."""

    def opened() -> list[Any]:
        return [gr.update(open=not has_embeddings(page))]

    filled = memory.fill(load, opened, [first_screen])
    train.watch.after(train.preset.offer_after(page, filled).then)
    names = [page.train["embedding_name"]]
    listen(load, lambda: gr.update(choices=embedding_names(page.studio)), None, names, at_once=True)
