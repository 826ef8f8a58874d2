"""What each vector of an embedding does: how long it is, and the picture without it."""

from __future__ import annotations

from typing import Any

import gradio as gr

from ...model_slot import ModelState
from ...studio import Studio
from ..gradio_compat import listen
from ..messages import done, guarded
from ..page import Page
from .drawing import PLACEHOLDER, Subject, Tell, drawn, subject_prompt
from .listing import ListedEmbedding, listing

__all__ = ["Inspector", "draw_without_each", "lengths_html", "subjects_of"]

_MOST_VECTORS = 16


def lengths_html(studio: Studio, item: ListedEmbedding) -> str:
    """The length of each vector, and how many times that of a usual word of the model, once it is loaded."""
    usual = _usual_lengths(studio)
    rows = []
    for encoder, vectors in item.embedding.vectors.items():
        for number, length in enumerate(vectors.norm(dim=1).tolist(), start=1):
            times = f"{length / usual[encoder]:.1f} ×" if usual.get(encoder) else "–"
            rows.append(f"<tr><td>{number}</td><td>{encoder}</td><td>{length:.3f}</td><td>{times}</td></tr>")
    head = "<tr><th>Vector</th><th>Encoder</th><th>Length</th><th>of a usual word</th></tr>"
    return f'<table class="traintab-lengths"><thead>{head}</thead><tbody>{"".join(rows)}</tbody></table>'


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
    """A message and the captioned pictures."""
    item = listing(page.studio)[label]
    subjects = subjects_of(item, prompt)
    pictures = list(drawn(page.studio, settings, subjects, tell))
    text = f"Interrupted after {len(pictures)} pictures." if len(pictures) < len(subjects) else ""
    return done(text), pictures


class Inspector:
    """The fold with lengths and pictures, made in the layout where it is constructed."""

    def __init__(self) -> None:
        with gr.Accordion("What each vector does", open=False, elem_id="embeddings_inspector"):
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

    def wire(self, page: Page, chooser: Any) -> None:
        """Let the buttons work on what the `chooser` names, with the settings of txt2img."""
        form, outputs = page.txt2img, [self.message, self.gallery]

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
        listen(chooser.change, lengths, [chooser], [self.lengths], at_once=True)


def _lengths(page: Page, label: str | None) -> str:
    return lengths_html(page.studio, listing(page.studio)[label]) if label else ""


def _usual_lengths(studio: Studio) -> dict[str, float]:
    """Half of the model's words are shorter than this, for each text encoder."""
    if studio.model_status.state is not ModelState.READY:
        return {}
    return {
        encoder.name: float(encoder.embedding_layer.weight.detach().float().norm(dim=1).median())
        for encoder in studio.model.text_encoders
    }
