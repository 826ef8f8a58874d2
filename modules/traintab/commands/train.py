"""`train`: train an embedding, or go on with a run that was interrupted."""

from __future__ import annotations

import dataclasses
import shlex
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..configs import (
    GenerationConfig,
    TrainingConfig,
    all_options,
    check,
    mapping_from_yaml,
    replace_fields,
)
from ..configs.epochs import counted_in_steps
from ..configs.loading import OWN_VAE, SAME_NAME_VAE
from ..errors import ConfigError, NoSuchEmbeddingError
from ..files import kind_of, user_path
from ..paths import Paths
from ..presets import preset_named
from ..train_command import FLAGS
from .arguments import add_options, given_values, with_flag
from .command import Command
from .context import Context
from .dataset_preview import report_preview
from .launched import in_each_process
from .queue_by_hand import ByHand
from .stop import STOPPED
from .training_report import TrainingReport

if TYPE_CHECKING:
    from PIL import Image

    from ..embeddings.embedding import Embedding
    from ..models.model import Model
    from ..training.events import TrainingEvent, TrainingInterrupted
    from ..training.unfinished import Resume

__all__ = ["COMMAND", "asked_for", "config_of", "creation_told", "trained"]


def _configure(parser: ArgumentParser) -> None:
    parser.usage = "%(prog)s NAME --data DIR [options]\n       %(prog)s NAME --resume [options]"
    add_options(parser, TrainingConfig, only=("embedding_name", *FLAGS), positional=["embedding_name"])
    parser.add_argument(
        "--preset", metavar="NAME", help="begin with a preset's settings: character, style, quick-test, …"
    )
    parser.add_argument(
        "--config", type=user_path, metavar="FILE", help="take the settings of a run.yaml; flags win over it"
    )
    parser.add_argument(
        "--resume",
        action="store_true",
        help="go on with NAME's newest unfinished run, with its own settings; what else is given is honoured",
    )
    parser.add_argument(
        "--from-step",
        type=int,
        metavar="N",
        help="with --resume: go on from this step of NAME's newest run that has kept it, in a new folder",
    )
    parser.add_argument(
        "--debug-dataset",
        action="store_true",
        help="train nothing: print what the model will see of each picture, prompts and token ids too",
    )
    parser.add_argument(
        "--set",
        action="extend",
        nargs="+",
        default=[],
        metavar="FIELD=VALUE",
        help="any setting by its name in run.yaml: " + ", ".join(all_options(TrainingConfig)),
    )


def config_of(arguments: Namespace, paths: Paths, own: TrainingConfig | None = None) -> TrainingConfig:
    """The checked settings: a run's own or the defaults, then --preset, --config, flags, --set.

    Raises ConfigError.
    """
    config = own or TrainingConfig()
    try:
        if arguments.preset is not None:
            config = replace_fields(config, preset_named(arguments.preset, paths).training_values())
        if arguments.config is not None:
            config = replace_fields(config, _read(arguments.config))
        config = replace_fields(config, counted_in_steps(given_values(arguments)))
        config = replace_fields(config, counted_in_steps(_pairs(arguments.set)))
        check(config)
    except ConfigError as error:
        raise with_flag(TrainingConfig, error, FLAGS) from error
    return config


