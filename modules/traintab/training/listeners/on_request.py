"""*Sample now* and *Save now*: what the user asked for since the last step."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from ...errors import ConfigError, NonFiniteError, TrainTabError
from ..copies import note_asked_for
from ..events import CheckpointSaved, PreviewSaved, StepCompleted, TrainingEvent, TrainingNotice
from ..record import RunRecord
from ..requests import Request, Requests, Wanted, too_late
from ..saving import save_embedding
from ..state import TrainingState
from ..state_files import write_state
from ..target import writable_suffixes
from .previews import Previews

__all__ = ["OnRequest"]


class OnRequest:
    """Serves requests after each step, in their order; one that fails is told, and training goes on.

    A preview changes nothing in what is trained, and neither does a copy. `previews` is None where nothing
    can be drawn.
    """

    def __init__(self, record: RunRecord, requests: Requests, previews: Previews | None) -> None:
        self._record = record
        self._requests = requests
        self._previews = previews

    def hear(self, event: TrainingEvent, state: TrainingState) -> Iterable[TrainingEvent]:
        """Do what was asked for; raises NonFiniteError, which ends the training anyway."""
        if not isinstance(event, StepCompleted):
            return
        while (request := self._requests.take()) is not None:
            yield from self._served(request, state, event.prompt)

    def close(self) -> None:
        """Tell who still waits that the run has ended."""
        self._requests.close()

    def _served(self, request: Request, state: TrainingState, prompt: str) -> Iterator[TrainingEvent]:
        paths: list[Path] = []
        failures: list[TrainTabError] = []
        saving, is_whole = request.wanted is Wanted.SAVE, False
        try:
            for event in self._save(state) if saving else self._sample(state, prompt):
                if isinstance(event, (CheckpointSaved, PreviewSaved)):
                    paths.append(event.path)
                else:
                    failures.append(ConfigError(event.message))
                yield event
            is_whole = True
        except NonFiniteError as error:
            failures.append(error)
            raise
        except TrainTabError as error:
            failures.append(error)
            yield TrainingNotice(message=f"{request.wanted.value} failed; training goes on. {error}")
        finally:
            # Of a list of previews some are something; half of what is saved, or nothing drawn, is a failure.
            if is_whole if saving else paths:
                request.done.set_result(paths)
            else:
                request.done.set_exception(failures[0] if failures else too_late(request.wanted))

    def _sample(self, state: TrainingState, prompt: str) -> Iterator[PreviewSaved | TrainingNotice]:
        if self._previews is None:
            raise ConfigError("This training was started without a way to draw; start it from the page.")
        yield from self._previews.draw(state, prompt)

    def _save(self, state: TrainingState) -> Iterator[CheckpointSaved | TrainingNotice]:
        """A copy that stays, with the state to go on from, then the embedding's own file."""
        folder = self._record.folder
        folder.check()
        note_asked_for(folder, state.step)
        write_state(folder, state.remember())
        copy = folder.checkpoint(state.step, writable_suffixes(len(state.vectors))[0])
        for path in (copy, self._record.target):
            save_embedding(self._record, state, path)
            yield CheckpointSaved(step=state.step, path=path)
