"""The table of listeners."""

from __future__ import annotations

from ..evaluation import EvaluationHistory
from ..record import RunRecord
from ..requests import Requests
from .best import Best
from .checkpoints import Checkpoints
from .csv_log import CsvLog
from .evaluation_log import EvaluationLog
from .image_embeddings import ImageEmbeddings
from .listener import Listener
from .old_copies import OldCopies
from .on_request import OnRequest
from .previews import Previews, RenderPreview
from .run_yaml import RunYaml
from .settings_json import SettingsJson
from .states import States
from .tensorboard import TensorBoard

__all__ = ["make_listeners"]


def make_listeners(
    record: RunRecord,
    render: RenderPreview | None,
    steps_per_epoch: int,
    evaluations: EvaluationHistory | None = None,
    requests: Requests | None = None,
) -> list[Listener]:
    """All that a run needs by its config, in the order in which they hear; `evaluations` when there are any.

    `requests` is what the user may ask of it meanwhile.

    What is needed to resume comes first: a preview that fails takes nothing with it. Only the table of losses
    is before the state: resuming cuts off a row too many, but brings none back.
    """
    outputs = record.config.outputs
    listeners: list[Listener] = [RunYaml(record), SettingsJson(record)]
    if outputs.write_csv_every:
        listeners.append(CsvLog(record, steps_per_epoch))
    listeners.append(States(record))
    if outputs.save_every:
        listeners.append(Checkpoints(record))
    if outputs.keep_last:
        listeners.append(OldCopies(record))
    if evaluations is not None:
        listeners += [EvaluationLog(record, evaluations), Best(record, evaluations)]
    previews = None if render is None else Previews(record, render)
    if previews is not None:
        listeners.append(previews)
        if outputs.save_image_with_stored_embedding:
            listeners.append(ImageEmbeddings(record))
    if outputs.tensorboard:
        listeners.append(TensorBoard(record))
    if requests is not None:
        listeners.append(OnRequest(record, requests, previews))
    return listeners
