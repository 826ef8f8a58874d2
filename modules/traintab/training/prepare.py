"""From a checked plan and a loaded model to a run that can take its first step."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from functools import partial

import torch

from ..datasets.seeds import derived_seed, seeded_generator
from ..embeddings.embedding import Embedding
from ..errors import DatasetError
from ..models.model import Model
from ..paths import Paths
from .batch_advice import clamped_told
from .batch_loss import make_batch_loss
from .clip_skip import clip_skip_told
from .encoded_pictures import encoded_pictures
from .epochs import fitted_epochs, order_of
from .evaluation import EvaluationHistory
from .evaluation_set import make_evaluator
from .events import TrainingNotice
from .following import begin_alike, folder_of_first, in_turn
from .global_generators import GlobalGenerators
from .inputs import TrainingInputs
from .loss_scaler import LossScaler
from .norm_control import norm_control_of
from .picture_checks import unshown_told
from .picture_loss import PromptEncoder, TrainingPictures
from .picture_sizes import sizes_told, with_sizes
from .plan import TrainingPlan
from .processes import here
from .rate_advice import fitted_rate
from .record import RunRecord
from .requests import Requests
from .restoring import restore
from .run_folder import RunFolder, branched_run_folder, new_run_folder
from .saving import adopt_companion
from .session import Session
from .state import TrainingState
from .together import TogetherFacts, rows_of_each

__all__ = ["PreparedRun", "prepare"]

_READ_EVERY_ON_A_CARD = 10


@dataclass(frozen=True, kw_only=True)
class PreparedRun:
    """All that `train()` and the listeners need."""

    session: Session
    state: TrainingState
    record: RunRecord
    requests: Requests = field(default_factory=Requests)

    @property
    def evaluations(self) -> EvaluationHistory | None:
        """The history of evaluations; None when the run has none."""
        return None if self.session.evaluator is None else self.session.evaluator.history


def prepare(
    plan: TrainingPlan, model: Model, paths: Paths, should_stop: Callable[[], bool]
) -> Generator[TrainingNotice, None, PreparedRun | None]:
    """Encode the pictures, draw the prompts, make or restore the state; tells how far it is.

    Returns None when `should_stop` said so on the way; then nothing but the latent cache was written.
    Raises DatasetError when a prompt's tokens don't show the embedding, and what `encode_latents` raises.
    """
    plan = with_sizes(plan, model)
    if told := sizes_told(plan):
        yield TrainingNotice(message=told)
    encoded = yield from in_turn(partial(encoded_pictures, plan, model, paths, should_stop))
    if encoded is None:
        return None
    pictures, model = encoded
    if told := clip_skip_told(plan.config.vectors.clip_skip, model):
        yield TrainingNotice(message=told)
    encoder = PromptEncoder(
        model,
        _fitting(plan, model),
        together=[one.name for one in plan.together],
        clip_skip=plan.config.vectors.clip_skip,
    )
    state = _new_state(plan, model)
    if plan.resumed is not None:
        yield from restore(state, plan.resumed)
        state.lines = plan.rules.lasting_lines(plan.dataset.images, state.lines, plan.config.seed)
    else:
        yield from adopt_companion(state, plan.trained)
    begin_alike(state)
    _check_prompts(plan, encoder, state)
    for told in clamped_told(plan, state.order):
        yield TrainingNotice(message=told)
    plan = yield from fitted_epochs(plan, state.order)
    plan = yield from fitted_rate(plan, model, state.order)
    session = _session(plan, model, pictures, encoder, state)
    return PreparedRun(session=session, state=state, record=_record(plan, model, paths))


def _session(
    plan: TrainingPlan, model: Model, pictures: TrainingPictures, encoder: PromptEncoder, state: TrainingState
) -> Session:
    """The run's rules; what they remember is registered with the state, which resuming brings back."""
    evaluator = make_evaluator(plan, model, pictures, encoder) if here().is_first else None
    if evaluator is not None:
        state.register("evaluations", evaluator.history)
    notices: deque[str] = deque()
    return Session(
        total_steps=plan.total_steps,
        learning_rate=plan.schedule,
        batch_loss=make_batch_loss(plan, model, pictures, encoder, state, notices),
        clipping=plan.clipping,
        read_every=_read_every(plan, model),
        evaluator=evaluator,
        norm_control=norm_control_of(plan.config.techniques, model, state),
        loss_scaler=_loss_scaler(model, state),
        notices=notices,
        processes=here(),
    )


