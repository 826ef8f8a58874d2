"""Buttons that give an embedding as a file of each kind: in the job view, and for past runs."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from ..errors import NothingToDoError
from ..jobs import JobSnapshot
from ..studio import Studio
from .embeddings.download import Downloads
from .embeddings.listing import ListedEmbedding
from .gradio_compat import listen, listen_in_page
from .messages import done, guarded

if TYPE_CHECKING:
    from ..embeddings.embedding import Embedding
    from ..run_history import RunSummary

__all__ = ["ShareRow", "Shared", "can_share", "job_copy", "run_copy", "share"]

# The button's text, and which of `FORMATS` it makes.
_BUTTONS = {
    ".safetensors": ".safetensors, for sharing",
    ".pt": ".pt, for A1111",
    "diffusers": ".safetensors, for diffusers",
    "Picture card": ".png picture card",
}


@dataclass(frozen=True, kw_only=True)
class Shared:
    """The embedding in the file `path`, to be given under `name`; `picture` is for its card."""

    path: Path
    name: str
    picture: Path | None = None


@dataclass(frozen=True)
class ShareRow:
    """The buttons, and where the files appear; the page saves them at once (`traintab_runs.js`)."""

    row: Any
    buttons: tuple[tuple[str, Any], ...]
    message: Any
    files: Any

    @classmethod
    def build(cls, area: str, *, visible: bool = True) -> ShareRow:
        """Make the components in the current layout; element ids begin with `area`."""
        with gr.Column(visible=visible, elem_id=f"{area}_share", elem_classes=["traintab-share"]) as row:
            with gr.Row(elem_classes=["traintab-actions"]):
                gr.HTML('<span class="traintab-hint">Download</span>', elem_classes=["traintab-slot"])
                buttons = tuple(
                    (wanted, gr.Button(text, size="sm", min_width=90, elem_id=f"{area}_share_{number}"))
                    for number, (text, wanted) in enumerate(_BUTTONS.items(), start=1)
                )
            message = gr.HTML(elem_id=f"{area}_share_message", elem_classes=["traintab-slot"])
            files = gr.File(
                label="Files",
                visible=False,
                interactive=False,
                file_count="multiple",
                elem_id=f"{area}_share_files",
            )
        return cls(row, buttons, message, files)

    def wire(self, find: Callable[..., Shared], inputs: Sequence[Any] = ()) -> None:
        """Make a file of what `find` gives for the `inputs`; a refusal is told below the buttons."""
        downloads = Downloads()
        for wanted, button in self.buttons:
            # The same file again would change nothing in the page, and nothing would be saved.
            listen_in_page(button.click, "() => null", None, [self.files])
            handler = guarded(partial(share, downloads, find, wanted), outputs=2)
            listen(button.click, handler, list(inputs) or None, [self.message, self.files])


def share(downloads: Downloads, find: Callable[..., Shared], wanted: str, *values: Any) -> tuple[Any, ...]:
    """A message, and the files of what is found for `values` in the format `wanted`."""
    from ..embeddings.formats import read_embedding
    from ..embeddings.previews import find_preview

    found = find(*values)
    embedding = dataclasses.replace(read_embedding(found.path), name=found.name)
    item = ListedEmbedding(label=found.name, embedding=embedding, path=found.path)
    picture = None if found.picture is None else find_preview(found.picture)
    files = downloads.make(item, wanted, picture)
    names = " and ".join(Path(file).name for file in files)
    return done(f"Ready: {names}."), gr.update(value=files, visible=True)


def can_share(job: JobSnapshot) -> bool:
    """Whether the job is a training that has a folder: then there is an embedding to give."""
    return job.kind == "train" and bool(job.folder)


def job_copy(studio: Studio) -> Shared:
    """The embedding of the last training as it was saved last, or the step of it that is used by choice.

    Raises NothingToDoError when none was saved.
    """
    folder = studio.snapshot().folder
    run = next((run for run in studio.runs.runs() if folder and str(run.path) == folder), None)
    if run is None:
        raise NothingToDoError("There is no training whose embedding could be downloaded; train first.")
    studio.library.refresh()
    known = studio.library.find(run.name)
    copies = studio.runs.copies(run)
    newest = next(iter(copies), None)
    if (
        known is not None
        and known.source is not None
        and ((known.step or 0) >= (newest or 0) or _is_copy(known, copies))
    ):
        return Shared(path=known.source, name=run.name, picture=_picture(studio, run, known.step))
    return run_copy(studio, run.place, newest, name=run.name)


def _is_copy(known: Embedding, copies: Mapping[int, Path]) -> bool:
    """Whether the vectors are those of the copy of their step, as after *Use this step*."""
    from ..embeddings.formats import read_embedding

    path = copies.get(known.step or 0)
    return path is not None and _checksums(read_embedding(path)) == _checksums(known)


def _checksums(embedding: Embedding) -> dict[str, str]:
    from ..embeddings.checksum import checksum

    return {encoder: checksum(vectors) for encoder, vectors in embedding.vectors.items()}


def run_copy(studio: Studio, place: str | None, step: Any, *, name: str = "") -> Shared:
    """The copy of a run's step, called `<name>-<step>` unless a name is given; raises InputError."""
    run = studio.runs.find(place)
    copies = studio.runs.copies(run)
    if not copies:
        raise NothingToDoError(
            f"The run {run.place} has kept no copy of its embedding. Training keeps one every so many steps;"
            " the embedding itself is in the Embeddings tab."
        )
    wanted = int(step) if str(step or "").isdecimal() else max(copies)
    if wanted not in copies:
        raise NothingToDoError(f"The copy of step {wanted} is gone; choose another step.")
    picture = _picture(studio, run, wanted)
    return Shared(path=copies[wanted], name=name or f"{run.name}-{wanted}", picture=picture)


def _picture(studio: Studio, run: RunSummary, step: int | None) -> Path | None:
    """The preview of this step, or the last one before it."""
    drawn = [path for at, which, path in studio.runs.previews(run) if which == 1 and at <= (step or 0)]
    return drawn[-1] if drawn else None
