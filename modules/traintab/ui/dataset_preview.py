"""*Show what the model will see*: each picture with its final prompts and their tokens."""

from __future__ import annotations

import html
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from ..configs import TrainingConfig, from_mapping
from ..pictures import UNREADABLE, open_picture
from .data_urls import jpeg_data_url
from .gradio_compat import listen_to_form
from .messages import guarded
from .page import Page

if TYPE_CHECKING:
    from ..training.dataset_preview import DatasetPreview, PreviewedPicture, PreviewedPrompt

__all__ = ["DatasetPreviewPart", "preview_html", "show_dataset"]

_SHOWN_AT_MOST = 60
_THUMBNAIL = 72


def show_dataset(page: Page, values: dict[str, Any]) -> tuple[Any, ...]:
    """What a training by these fields would show the model; raises what the training would be refused for."""
    from ..training.dataset_preview import preview_dataset

    config = from_mapping(TrainingConfig, {**values, "model": page.studio.model_status.spec})
    return (preview_html(preview_dataset(config, page.studio.paths), config.embedding_name),)


def preview_html(preview: DatasetPreview, name: str) -> str:
    """The pictures one below the other; of very many the first, and how to see the others."""
    said = " ".join((*preview.notices, *_ids_told(preview)))
    shown = preview.pictures[:_SHOWN_AT_MOST]
    rows = "".join(_row(picture, preview) for picture in shown)
    more = ""
    if len(shown) < len(preview.pictures):
        command = html.escape(f"extension.py train {shlex.quote(name)} --data DIR --debug-dataset")
        more = f"<p>{len(preview.pictures) - len(shown)} more; all of them: <code>{command}</code></p>"
    return f'<div class="traintab-seen"><p>{html.escape(said)}</p><ul>{rows}</ul>{more}</div>'


class DatasetPreviewPart:
    """The button and what it shows, made in the layout where it is constructed."""

    def __init__(self) -> None:
        self.button = gr.Button("Show what the model will see", size="sm", elem_id="train_show_dataset")
        self.answer = gr.HTML(elem_id="train_dataset_preview", elem_classes=["traintab-slot"])

    def wire(self, page: Page) -> None:
        """Let the button work."""
        handler = guarded(page.train.bound(lambda values: show_dataset(page, values)), outputs=1)
        listen_to_form(self.button.click, handler, page.train.components, [self.answer])


def _ids_told(preview: DatasetPreview) -> list[str]:
    """The ids of the text encoder that comes first: CLIP's all number alike."""
    own = next(iter(preview.placeholder_ids.values()), {})
    spans = {name: f"{ids[0]} to {ids[-1]}" if len(ids) > 1 else f"{ids[0]}" for name, ids in own.items()}
    return [f"The tokens of {name} are marked: {span}." for name, span in spans.items()]


def _row(picture: PreviewedPicture, preview: DatasetPreview) -> str:
    image, (width, height) = picture.image, picture.size
    often = f", {picture.repeats} times an epoch" if picture.repeats > 1 else ""
    mask = f", mask {html.escape(image.mask_path.name)}" if image.mask_path is not None else ""
    size = f"{image.width} × {image.height} pixels, shown at {width} × {height}{often}{mask}"
    prompts = "".join(_prompt(prompt, preview) for prompt in picture.prompts)
    varies = "<dt>for example</dt>" if preview.varies else "<dt>prompt</dt>"
    return (
        f'<li>{_thumbnail(image.path)}<div><b translate="no">{html.escape(image.name)}</b>'
        f" <span>{size}</span><dl>"
        f"<dt>caption ({html.escape(image.caption_source)})</dt>"
        f'<dd translate="no">{html.escape(image.caption)}</dd>'
        f"{varies}<dd>{prompts}</dd></dl></div></li>"
    )


def _prompt(prompt: PreviewedPrompt, preview: DatasetPreview) -> str:
    encoder, chunks = next(iter(prompt.chunks.items()))
    marked = {token for ids in preview.placeholder_ids[encoder].values() for token in ids}
    ids = " | ".join(
        " ".join(f"<mark>{token}</mark>" if token in marked else str(token) for token in chunk)
        for chunk in chunks
    )
    count = f"{sum(map(len, chunks))} of {preview.capacity * len(chunks)} tokens"
    missing = "" if prompt.is_shown else "<strong>The embedding's name is no word of its own here.</strong>"
    return (
        f'<div><span translate="no">{html.escape(prompt.text)}</span> {missing}'
        f"<details><summary>{count}</summary><code>{ids}</code></details></div>"
    )


def _thumbnail(path: Path) -> str:
    try:
        picture = open_picture(path)
    except UNREADABLE:
        return ""  # gone since it was looked at a moment ago
    return f'<img alt="" src="{jpeg_data_url(picture, _THUMBNAIL)}">'
