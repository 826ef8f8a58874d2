"""What each vector of an embedding does: how long it is, and the picture without it."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import gradio as gr

from ...model_slot import ModelState
from ...studio import Studio
from ..gradio_compat import listen
from ..messages import done, guarded
from ..page import Page
from .drawing import PLACEHOLDER, Subject, Tell, drawn, subject_prompt
from .listing import ListedEmbedding, listing

if TYPE_CHECKING:
    import torch

    from ...embeddings.vocabulary import Vocabulary

__all__ = ["Inspector", "draw_without_each", "lengths_html", "subjects_of"]

_MOST_VECTORS = 16
_WORDS = 3


def lengths_html(studio: Studio, item: ListedEmbedding) -> str:
    """For each vector its length, how many times that of a usual word it is, and the words most like it.

    The last two want the model, and are left out for an embedding of another one.
    """
    vocabularies = _vocabularies(studio)
    rows = "".join(
        _row(number, encoder, length, words)
        for encoder, vectors in item.embedding.vectors.items()
        for number, (length, words) in enumerate(_compared(vectors, vocabularies.get(encoder)), start=1)
    )
    names = ("Vector", "Encoder", "Length", "of a usual word", "Nearest words")
    head = "".join(f"<th>{name}</th>" for name in names)
    return f'<table class="traintab-lengths"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'


def _compared(vectors: torch.Tensor, vocabulary: Vocabulary | None) -> list[tuple[tuple[float, str], str]]:
    """For vectors `[num_vectors, width]` length, ratio and words."""
    lengths = vectors.norm(dim=1).tolist()
    if vocabulary is None or vocabulary.width != vectors.shape[1]:
        return [((length, "–"), "–") for length in lengths]
    nearest = vocabulary.nearest(vectors, _WORDS)
    return [
        (
            (length, f"{length / vocabulary.median_norm:.1f} ×"),
            ", ".join(near.token for near in tokens) or "–",
        )
        for length, tokens in zip(lengths, nearest, strict=True)
    ]


def _row(number: int, encoder: str, length: tuple[float, str], words: str) -> str:
    cells = (number, encoder, f"{length[0]:.3f}", length[1], words)
    return f"<tr>{''.join(f'<td>{html.escape(str(cell))}</td>' for cell in cells)}</tr>"


def subjects_of(item: ListedEmbedding, prompt: str) -> list[Subject]:
    """The picture with the whole embedding, without each of its first 16 vectors, and without it.

    Raises ConfigError for a prompt without a place for the name.
    """
    from ...embeddings.mixing import drop_vectors

    embedding = item.embedding
    text = subject_prompt(prompt, embedding.name)
    subjects = [Subject(caption="whole", prompt=text, embedding=embedding)]
    count = embedding.num_vectors
    if count > 1:
        subjects += [
            Subject(
                caption=f"without vector {number}", prompt=text, embedding=drop_vectors(embedding, [number])
            )
            for number in range(1, min(count, _MOST_VECTORS) + 1)
        ]
    return [*subjects, Subject(caption="without the name", prompt=prompt.replace(PLACEHOLDER, "").strip())]


def draw_without_each(
    page: Page, label: str | None, prompt: str, settings: dict[str, Any], tell: Tell
) -> tuple[Any, ...]:
    """A message, the captioned pictures, and the lengths, now that the model is there to compare with."""
    item = listing(page.studio)[label]
    subjects = subjects_of(item, prompt)
    pictures = list(drawn(page.studio, settings, subjects, tell))
    text = f"Interrupted after {len(pictures)} pictures." if len(pictures) < len(subjects) else ""
    return done(text), pictures, lengths_html(page.studio, item)


class Inspector:
    """The fold with lengths and pictures, made in the layout where it is constructed."""

    def __init__(self) -> None:
        with gr.Accordion("What each vector does", open=False, elem_id="embeddings_inspector") as self.fold:
            self.lengths = gr.HTML(elem_id="embeddings_lengths")
            self.prompt = gr.Textbox(
                f"a photo of {PLACEHOLDER}",
                label="Prompt",
                max_lines=1,
                elem_id="embeddings_inspect_prompt",
            )
            with gr.Row(elem_classes=["traintab-tight"]):
                self.seed = gr.Number(
                    1, label="Seed", elem_id="embeddings_inspect_seed", min_width=90, scale=1
                )
                self.draw = gr.Button(
                    "Draw without each", elem_id="embeddings_inspect", min_width=140, scale=2
                )
                self.stop = gr.Button("Interrupt", min_width=90, scale=1)
            self.message = gr.HTML(elem_classes=["traintab-slot"])
            self.gallery = gr.Gallery(
                label="The same seed", columns=3, object_fit="contain", elem_id="embeddings_inspected"
            )

    def wire(self, page: Page, chooser: Any, chosen: Any) -> None:
        """Let the buttons work on what the `chooser` names, with the settings of txt2img.

        `chosen` is the event after which another one is described.
        """
        form, outputs = page.txt2img, [self.message, self.gallery, self.lengths]

        def draw(
            label: str | None,
            prompt: str,
            seed: Any,
            *values: Any,
            progress: Any = gr.Progress(),  # noqa: B008
        ) -> tuple[Any, ...]:
            settings = {**form.values(values), "seed": seed}
            handler = guarded(
                lambda: draw_without_each(page, label, prompt, settings, progress), outputs=len(outputs)
            )
            return handler()

        listen(self.draw.click, draw, [chooser, self.prompt, self.seed, *form.components], outputs)
        listen(self.stop.click, page.studio.interrupt_drawing, None, None, at_once=True)
        lengths = guarded(lambda label: (_lengths(page, label),), outputs=1)
        looks = [chosen.then, *([self.fold.expand] if hasattr(self.fold, "expand") else [])]
        for event in looks:
            listen(event, lengths, [chooser], [self.lengths], at_once=True)


def _lengths(page: Page, label: str | None) -> str:
    return lengths_html(page.studio, listing(page.studio)[label]) if label else ""


def _vocabularies(studio: Studio) -> Mapping[str, Vocabulary]:
    """The selected model's, by text encoder; none while it isn't loaded."""
    from ...conditioning.vocabularies import vocabularies_of

    return vocabularies_of(studio.model) if studio.model_status.state is ModelState.READY else {}
