"""The mixer: two to seven embeddings become a new one, which is seen while the sliders move."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import gradio as gr

from ..gradio_compat import listen, listen_to_latest, skip
from ..messages import done, guarded
from ..name_warnings import warnings_about
from ..page import Page
from .drawing import PLACEHOLDER, Subject, Tell, drawn, subject_prompt
from .listing import listing

if TYPE_CHECKING:
    from ...embeddings.embedding import Embedding

__all__ = ["MOST_PARTS", "Mixer", "drawer", "mixed", "preview", "save"]

MOST_PARTS = 7
_FIRST_PARTS = 2
_PREVIEW_NAME = "mixpreview"

Parts = Sequence[tuple[str | None, float]]


def mixed(page: Page, parts: Parts, name: str) -> Embedding:
    """The mix of (label, weight) under a name; parts without a label or weight are left out.

    Raises EmbeddingFileError for fewer than two, and for embeddings of different models.
    """
    from ...embeddings.mixing import mix_embeddings

    found = listing(page.studio)
    chosen = [(found[label].embedding, float(weight)) for label, weight in parts if label and weight]
    return mix_embeddings(chosen, name=name)


def preview(page: Page, parts: Parts, prompt: str, settings: dict[str, Any], tell: Tell) -> tuple[Any, ...]:
    """A message and the picture of the mix."""
    mix = mixed(page, parts, _PREVIEW_NAME)
    subject = Subject(caption="Drawing", prompt=subject_prompt(prompt, mix.name), embedding=mix)
    pictures = list(drawn(page.studio, settings, [subject], tell))
    return "", pictures[0][0] if pictures else skip()


def save(page: Page, parts: Parts, name: str) -> tuple[Any, ...]:
    """Write the mix as a new embedding; a message that says what it is made of, and an empty field."""
    from ...embeddings.manage import save_as_new
    from ...embeddings.names import check_name

    mix = mixed(page, parts, check_name(name))
    library = page.studio.library
    path = save_as_new(library, mix, trash_dir=page.studio.paths.trash_dir)
    page.studio.embeddings_changed()
    text = f"Saved {mix.name}, {_recipe(parts)}, as {path.name}: type {mix.name} in a prompt."
    return done(text + warnings_about(page.studio, mix.name)), ""


def _recipe(parts: Parts) -> str:
    used = [(label, weight) for label, weight in parts if label and weight]
    total = sum(weight for _, weight in used)
    return " and ".join(f"{100 * weight / total:.0f} % {label}" for label, weight in used)


class Mixer:
    """Sliders on the left, the preview on the right; made in the layout where it is constructed."""

    def __init__(self) -> None:
        with gr.Row():
            with gr.Column(scale=5, min_width=320):
                self.rows = [self._part(number) for number in range(1, MOST_PARTS + 1)]
                self.add = gr.Button("Add another embedding", elem_id="mixer_add")
                with gr.Row(elem_classes=["traintab-tight"]):
                    self.name = gr.Textbox(
                        "", label="Name of the mix", max_lines=1, elem_id="mixer_name", min_width=140, scale=3
                    )
                    self.save = gr.Button(
                        "Save as new", variant="primary", elem_id="mixer_save", min_width=110, scale=1
                    )
                self.message = gr.HTML(elem_classes=["traintab-slot"])
            with gr.Column(scale=4, min_width=320):
                self._preview_fields()

    @staticmethod
    def _part(number: int) -> tuple[Any, Any, Any]:
        with gr.Row(visible=number <= _FIRST_PARTS, elem_classes=["traintab-tight"]) as row:
            chooser = gr.Dropdown(
                [],
                value=None,
                label=f"Embedding {number}",
                elem_id=f"mixer_embedding_{number}",
                min_width=140,
            )
            weight = gr.Slider(
                0, 1, value=0.5, step=0.01, label="Weight", elem_id=f"mixer_weight_{number}", min_width=140
            )
        return row, chooser, weight

    def _preview_fields(self) -> None:
        self.picture = gr.Image(label="Preview", interactive=False, height=360, elem_id="mixer_preview")
        # Its own, so that a preview that ends doesn't take away what *Save as new* has told meanwhile.
        self.preview_message = gr.HTML(elem_classes=["traintab-slot"])
        self.prompt = gr.Textbox(
            f"a portrait of {PLACEHOLDER}", label="Prompt", max_lines=2, elem_id="mixer_prompt"
        )
        with gr.Row(elem_classes=["traintab-tight"]):
            self.seed = gr.Number(1, label="Seed", elem_id="mixer_seed", min_width=90, scale=1)
            self.draw = gr.Button("Draw", elem_id="mixer_draw", min_width=90, scale=1)
        self.follows = gr.Checkbox(True, label="Draw whenever something changes", elem_id="mixer_follows")

    @property
    def choosers(self) -> list[Any]:
        """The dropdowns of the parts."""
        return [chooser for _, chooser, _ in self.rows]

    def wire(self, page: Page) -> list[Any]:
        """Let everything work; returns the events that change the folder."""
        values = [component for _, chooser, weight in self.rows for component in (chooser, weight)]
        shown = gr.State(_FIRST_PARTS)
        rows = [row for row, _, _ in self.rows]
        listen(self.add.click, more_rows, [shown], [shown, self.add, *rows], at_once=True)
        saved = guarded(lambda name, *given: save(page, pairs(given), name), outputs=2)
        self._wire_preview(page, values)
        return [listen(self.save.click, saved, [self.name, *values], [self.message, self.name])]

    def _wire_preview(self, page: Page, values: list[Any]) -> None:
        outputs = [self.preview_message, self.picture]
        inputs = [self.follows, self.prompt, self.seed, *values, *page.txt2img.components]
        listen(self.draw.click, drawer(page, is_asked=True), inputs, outputs)
        for _, chooser, weight in self.rows:
            for event in (chooser.input, weight.release):
                listen_to_latest(event, drawer(page, is_asked=False), inputs, outputs)


def drawer(page: Page, *, is_asked: bool) -> Callable[..., tuple[Any, ...]]:
    """The handler of *Draw*, or of a change, after which is drawn where that is wanted and possible."""
    count = 2 * MOST_PARTS

    def draw(
        follows: bool,
        prompt: str,
        seed: Any,
        *given: Any,
        progress: Any = gr.Progress(),  # noqa: B008
    ) -> tuple[Any, ...]:
        parts = pairs(given[:count])
        settings = {**page.txt2img.values(given[count:]), "seed": seed}
        is_mix = sum(bool(label and weight) for label, weight in parts) >= _FIRST_PARTS
        if not is_asked and not (follows and is_mix):
            return skip(), skip()
        return guarded(lambda: preview(page, parts, prompt, settings, progress), outputs=2)()

    return draw


def pairs(values: Sequence[Any]) -> list[tuple[str | None, float]]:
    """Labels and weights as they stand on the page, in turn, to (label, weight)."""
    return list(zip(values[::2], values[1::2], strict=True))


def more_rows(shown: int) -> tuple[Any, ...]:
    """One part more: their number, the button while there can be more, and each row shown or not."""
    shown = min(shown + 1, MOST_PARTS)
    rows = [gr.update(visible=number < shown) for number in range(MOST_PARTS)]
    return shown, gr.update(visible=shown < MOST_PARTS), *rows
