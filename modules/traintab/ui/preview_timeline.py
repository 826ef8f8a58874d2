"""The previews of the job: all steps side by side, one of them large, with a slider over the steps.

The server makes the row of pictures. The page's script (`javascript/traintab_timeline.js`) keeps a row of its
own and adds to it what is new, so that nothing jumps while the training goes on, and asks nobody for
anything while one looks through the steps. Without the script the server's row is seen.
"""

from __future__ import annotations

import html
from pathlib import Path
from typing import Any

import gradio as gr

from ..jobs import JobSnapshot
from ..paths import Paths
from .captions.thumbnails import Thumbnails
from .preview_files import PreviewFiles
from .small_files import SmallFiles
from .timeline_html import timeline_html
from .viewer import attributes

__all__ = ["PreviewTimeline", "build_timeline", "timeline_version"]

_TRAINING_PICTURES = 12
_STAGE = """<div class="traintab-stage" data-source="ti_gallery" data-viewer="previews" hidden>
<div class="traintab-stage-pictures"></div>
<div class="traintab-stage-bar">
<button type="button" class="traintab-stage-play" aria-pressed="false"
 aria-label="Play all steps" title="Play all steps"></button>
<input type="range" class="traintab-stage-slider" min="0" max="0" value="0" step="1"
 aria-label="Step of the preview">
<output class="traintab-stage-step"></output>
<button type="button" class="traintab-stage-newest">Newest</button>
</div>
<div class="traintab-strip" role="group" aria-label="Previews by step"></div>
</div>"""
_NOTHING_YET = (
    '<p class="traintab-plot-empty">'
    "Previews appear here as they are drawn. Sample now draws one after this step.</p>"
)


def build_timeline() -> Any:
    """Make the parts in the current layout; gives the one that takes `PreviewTimeline.of`."""
    with gr.Column(elem_classes=["traintab-previews"]):
        gr.HTML(_STAGE, elem_id="ti_gallery_stage", elem_classes=["traintab-slot"])
        return gr.HTML(elem_id="ti_gallery", elem_classes=["traintab-slot"])


def timeline_version(job: JobSnapshot) -> tuple[object, ...]:
    """Changes when what the timeline shows does, and costs nothing."""
    return job.id, job.kind, job.folder, job.images, job.best_step, job.status.is_active


class PreviewTimeline:
    """What there is to see of a job's pictures; it remembers what it read, so the page has one."""

    def __init__(self, paths: Paths) -> None:
        self._log_dir = paths.log_dir
        self._files = PreviewFiles()
        self._small = SmallFiles(paths.thumbnails_dir)
        self._thumbnails = Thumbnails()

    def of(self, job: JobSnapshot) -> str:
        """A run's previews, from its folder; of preprocessing the newest pictures."""
        if job.kind == "preprocess":
            return self._training_pictures(job)
        if job.kind != "train":
            return ""
        found = self.of_run(Path(job.folder), best=job.best_step) if job.folder else ""
        return found or (_NOTHING_YET if job.status.is_active else "")

    def of_run(self, run_dir: Path, *, best: int | None = None, key: str = "") -> str:
        """The previews of a run in the log directory; `key` for another place than the job's."""
        if self._log_dir not in run_dir.parents:
            return ""
        previews = self._files.of(run_dir)
        return timeline_html(
            previews, self._small.of, key=key or str(run_dir), label="Previews by step", best=best
        )

    def _training_pictures(self, job: JobSnapshot) -> str:
        """The newest first, within the page: they lie where nobody may fetch them."""
        newest = list(reversed(job.images[-_TRAINING_PICTURES:]))
        shots = "".join(self._training_picture(Path(path), name) for path, name in newest)
        if not shots:
            return ""
        return (
            f'<div class="traintab-pictures-made"{attributes(viewer="made")}>'
            f'<p class="traintab-timeline-head">Training pictures</p>'
            f'<div class="traintab-made">{shots}</div></div>'
        )

    def _training_picture(self, path: Path, name: str) -> str:
        """Of a name `00013-0-name.png` the numbers are shown; what is gone or unreadable is left out."""
        address = self._thumbnails.of(path)
        if not address:
            return ""
        numbers, whole = html.escape("-".join(name.split("-")[:2])), html.escape(name, quote=True)
        return (
            f'<figure translate="no"><img tabindex="0" role="button" src="{address}" alt="{whole}"'
            f"{attributes(full='', title=name)}><figcaption>{numbers}</figcaption></figure>"
        )
