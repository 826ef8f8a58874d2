"""A whole run: checked, prepared, trained, kept."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator, Iterator, Mapping

from PIL import Image

from ..configs import GenerationConfig, TrainingConfig
from ..embeddings.embedding import Embedding
from ..embeddings.formats import write_embedding
from ..errors import NonFiniteError, StorageError
from ..models.kept_memory import give_back
from ..models.memory import on_device
from ..models.memory_advice import memory_shortage_told
from ..models.model import Model
from ..paths import Paths
from .best import read_best
from .checks import check_before_loading, check_with_model
from .events import (
    TrainingEvent,
    TrainingFinished,
    TrainingInterrupted,
    TrainingNotice,
    TrainingStarted,
)
from .failures import less_to_train
from .following import held_by_first
from .listeners import Listener, closed, make_listeners, told
from .listeners.previews import RenderPreview
from .lock import embedding_locks, run_lock
from .loop import train
from .memory_settings import memory_settings
from .plan import TrainingPlan
from .prepare import PreparedRun, prepare
from .processes import here
from .run_folder import FINISHED
from .saving import save_embedding
from .state_files import write_state
from .target import writable_suffixes
from .together import names_in_run
from .unfinished import Resume

__all__ = ["start_training"]


def start_training(
    config: TrainingConfig,
    *,
    model: Model,
    paths: Paths,
    should_stop: Callable[[], bool],
    render_preview: RenderPreview | None = None,
    resume: bool | Resume = False,
) -> Generator[TrainingEvent, None, None]:
    """Train an embedding; a generator of events, which does its work as the events are asked for.

    First everything is checked (InputError, nothing started), then pictures are encoded, then steps are
    taken until `config.optimization.steps` are completed in all, or `should_stop` says so: then the state
    and the embedding are saved, and `TrainingInterrupted` is the last event. With `resume` the newest
    unfinished run of `config.embedding_name` goes on in its own folder, or one goes on from a step of a run
    (`Resume`), by the settings in `config`: `unfinished.config_to_resume` gives the run's own, and what is
    changed in them is told. An error while training (WorkError, or any other) leaves the last good state
    behind and passes on, and so does closing the generator early.

    What the steps don't need makes room for them, and the model is as before at the end (`memory_settings`).
    """
    with held_by_first(embedding_locks(names_in_run(config), paths)):
        plan = check_before_loading(config, paths, resume=resume)
        check_with_model(plan, model)
        here().any(False)  # nothing is written before all have looked at what there is
        for notice in plan.notices:
            yield TrainingNotice(message=notice)
        run = yield from prepare(plan, model, paths, should_stop)
        if run is None:
            yield _never_begun(plan)
            return
        if not here().is_first:
            yield from _follow(run, plan, model, paths, should_stop)
            return
        yield from _keep_overtaken(plan, run)
        render, epoch = _rendering(render_preview, plan, model), run.state.order.steps_per_epoch
        listeners = make_listeners(run.record, render, epoch, run.evaluations, run.requests)
        with run_lock(run.record.folder), memory_settings(plan.config, model, paths.cache_dir):
            yield from _train_and_keep(run, listeners, should_stop)


def _follow(
    run: PreparedRun, plan: TrainingPlan, model: Model, paths: Paths, should_stop: Callable[[], bool]
) -> Iterator[TrainingEvent]:
    """What a process does that isn't the first: its share of each step, and nothing on the disk."""
    config, doing = plan.config, f"Training {plan.config.embedding_name!r}"
    with (
        memory_settings(config, model, paths.cache_dir),
        memory_shortage_told(doing, model.device, lambda shortage: less_to_train(config, shortage)),
    ):
        is_finished = yield from train(run.session, run.state, should_stop=should_stop)
    yield _last_event(run, is_finished)


def _train_and_keep(
    run: PreparedRun, listeners: list[Listener], should_stop: Callable[[], bool]
) -> Iterator[TrainingEvent]:
    """Train; whatever ends it, the last good state is on the disk afterwards."""
    is_kept = False
    try:
        config, device = run.record.config, next(iter(run.state.vectors.values())).device
        doing = f"Training {config.embedding_name!r}"
        with memory_shortage_told(doing, device, lambda shortage: less_to_train(config, shortage)):
            is_finished = yield from _steps(run, listeners, should_stop)
        run.state.check_finite()
        write_state(run.record.folder, run.state.state_dict())
        save_embedding(run.record, run.state, run.record.target)
        if is_finished:
            run.record.folder.mark(FINISHED)
        is_kept = True
    except NonFiniteError:
        # The vectors before a breakdown are on their way to it: resuming may have them, the embedding's
        # file stays as it was.
        _keep_last_good(run, with_embedding=False)
        is_kept = True
        raise
    finally:
        if not is_kept:
            _keep_last_good(run, with_embedding=True)
    yield _last_event(run, is_finished)


