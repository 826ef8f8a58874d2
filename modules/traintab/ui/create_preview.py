"""Below the fields of *Create embedding*: what the text becomes, while one types."""

from __future__ import annotations

import dataclasses
import html
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import gradio as gr

from ..configs import CreateConfig, check, replace_fields
from ..errors import TrainTabError
from .gradio_compat import listen_to_latest
from .name_warnings import warnings_about
from .page import Page
from .tokenizer_at_hand import TokenizerAtHand

if TYPE_CHECKING:
    from ..training.token_rows import TokenRows

__all__ = ["CreatePreview", "create_preview_html", "rows_html"]

_FIELDS = (
    *("name", "initialization_text", "num_vectors", "auto_vectors"),
    *("initialization_method", "initialization_embedding", "cross_initialization", "overwrite"),
)
_LISTED = 12


class CreatePreview:
    """The lines, made in the layout where it is constructed."""

    def __init__(self) -> None:
        self.shown = gr.HTML(elem_id="train_create_preview", elem_classes=["traintab-slot"])

    def wire(self, page: Page) -> None:
        """Look at every change of a field, and again when the model or the embeddings are others."""
        tokenizer, names = TokenizerAtHand(page.studio), [n for n in _FIELDS if n in page.create.names]
        inputs = [page.create[name] for name in names]

        def look(*values: Any) -> str:
            return create_preview_html(page, tokenizer, dict(zip(names, values, strict=True)))

        for component in inputs:
            listen_to_latest(component.change, look, inputs, [self.shown], at_once=True)
        page.pulse.follow(lambda: page.studio.model_status, look, inputs, [self.shown])


def create_preview_html(page: Page, tokenizer: TokenizerAtHand, values: Mapping[str, Any]) -> str:
    """What would be created of these fields, or why nothing would; the name may be missing yet."""
    try:
        config = replace_fields(CreateConfig(), values)
        check(dataclasses.replace(config, name=config.name.strip() or "new"))
    except TrainTabError as error:
        return _lines("", [str(error)])
    told = [*_of_name(page, config)]
    encoder = tokenizer.get()
    if encoder is None:
        return _lines("", told)
    from ..training.token_rows import token_rows

    rows = token_rows(config, encoder)
    if rows is None:
        return _lines(_of_embedding(page, config), told)
    return rows_html(rows, told)


def rows_html(rows: TokenRows, told: list[str]) -> str:
    """`14 tokens → 3 vectors: the rows start from “a”, “girl”, …`, then what is worth knowing."""
    becomes = f"{_tokens(len(rows.tokens))} → {_vectors(len(rows.rows))}: {_starts(rows)}"
    return _lines(f"{becomes} {_places(rows)}", [*_of_rows(rows), *told])


def _starts(rows: TokenRows) -> str:
    if rows.words:
        return f"each starts from the mean of {_listed(rows.words)}."
    taken = [rows.tokens[row] for row in rows.rows if row is not None]
    if not taken:
        return "all start from zeros."
    if len(taken) == 1:
        return f"it starts from {_quoted(taken[0])}."
    return f"the rows start from {_listed(taken)}."


def _places(rows: TokenRows) -> str:
    return f"{rows.places_left} of a prompt's {rows.places} places are left for other words."


def _of_rows(rows: TokenRows) -> Iterator[str]:
    if rows.repeats:
        yield (
            "There are more vectors than tokens, so some rows begin alike; training makes them differ. A"
            " longer text gives each a word of its own."
        )
    if rows.unused:
        yield (
            f"Not used: {_listed(rows.unused)}. To keep all of the text take {len(rows.tokens)} vectors, or"
            " switch on As many vectors as the text has tokens."
        )
    if not rows.tokens and not rows.words:
        yield "Without a word to start from it learns more slowly; a word close to your subject helps."


def _of_embedding(page: Page, config: CreateConfig) -> str:
    """Copies of another one's rows."""
    name = config.initialization_embedding.strip()
    other = page.studio.embeddings().get(name)
    if other is None:
        return ""
    count = other.num_vectors if config.auto_vectors else config.num_vectors
    return f"{_vectors(other.num_vectors)} of {name} → {_vectors(count)}."


def _of_name(page: Page, config: CreateConfig) -> list[str]:
    """What is wrong with the name, or risky; an empty one is being typed."""
    from ..embeddings.names import check_name

    if not config.name.strip():
        return []
    try:
        name = check_name(config.name)
    except TrainTabError as error:
        return [str(error)]
    known = {other.casefold() for other in page.studio.library.embeddings()}
    told = []
    if name.casefold() in known and not config.overwrite:
        told.append(
            f"There is an embedding called {name} already: choose another name, or switch on Overwrite Old"
            " Embedding to start it anew."
        )
    warned = warnings_about(page.studio, name).strip()
    return [*told, *([warned] if warned else [])]


def _lines(becomes: str, told: list[str]) -> str:
    if not becomes and not told:
        return ""
    first = f'<p class="traintab-becomes">{html.escape(becomes)}</p>' if becomes else ""
    rest = "".join(f"<li>{html.escape(sentence)}</li>" for sentence in told)
    return f'<div class="traintab-preview">{first}{f"<ul>{rest}</ul>" if rest else ""}</div>'


def _listed(words: tuple[str, ...] | list[str]) -> str:
    shown = ", ".join(map(_quoted, words[:_LISTED]))
    return f"{shown} and {len(words) - _LISTED} more" if len(words) > _LISTED else shown


def _quoted(word: str) -> str:
    return f"“{word}”"


def _tokens(count: int) -> str:
    return "1 token" if count == 1 else f"{count} tokens"


def _vectors(count: int) -> str:
    return "1 vector" if count == 1 else f"{count} vectors"