def _loss_scaler(model: Model, state: TrainingState) -> LossScaler | None:
    """The one of float16 models, which goes on where a resumed run had it."""
    if model.dtype != torch.float16:
        return None
    scaler = LossScaler()
    state.register("loss_scaler", scaler)
    return scaler


def _fitting(plan: TrainingPlan, model: Model) -> dict[str, Embedding]:
    """The library's embeddings that the model can use, and those that are trained."""
    fitting = {name: e for name, e in plan.embeddings.items() if e.widths == model.widths}
    rows = rows_of_each(plan.vectors, plan.trained)
    trained = {
        one.name: Embedding(name=one.name, vectors=own) for one, own in zip(plan.trained, rows, strict=True)
    }
    return {**fitting, **trained}


def _new_state(plan: TrainingPlan, model: Model) -> TrainingState:
    """A state that has seen nothing; a run that goes on from step N has other randomness than the first."""
    images = plan.dataset.images
    seed = derived_seed("run", plan.config.seed, plan.start_step)
    state = TrainingState(
        plan.vectors,
        order=order_of(plan.config, plan.dataset, sizes=plan.sizes, seed=seed),
        generator=seeded_generator("noise", seed),
        step=plan.start_step,
        device=model.device,
        optimizer=plan.optimizer,
    )
    state.inputs = TrainingInputs.of(
        images, plan.rules.template.lines, model_hash=model.checkpoint_hash, seed=plan.config.seed
    )
    state.lines = plan.rules.drawn_lines(images, plan.config.seed)
    state.register("global_generators", GlobalGenerators(model.device))
    if plan.together:
        state.register(TogetherFacts.NAME, TogetherFacts(plan.together))
    if plan.config.vectors.ema_decay:
        state.keep_average(plan.config.vectors.ema_decay)
    return state


def _check_prompts(plan: TrainingPlan, encoder: PromptEncoder, state: TrainingState) -> None:
    """Tokenize every prompt, as it is before tags vary; the tokenizer has to find the name in it too."""
    rules = plan.rules
    prompts = [
        (image, rules.prompt(line, image.caption))
        for image, drawn in zip(plan.dataset.images, state.lines, strict=True)
        for line in (rules.usable_lines(image.caption) if rules.draws_lines else (drawn,))
    ]
    for image, prompt in prompts:
        if encoder.names_in(prompt).isdisjoint(rules.names):
            raise DatasetError(
                f"The prompt {prompt!r} of {image.path.name} doesn't show"
                f" {' or '.join(map(repr, rules.names))} as a word of its own; put spaces around"
                " [name] in the template and the captions."
            )
    shown = {name for _, prompt in prompts for name in encoder.names_in(prompt)}
    unshown = [name for name in rules.names if name not in shown]
    if unshown:
        raise DatasetError(unshown_told(unshown))


def _read_every(plan: TrainingPlan, model: Model) -> int:
    """Often enough for every row of the loss table."""
    if model.device.type == "cpu":
        return 1
    return math.gcd(_READ_EVERY_ON_A_CARD, plan.config.outputs.write_csv_every)


def _folder(plan: TrainingPlan, paths: Paths) -> RunFolder:
    if plan.resumed is None:
        return new_run_folder(paths.log_dir, plan.rules.name)
    return (
        branched_run_folder(plan.resumed.folder, paths.log_dir)
        if plan.resumed.is_branch
        else plan.resumed.folder
    )


def _record(plan: TrainingPlan, model: Model, paths: Paths) -> RunRecord:
    return RunRecord(
        config=plan.config,
        folder=folder_of_first(partial(_folder, plan, paths)),
        target=plan.target,
        model_name=model.name,
        model_hash=model.checkpoint_hash,
        num_images=len({image.path for image in plan.dataset.images}),
        start_step=plan.start_step,
        together=plan.together,
    )
