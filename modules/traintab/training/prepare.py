"""From a checked plan and a loaded model to a run that can take its first step."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Generator
from dataclasses import dataclass
from functools import partial

import torch

from ..configs import DatasetConfig
from ..datasets.batches import BatchOrder
from ..datasets.latents import CachedLatents, encode_latents
from ..datasets.seeds import derived_seed, seeded_generator
from ..datasets.size_conditions import size_conditions
from ..embeddings.embedding import Embedding
from ..errors import DatasetError
from ..models.memory_advice import memory_shortage_told
from .evaluation import EvaluationHistory
from .evaluation_set import make_evaluator
from ..models.model import Model
from ..paths import Paths
from .events import TrainingNotice
from .failures import less_to_encode
from .picture_loss import PictureLoss, PromptEncoder, TrainingPictures
from .plan import TrainingPlan
from .record import RunRecord
from .run_folder import new_run_folder
from .saving import adopt_companion
from .session import Session
from .state import TrainingState

__all__ = ["PreparedRun", "prepare"]

_READ_EVERY_ON_A_CARD = 10
_FLOAT16_LOSS_SCALE = 1024.0


@dataclass(frozen=True, kw_only=True)
class PreparedRun:
    """All that `train()` and the listeners need."""

    session: Session
    state: TrainingState
    record: RunRecord


def prepare(
    plan: TrainingPlan, model: Model, paths: Paths, should_stop: Callable[[], bool]
) -> Generator[TrainingNotice, None, PreparedRun | None]:
    @property
    def evaluations(self) -> EvaluationHistory | None:
        """The history of evaluations; None when the run has none."""
        return None if self.session.evaluator is None else self.session.evaluator.history

    """Encode the pictures, draw the prompts, make or restore the state; tells how far it is.

    Returns None when `should_stop` said so on the way; then nothing but the latent cache was written.
    Raises DatasetError when a prompt's tokens don't show the embedding, and what `encode_latents` raises.
    """
    plan = _sized(plan, model)
    latents = yield from _latents(plan, model, paths, should_stop)
    if latents is None:
        return None
    encoder = PromptEncoder(model, _fitting(plan, model))
    state = _new_state(plan, model)
    if plan.resumed is not None:
        yield from _restore(state, plan)
    else:
        yield from adopt_companion(state, plan.target)
    _check_prompts(plan, encoder, state)
    yield from _clamping_notices(plan, state.order)
    pictures = TrainingPictures(
        captions=tuple(image.caption for image in plan.dataset.images),
        latents=latents.to(model.device),
        resampled=plan.config.dataset.latent_sampling_method == "random",
        time_ids=_time_ids(plan, model),
    )
    session = Session(
        total_steps=plan.total_steps,
        learning_rate=plan.schedule,
        batch_loss=PictureLoss(model, pictures, plan.rules, encoder),
    evaluator = make_evaluator(plan, model, pictures, encoder)
    if evaluator is not None:
        state.register("evaluations", evaluator.history)
        clipping=plan.clipping,
        read_every=_read_every(plan, model),
        loss_scale=_FLOAT16_LOSS_SCALE if model.dtype == torch.float16 else 1.0,
    )
    return PreparedRun(session=session, state=state, record=_record(plan, model, paths))

        evaluator=evaluator,
        norm_control=norm_control_of(plan.config.techniques, model, state),

def _sized(plan: TrainingPlan, model: Model) -> TrainingPlan:
    """Width and height filled in with the model's own, so that run.yaml is complete."""
    dataset: DatasetConfig = dataclasses.replace(
        plan.config.dataset,
        width=plan.config.dataset.width or model.default_size,
        height=plan.config.dataset.height or model.default_size,
    )
    config = dataclasses.replace(plan.config, dataset=dataset)
    return dataclasses.replace(plan, config=config)


def _latents(
    plan: TrainingPlan, model: Model, paths: Paths, should_stop: Callable[[], bool]
) -> Generator[TrainingNotice, None, CachedLatents | None]:
    images, dataset = plan.dataset.images, plan.config.dataset
    width, height = dataset.width or model.default_size, dataset.height or model.default_size
    encoding = encode_latents(images, model, width=width, height=height, cache_dir=paths.cache_dir)
    advice = partial(less_to_encode, width, height)
    with memory_shortage_told("Encoding the pictures", model.device, advice):
        while True:
            try:
                done = next(encoding)
            except StopIteration as finished:
                latents: CachedLatents = finished.value
                break
            if should_stop():
                return None
            message = f"Encoding pictures: {done} of {len(images)}"
            yield TrainingNotice(message=message, fraction=done / len(images))
    if dataset.latent_sampling_method == "once":
        seeds = [f"{plan.config.seed} {image.content_hash}" for image in images]
        return latents.sampled_once(seeds)
    return latents