def _steps(
    run: PreparedRun, listeners: list[Listener], should_stop: Callable[[], bool]
) -> Generator[TrainingEvent, None, bool]:
    """The loop's events, with what the listeners make of them; returns whether all steps are done."""
    with closed(listeners):
        yield from told(_started(run), listeners, run.state)
        steps = train(run.session, run.state, should_stop=should_stop)
        while True:
            try:
                event = next(steps)
            except StopIteration as end:
                return bool(end.value)
            yield from told(event, listeners, run.state)


def _keep_last_good(run: PreparedRun, *, with_embedding: bool) -> None:
    """After a failure, which is the one to be told: that keeping failed too would hide it."""
    run.state.return_to_last_good()
    with contextlib.suppress(StorageError):
        write_state(run.record.folder, run.state.state_dict())
    if with_embedding:
        with contextlib.suppress(StorageError, NonFiniteError):
            save_embedding(run.record, run.state, run.record.target)


def _keep_overtaken(plan: TrainingPlan, run: PreparedRun) -> Iterator[TrainingNotice]:
    """Resuming an old run must not cost the work of a later one, which the embedding's file may hold."""
    folder, suffix = run.record.folder, writable_suffixes(len(plan.vectors))[0]
    for one in plan.trained:
        if one.overtaken is None:
            continue
        path = folder.path / "embeddings" / f"{one.name}-{one.overtaken.step}-before-resuming{suffix}"
        write_embedding(one.overtaken, path)
        yield TrainingNotice(
            message=f"{one.target.name} held step {one.overtaken.step}, further than the run that is resumed;"
            f" that is kept as {path}."
        )


def _rendering(render: RenderPreview | None, plan: TrainingPlan, model: Model) -> RenderPreview | None:
    """`render` with the library's embeddings at hand, and the VAE on its device for the while."""
    if render is None:
        return None

    def rendered(config: GenerationConfig, embeddings: Mapping[str, Embedding]) -> Image.Image | None:
        advice = "choose a smaller size or switch previews off"
        with on_device(model.vae, model.device), memory_shortage_told("Drawing it", model.device, advice):
            picture = render(config, {**plan.embeddings, **embeddings})
        give_back(model.device)
        return picture

    return rendered


def _started(run: PreparedRun) -> TrainingStarted:
    step = run.state.step
    return TrainingStarted(
        step=step,
        total_steps=run.session.total_steps,
        steps_per_epoch=run.state.order.steps_per_epoch,
        num_images=run.record.num_images,
        run_dir=run.record.folder.path,
        message=f"Training {run.record.names} from step {step} to {run.session.total_steps}.",
        batch_size=run.state.order.batch_size,
        accumulation=run.state.order.accumulation,
        current_embeddings=lambda: run.record.embeddings(run.state),
        evaluations=run.evaluations.points if run.evaluations is not None else (),
        requests=run.requests,
    )


def _never_begun(plan: TrainingPlan) -> TrainingInterrupted:
    message = "Interrupted before the first step; the embedding is as it was."
    return TrainingInterrupted(step=plan.start_step, path=plan.target, message=message)


def _last_event(run: PreparedRun, is_finished: bool) -> TrainingEvent:
    step, target, targets = run.state.step, run.record.target, run.record.targets
    are = "are" if run.record.together else "is"
    if not is_finished:
        message = f"Interrupted at step {step}; {targets} {are} saved and the run can be resumed."
        return TrainingInterrupted(step=step, path=target, message=message)
    reason, why = _why_it_ended(run)
    best = read_best(run.record.folder) if run.evaluations is not None else None
    is_best = best is None or best.step == step
    better = "" if is_best or best is None else f" Its best evaluation was at step {best.step}: {best.path}."
    return TrainingFinished(
        step=step,
        path=target,
        message=f"{run.record.names} {are} finished at step {step}{why}; saved to {targets}.{better}",
        reason=reason,
        best_step=None if best is None else best.step,
        best_path=None if best is None else best.path,
    )


def _why_it_ended(run: PreparedRun) -> tuple[str, str]:
    """A word for programs, and what people read after the step."""
    evaluator, step = run.session.evaluator, run.state.step
    if step >= run.record.config.optimization.steps:
        return "steps", ""
    if step < run.session.total_steps and evaluator is not None and evaluator.reason_to_stop:
        return "automatic_stop", f", where it stopped because {evaluator.reason_to_stop}"
    return "schedule", ", where the learning-rate schedule ends"