def _read(path: Path) -> Mapping[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise ConfigError(f"--config: {path} can't be read ({error}); give the run.yaml of a run.") from error
    return mapping_from_yaml(text)


def _pairs(texts: list[str]) -> dict[str, str]:
    pairs = {}
    for text in texts:
        field, equals, value = text.partition("=")
        if not equals:
            raise ConfigError(f"--set {text!r} has no value; write it as FIELD=VALUE, such as --set seed=7.")
        pairs[field.strip()] = value
    return pairs


def _run(arguments: Namespace, context: Context) -> int:
    return in_each_process(lambda: _work(arguments, context), context.output)


def _work(arguments: Namespace, context: Context) -> int:
    config, resume = asked_for(arguments, context)
    if arguments.debug_dataset:
        from ..training.dataset_preview import preview_dataset

        with creation_told():
            preview = preview_dataset(config, context.paths, resume=resume or False)
        report_preview(preview, context.output)
        return 0
    _check(config, context.paths, resume=resume or False)
    with ByHand(context) as hand:
        interrupted = trained(config, context, resume=resume, should_stop=hand.should_stop, seen=hand.seen)
    if interrupted is None:
        return 0
    context.output.complain(interrupted.message + _how_to_go_on(config.embedding_name, context.paths))
    return STOPPED


def asked_for(arguments: Namespace, context: Context) -> tuple[TrainingConfig, Resume | None]:
    """What the arguments ask for, each setting checked; raises InputError."""
    resume = _resume(arguments)
    config = _resumed(arguments, resume, context) if resume else config_of(arguments, context.paths)
    return _with_lasting_paths(config, context.paths), resume


def trained(
    config: TrainingConfig,
    context: Context,
    *,
    resume: Resume | None,
    should_stop: Callable[[], bool] | None = None,
    seen: Callable[[TrainingEvent], None] | None = None,
) -> TrainingInterrupted | None:
    """Train and report; gives the event when it was interrupted.

    `should_stop` is asked in place of the signals alone, `seen` gets each event before it is reported.
    """
    model = context.load_model(config.model, choices=config.loading, precision=config.memory.precision)
    from ..training.run import start_training
    from .run_log import RunLog

    report, log = TrainingReport(context.output), RunLog(f"Training of {config.embedding_name}")
    with context.stop.deferred(), report, log:
        events = start_training(
            config,
            model=model,
            paths=context.paths,
            should_stop=should_stop or context.stop,
            render_preview=_Previews(model, should_stop or context.stop).draw,
            resume=resume or False,
        )
        for event in events:
            if seen is not None:
                seen(event)
            log.add(event)
            report.add(event)
    return report.interrupted


def _resume(arguments: Namespace) -> Resume | None:
    """Where to go on, when the user wants to."""
    from ..training.unfinished import Resume

    if arguments.resume:
        return Resume(from_step=arguments.from_step)
    if arguments.from_step is not None:
        raise ConfigError(f"--from-step {arguments.from_step} goes on with a run; write --resume before it.")
    return None


def _how_to_go_on(name: str, paths: Paths) -> str:
    """The command, if there is a state to go on from: before the first step of a new run there is none."""
    from ..training.unfinished import find_unfinished

    if find_unfinished(name, paths) is None:
        return ""
    return f" Go on with: extension.py train {shlex.quote(name)} --resume"


def _check(config: TrainingConfig, paths: Paths, *, resume: bool | Resume) -> None:
    """All that needs no model."""
    from ..training.checks import check_before_loading

    with creation_told():
        check_before_loading(config, paths, resume=resume)


@contextmanager
def creation_told() -> Iterator[None]:
    """A missing embedding is told with the command that makes it."""
    try:
        yield
    except NoSuchEmbeddingError as error:
        command = f"extension.py create {shlex.quote(error.name)}"
        raise NoSuchEmbeddingError(f"{error} The command is: {command}", name=error.name) from error


def _resumed(arguments: Namespace, resume: Resume, context: Context) -> TrainingConfig:
    """The run's own settings, and in their place what the user gave: that is told when the run begins."""
    from ..embeddings.names import check_name
    from ..training.unfinished import config_to_resume

    name = check_name(given_values(arguments)["embedding_name"])
    return config_of(arguments, context.paths, config_to_resume(name, context.paths, resume=resume))


def _with_lasting_paths(config: TrainingConfig, paths: Paths) -> TrainingConfig:
    """The files of model and VAE by their full paths, so that run.yaml means the same from anywhere.

    What is chosen by a name keeps it.
    """
    from ..models.external_vae import find_vaes

    model, vae = user_path(config.model), user_path(config.loading.vae)
    if kind_of(model) == "file" or kind_of(model / "model_index.json") == "file":
        config = dataclasses.replace(config, model=str(model.resolve()))
    is_name = config.loading.vae in (SAME_NAME_VAE, OWN_VAE, *find_vaes(paths))
    if is_name or kind_of(vae) != "file":
        return config
    return dataclasses.replace(config, loading=dataclasses.replace(config.loading, vae=str(vae.resolve())))


class _Previews:
    """Draws with the model that is being trained on; the run brings its embeddings."""

    def __init__(self, model: Model, should_stop: Callable[[], bool]) -> None:
        self._model = model
        self._should_stop = should_stop

    def draw(self, config: GenerationConfig, embeddings: Mapping[str, Embedding]) -> Image.Image | None:
        """One picture; none when interrupted."""
        from ..sampling.txt2img import txt2img

        drawn = txt2img(self._model, config, embeddings, interrupted=self._should_stop)
        return drawn[0].with_infotext() if drawn else None


COMMAND = Command(name="train", help="train an embedding, or resume", configure=_configure, run=_run)