def _time_ids(plan: TrainingPlan, model: Model) -> torch.Tensor | None:
    """What SDXL is told of each picture's size, on the training device; None for other models."""
    dataset = plan.config.dataset
    if model.family != "sdxl":
        return None
    size = dataset.width or model.default_size, dataset.height or model.default_size
    return size_conditions(plan.dataset.images, *size).to(model.device)


def _fitting(plan: TrainingPlan, model: Model) -> dict[str, Embedding]:
    """The library's embeddings that the model can use, and the trained one."""
    fitting = {name: e for name, e in plan.embeddings.items() if e.widths == model.widths}
    trained = Embedding(name=plan.rules.name, vectors=dict(plan.vectors))
    return {**fitting, plan.rules.name: trained}


def _new_state(plan: TrainingPlan, model: Model) -> TrainingState:
    """A state that has seen nothing; a run that goes on from step N has other randomness than the first."""
    optimization, images = plan.config.optimization, plan.dataset.images
    seed = derived_seed("run", plan.config.seed, plan.start_step)
    order = BatchOrder(
        len(images),
        optimization.batch_size,
        accumulation=optimization.gradient_accumulation_steps,
        seed=seed,
    )
    state = TrainingState(
        plan.vectors,
        order=order,
        generator=seeded_generator("noise", seed),
        step=plan.start_step,
        device=model.device,
    )
    state.pictures = tuple(f"{image.path.name} {image.content_hash}" for image in images)
    state.lines = plan.rules.drawn_lines(images, plan.config.seed)
    state.remember()
    return state


def _restore(state: TrainingState, plan: TrainingPlan) -> Generator[TrainingNotice, None, None]:
    """Go on from the unfinished run's state; other pictures than then begin with an order of their own."""
    if plan.resumed is None:
        return
    fresh = {"pictures": list(state.pictures), "lines": list(state.lines), "order": state.order.state_dict()}
    kept = plan.resumed.state
    if list(kept["pictures"]) == fresh["pictures"]:
        state.load_state_dict(kept)
        return
    state.load_state_dict({**kept, **fresh})
    yield TrainingNotice(
        message="The pictures are others than when the run was interrupted, so their order starts anew;"
        f" the vectors go on from step {state.step}."
    )


def _check_prompts(plan: TrainingPlan, encoder: PromptEncoder, state: TrainingState) -> None:
    """Tokenize every prompt, as it is before tags vary; the tokenizer has to find the name in it too."""
    rules = plan.rules
    prompts = [
        (image, rules.prompt(line, image.caption))
        for image, drawn in zip(plan.dataset.images, state.lines, strict=True)
        for line in (rules.usable_lines(image.caption) if rules.vary else (drawn,))
    ]
    for image, prompt in prompts:
        if rules.name not in encoder.names_in(prompt):
            raise DatasetError(
                f"The prompt {prompt!r} of {image.path.name} doesn't show {rules.name!r} as a word of"
                " its own; put spaces around [name] in the template and the captions."
            )


def _clamping_notices(plan: TrainingPlan, order: BatchOrder) -> Generator[TrainingNotice, None, None]:
    optimization = plan.config.optimization
    if order.batch_size < optimization.batch_size:
        yield TrainingNotice(
            message=f"Batch size is {order.batch_size} instead of {optimization.batch_size}: there are no"
            " more pictures."
        )
    if order.accumulation < optimization.gradient_accumulation_steps:
        yield TrainingNotice(
            message=f"Gradient accumulation is {order.accumulation} instead of"
            f" {optimization.gradient_accumulation_steps}: there are no more batches in an epoch."
        )


def _read_every(plan: TrainingPlan, model: Model) -> int:
    """Often enough for every row of the loss table."""
    if model.device.type == "cpu":
        return 1
    return math.gcd(_READ_EVERY_ON_A_CARD, plan.config.outputs.write_csv_every)


def _record(plan: TrainingPlan, model: Model, paths: Paths) -> RunRecord:
    folder = plan.resumed.folder if plan.resumed else new_run_folder(paths.log_dir, plan.rules.name)
    return RunRecord(
        config=plan.config,
        folder=folder,
        target=plan.target,
        model_name=model.name,
        model_hash=model.checkpoint_hash,
        num_images=len(plan.dataset.images),
        start_step=plan.start_step,
    )
