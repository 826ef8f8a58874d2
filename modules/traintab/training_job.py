"""Training as a job: with the model it names, on a borrowed device, its events told as progress."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .configs import GenerationConfig, LoadingConfig, TrainingConfig, options_of
from .drawing import InTraining
from .errors import ConfigError
from .hosts.host import Host
from .job_progress import follow
from .jobs import JobContext, JobSnapshot
from .measured_paces import MeasuredPaces, Stopwatch, pace_asked
from .memory_watch import with_memory

if TYPE_CHECKING:
    from PIL import Image

    from .embeddings.embedding import Embedding
    from .models.model import Model
    from .training.pace import Pace
    from .training.unfinished import Resume

__all__ = ["TrainingJob", "with_loading"]

_WAITING = "Waiting for the model."
_WAITING_FOR_HOST = "Waiting until the web UI has finished its pictures, and for the model."


@dataclass(frozen=True, kw_only=True)
class TrainingJob:
    """What the studio lends to its trainings.

    `lent(spec, precision)` loads a model on the device for a while, `embeddings(widths)` gives those of the
    folder that fit, `changed()` is called when a file of the folder has been written.
    """

    host: Host
    lent: Callable[[str, str], AbstractContextManager[Model]]
    embeddings: Callable[[Mapping[str, int]], Mapping[str, Embedding]]
    in_training: InTraining
    changed: Callable[[], None]

    def run(
        self, config: TrainingConfig, resume: bool | Resume, before: JobSnapshot, context: JobContext
    ) -> Iterator[object]:
        """Train on the worker's thread; `before` is what was shown last, of the resumed run perhaps."""
        if _goes_on_with(before, context.snapshot().title, resume):
            kept = ("losses", "rates", "marks", "images", "folder")
            context.update(**{name: getattr(before, name) for name in kept})
        waiting = _WAITING_FOR_HOST if self.host.shares_device else _WAITING
        context.update(message=waiting, resumable=bool(resume))
        with self.lent(config.model, config.memory.precision) as model:
            from .models.memory import memory_use

            watch = Stopwatch(pace_asked(config, model.default_size, model))
            events = self.in_training.follow(watch.follow(self._events(config, model, resume, context)))
            try:
                yield from with_memory(follow(events, context), context, lambda: memory_use(model.device))
            finally:
                # With the device still ours: the host's picture that waits for it must get the new vectors.
                self.changed()
            self._note(watch.result(context.snapshot().memory))

    def _note(self, pace: Pace | None) -> None:
        """Keep how fast it went, for who asks how long the next one will take."""
        if pace is not None:
            MeasuredPaces(self.host.paths.cache_dir).note(pace)

    def _events(
        self, config: TrainingConfig, model: Model, resume: bool | Resume, context: JobContext
    ) -> Iterator[object]:
        from .training.run import start_training

        def should_stop() -> bool:
            return context.should_stop() or self.host.interrupted()

        def render(wanted: GenerationConfig, embeddings: Mapping[str, Embedding]) -> Image.Image | None:
            """One picture by the model in training, with its vectors as they are; none when interrupted."""
            from .sampling.txt2img import txt2img

            at_hand = {**self.embeddings(model.widths), **embeddings}
            drawn = txt2img(model, wanted, at_hand, interrupted=should_stop)
            return drawn[0].with_infotext() if drawn else None

        return start_training(
            config,
            model=model,
            paths=self.host.paths,
            resume=resume,
            render_preview=render,
            should_stop=should_stop,
        )


def _goes_on_with(before: JobSnapshot, title: str, resume: bool | Resume) -> bool:
    """Whether the run shown last is the one that goes on: from an earlier step another one begins, and that
    must not write in the log of the first.
    """
    from_step = None if isinstance(resume, bool) else resume.from_step
    return bool(resume) and from_step is None and before.resumable and before.title == title


def with_loading(config: TrainingConfig, chosen: LoadingConfig, *, resume: bool) -> TrainingConfig:
    """`config` with the settings by which models are loaded now, which run.yaml keeps.

    A new run that asks for none takes them; one that is resumed must have begun with them. The VAE counts
    only where it is the one that training sees: else it draws previews, and any will do. Raises
    ConfigError, telling what to choose.
    """
    own = config.loading
    is_unasked = own == LoadingConfig() and not resume
    if not config.dataset.train_with_selected_vae:
        own = dataclasses.replace(own, vae=chosen.vae)
    if own == chosen or is_unasked:
        return dataclasses.replace(config, loading=chosen)
    differing = " and ".join(
        f"{option.label} {getattr(own, name)!r} instead of {getattr(chosen, name)!r}"
        for name, option in options_of(LoadingConfig).items()
        if getattr(own, name) != getattr(chosen, name)
    )
    raise ConfigError(
        f"Training of {config.embedding_name} needs its model loaded with {differing}, or its result would be"
        " another. Choose that in Settings and try again, or start a new run."
    )
