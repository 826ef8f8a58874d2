"""Going on with a run: which one, by which settings, and what has changed since it was left."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from .configs import TrainingConfig, from_mapping, replace_fields
from .configs.epochs import counted_in_steps
from .jobs import JobSnapshot
from .paths import Paths

if TYPE_CHECKING:
    from .training.differences import Difference
    from .training.unfinished import Resume

__all__ = ["Resuming"]

_ANOTHER = ("embedding_name",)


class _Train(Protocol):
    def __call__(self, config: TrainingConfig, *, resume: bool | Resume = False) -> JobSnapshot: ...


@dataclass(frozen=True, kw_only=True)
class Resuming:
    """What the studio's trainings need to be gone on with; `last_request` is the last job's.

    The methods take `name`, an embedding's or by default the last job's; `changes`, settings by their names
    in run.yaml in place of the run's own; and `from_step`, a step that the newest run has kept which has it,
    by default the newest of the unfinished one. They raise NothingToDoError when there is no such run, and
    whatever makes a training impossible.
    """

    paths: Callable[[], Paths]
    train: _Train
    last_request: Callable[[], Mapping[str, Any]]

    def named(self, name: str | None = None) -> str:
        """The embedding that is meant: the last job's when there is no name."""
        return name or str(self.last_request().get("embedding_name", ""))

    def go_on(
        self,
        name: str | None = None,
        *,
        changes: Mapping[str, Any] | None = None,
        from_step: int | None = None,
    ) -> JobSnapshot:
        """Go on; what differs from before is told by the run."""
        from .training.unfinished import Resume

        if self._ended_before_its_first_state(name, from_step):
            wanted = {**self.last_request(), **counted_in_steps(changes or {})}
            return self.train(from_mapping(TrainingConfig, wanted))
        config = self._config(name, changes, from_step)
        return self.train(config, resume=Resume(from_step=from_step))

    def start_anew(
        self,
        name: str | None = None,
        *,
        changes: Mapping[str, Any] | None = None,
        from_step: int | None = None,
    ) -> JobSnapshot:
        """A new run with these settings, from the embedding's file; the other one is kept."""
        return self.train(self._config(name, changes, from_step))

    def differences(
        self,
        name: str | None = None,
        *,
        changes: Mapping[str, Any] | None = None,
        from_step: int | None = None,
    ) -> list[Difference]:
        """What would not be as it was: settings, pictures, captions, template. Reads every picture."""
        from .training.checks import check_before_loading
        from .training.unfinished import Resume, differences

        if self._ended_before_its_first_state(name, from_step):
            return []
        config = self._config(name, changes, from_step)
        plan = check_before_loading(config, self.paths(), resume=Resume(from_step=from_step))
        if plan.resumed is None:
            return []
        return differences(plan.resumed, plan.config, plan.dataset.images, plan.rules.template)

    def kept_steps(self, name: str) -> dict[int, str]:
        """The steps to go on from, the highest first, each with its run's place in the log directory."""
        from .training.unfinished import kept_steps

        paths = self.paths()
        runs = kept_steps(name, paths) if name else {}
        return {step: run.path.relative_to(paths.log_dir).as_posix() for step, run in runs.items()}

    def _ended_before_its_first_state(self, name: str | None, from_step: int | None) -> bool:
        """Then it can only begin, as the last job was asked to."""
        from .training.unfinished import find_unfinished

        wanted, last = self.named(name), self.last_request().get("embedding_name")
        return from_step is None and wanted == last and find_unfinished(wanted, self.paths()) is None

    def _config(
        self, name: str | None, changes: Mapping[str, Any] | None, from_step: int | None
    ) -> TrainingConfig:
        """The run's own settings with the changes; a size that is left open stays what it was."""
        from .training.unfinished import Resume, config_to_resume

        own = config_to_resume(self.named(name), self.paths(), resume=Resume(from_step=from_step))
        wanted = {field: value for field, value in (changes or {}).items() if field not in _ANOTHER}
        changed = replace_fields(own, counted_in_steps(wanted))
        dataset = dataclasses.replace(
            changed.dataset,
            width=changed.dataset.width or own.dataset.width,
            height=changed.dataset.height or own.dataset.height,
        )
        return dataclasses.replace(changed, dataset=dataset)
