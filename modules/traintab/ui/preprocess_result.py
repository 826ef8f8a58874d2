"""What a preprocessing leaves: the files that gave no picture, and where to go on with the others."""

from __future__ import annotations

import html
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import gradio as gr
from PIL import Image

from ..datasets.folders import DatasetFolder, pictures_in
from ..errors import DatasetError, NothingToDoError
from ..jobs import JobSnapshot
from .gradio_compat import listen
from .messages import done, guarded
from .page import Page

if TYPE_CHECKING:
    from .preprocess_panel import PreprocessPanel

__all__ = [
    "ResultButtons",
    "can_use_result",
    "edit_captions",
    "result_folder",
    "skipped_html",
    "use_in_train",
]


class ResultButtons(NamedTuple):
    """Two buttons that nobody sees until there is a folder to go on with."""

    use: Any
    edit: Any

    @classmethod
    def build(cls) -> ResultButtons:
        """Make the buttons in the current layout."""
        with gr.Row(elem_id="preprocess_result", elem_classes=["traintab-actions"]):
            return cls(
                gr.Button(
                    "Use this folder in Train",
                    variant="primary",
                    elem_id="preprocess_use_in_train",
                    visible=False,
                    min_width=160,
                ),
                gr.Button("Edit captions", elem_id="preprocess_edit_captions", visible=False, min_width=120),
            )

    def wire(self, page: Page, message: Any, tabs: Any, panel: PreprocessPanel) -> Any:
        """Let both work; `tabs` are those of the panels, `message` stands in *Train*. Returns the event that
        fills in the folder there.
        """
        outputs = [message, tabs, *page.train.components]
        handler = guarded(lambda: use_in_train(page), outputs=len(outputs))
        used = listen(self.use.click, handler, None, outputs, at_once=True)
        outputs = [panel.message, tabs, panel.tabs, panel.captions.folder]
        edit = guarded(lambda: edit_captions(page), outputs=len(outputs))
        panel.captions.opened_by(listen(self.edit.click, edit, None, outputs, at_once=True).then)
        return used


def can_use_result(job: JobSnapshot) -> bool:
    """Whether there are training pictures to go on with: the job rests, and some were written or there."""
    made = any(count for what, count in job.counts if "skipped" not in what)
    return job.kind == "preprocess" and not job.status.is_active and bool(job.result_folder) and made


def result_folder(job: JobSnapshot) -> str:
    """The folder of the training pictures; raises NothingToDoError while there is none."""
    if not can_use_result(job):
        raise NothingToDoError("There are no training pictures to go on with yet; press Preprocess first.")
    return job.result_folder


def use_in_train(page: Page) -> tuple[Any, ...]:
    """A message, the panels' tabs, and the fields of *Train* with the folder and the size of its pictures.

    Pictures that differ in size are trained in buckets: cropped to one size they would lose what the
    auto-sized crop or the original size kept.
    """
    job = page.studio.snapshot()
    folder = result_folder(job)
    values: dict[str, Any] = {"data_dir": folder}
    text = f"Train uses {folder} now"
    if job.result_size is not None:
        width, height = job.result_size
        values |= {"width": str(width), "height": str(height)}
        text += f", at {width} × {height} pixels"
        if not _all_of_size(job.result_size, Path(folder)):
            values["resize_mode"] = "buckets"
            text += ". Its pictures differ in size, so Resize mode is buckets: each keeps its shape"
    page.remembered.remember(page.train.section, values)
    return done(f"{text}."), gr.update(selected="train"), *page.train.updates(values)


def edit_captions(page: Page) -> tuple[Any, ...]:
    """A message, the panels' tabs, the inner tabs of *Preprocess images*, and the folder for *Captions*."""
    folder = result_folder(page.studio.snapshot())
    return "", gr.update(selected="preprocess"), gr.update(selected="captions"), folder


def _all_of_size(size: tuple[int, int], folder: Path) -> bool:
    """Whether the folder's pictures, those that *Train* finds, have this size; unreadable ones don't count.

    Their heads are read until one differs.
    """
    try:
        pictures = pictures_in(DatasetFolder(path=folder))
    except DatasetError:
        return True  # gone since: the start of a training says so
    for found_picture in pictures:
        try:
            with Image.open(found_picture.path) as picture:
                found = picture.size
        except (OSError, ValueError, Image.DecompressionBombError):
            continue
        if found != size:
            return False
    return True


def skipped_html(job: JobSnapshot) -> str:
    """Each file that gave no picture, with the reason; nothing when there is none."""
    if job.kind != "preprocess" or not job.skipped:
        return ""
    rows = "".join(
        f'<dt translate="no">{html.escape(name)}</dt><dd>{html.escape(reason)}</dd>'
        for name, reason in job.skipped
    )
    count = max(len(job.skipped), *(count for what, count in job.counts if "skipped" in what), 0)
    more = count - len(job.skipped)
    rest = f"<p>And {more:,} more; extension.py preprocess --report lists them all.</p>" if more else ""
    were = "1 file was" if count == 1 else f"{count:,} files were"
    return f'<div class="traintab-skipped"><p>{were} skipped:</p><dl>{rows}</dl>{rest}</div>'
