"""`grid`: the kept steps of a training side by side, in one labelled picture."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..configs import GridConfig, LoadingConfig, options_of
from ..errors import ConfigError, WorkError
from ..files import user_path
from .arguments import add_options, config_from
from .command import Command
from .context import Context
from .loading_options import add_loading_options, loading_from
from .progress import CurrentLine, duration
from .stop import STOPPED

if TYPE_CHECKING:
    from ..grids import Grids, GridSnapshot
    from ..grids.painter import GridMeans

__all__ = ["COMMAND"]

_SECONDS_BETWEEN_LOOKS = 0.1
_NAME = "embedding_name"
_OWN_FLAG = "grid_prompts"


def _configure(parser: ArgumentParser) -> None:
    fields = [name for name in options_of(GridConfig) if name != _OWN_FLAG]
    add_options(parser, GridConfig, only=fields, positional=[_NAME])
    parser.add_argument(
        "--prompt",
        action="append",
        default=[],
        metavar="TEXT",
        help="what to draw; [name] is the embedding. Give it again for another row (default: some that suit"
        " what was trained)",
    )
    parser.add_argument("--model", metavar="M", help="the model that draws (default: that of the run)")
    add_loading_options(parser)
    parser.add_argument(
        "--out",
        type=user_path,
        metavar="FILE",
        help="a .png, .jpg or .webp for the labelled picture (default: in the run's folder grids)",
    )


def _run(arguments: Namespace, context: Context) -> int:
    config = config_from(GridConfig, arguments, **{_OWN_FLAG: "\n".join(arguments.prompt)})
    if arguments.out is not None:
        _check_out(arguments.out)
    loading = loading_from(arguments)
    from ..grids import Grids

    spec = arguments.model or _model_of_run(config, context)
    with ThreadPoolExecutor(1, thread_name_prefix="traintab-worker") as thread:
        grids = Grids(lambda: _means(spec, loading, thread, context))
        with context.stop.deferred():
            last = _followed(grids, config, context)
    if grids.failure is not None:
        raise grids.failure
    if last.picture is not None:
        path = _copied(last.picture, arguments.out)
        context.output.record({"event": "grid_saved", "path": str(path), "message": last.message})
        context.output.line(str(path))
    return STOPPED if len(last.cells) < last.total or not last.total else 0


def _followed(grids: Grids, config: GridConfig, context: Context) -> GridSnapshot:
    """Tell how far it is until it has ended; a signal interrupts it."""
    line = CurrentLine(sys.stderr)
    seen, told, is_planned = 0, 0, False
    now = grids.start(config)
    try:
        while True:
            now = grids.wait(_SECONDS_BETWEEN_LOOKS)
            if now.columns and not is_planned:
                is_planned = True
                _tell_plan(now, context)
            for note in now.notes[told:]:
                context.output.complain(note)
            told = len(now.notes)
            for cell in now.cells[seen:]:
                context.output.record(_cell_record(now, cell))
            if len(now.cells) > seen and line.is_due():
                line.show(_progress_of(now))
            seen = len(now.cells)
            if not now.state.is_active:
                return now
            if context.stop():
                grids.interrupt()
    finally:
        line.close()


def _tell_plan(now: GridSnapshot, context: Context) -> None:
    steps = [column.step for column in now.columns]
    rows = [row.title for row in now.rows]
    context.output.record(
        {
            "event": "grid_started",
            "run": str(now.run),
            "steps": steps,
            "rows": rows,
            "seeds": list(now.seeds),
            "total": now.total,
            "notes": list(now.notes),
        }
    )


def _cell_record(now: GridSnapshot, cell: Any) -> dict[str, Any]:
    column = now.columns[cell.column]
    return {
        "event": "cell_drawn",
        "step": column.step,
        "row": now.rows[cell.row].title,
        "seed": cell.seed,
        "path": str(cell.path),
        "evaluation_loss": column.evaluation_loss,
        "was_there": cell.was_there,
    }


def _progress_of(now: GridSnapshot) -> str:
    left = "" if now.eta_seconds is None else f"  ETA {duration(now.eta_seconds)}"
    return f"picture {len(now.cells)}/{now.total}{left}"


def _model_of_run(config: GridConfig, context: Context) -> str:
    """What the run was trained on; the demo model where nobody knows. Raises what finding the run raises."""
    from ..grids.steps import find_kept_run
    from ..models.discovery import DEMO

    kept = find_kept_run(config, context.paths)
    return DEMO if kept.config is None else kept.config.model


def _means(spec: str, loading: LoadingConfig, thread: ThreadPoolExecutor, context: Context) -> GridMeans:
    from ..drawing import EmbeddingsAtHand, InTraining
    from ..embeddings.library import EmbeddingLibrary
    from ..grids.painter import GridMeans
    from ..model_slot import ModelSlot

    library = EmbeddingLibrary(context.paths.embeddings_dir)
    at_hand = EmbeddingsAtHand(lambda: library, lambda: context.paths.embedding_dirs[1:], InTraining())
    return GridMeans(
        paths=lambda: context.paths,
        models=ModelSlot(spec, lambda name, _: context.load_model(name, quietly=True, choices=loading)),
        between=thread.submit,
        loading=lambda: loading,
        is_busy=lambda: False,
        embeddings=at_hand.on_disk,
        changed=lambda: None,
    )


def _check_out(out: Path) -> None:
    """Refuse, before anything is loaded, a name that can't take the picture."""
    from ..sampling.saving import PICTURE_SUFFIXES

    if out.suffix.lower() not in PICTURE_SUFFIXES:
        raise ConfigError(
            f"--out is {out}; the grid is a picture, so name it with one of {', '.join(PICTURE_SUFFIXES)}."
        )


def _copied(picture: Path, out: Path | None) -> Path:
    """The picture where it was wanted; raises StorageError."""
    if out is None:
        return picture
    from PIL import Image

    from ..configs import SavingConfig
    from ..sampling.generated import GeneratedImage
    from ..sampling.picture_info import read_infotext
    from ..sampling.saving import save_image

    try:
        with Image.open(picture) as opened:
            drawn = GeneratedImage(image=opened.convert("RGB"), infotext=read_infotext(picture) or "", seed=0)
    except OSError as error:
        raise WorkError(f"The grid in {picture} is gone ({error}); draw it again.") from error
    save_image(drawn, out, replace(SavingConfig(), picture_quality=90))
    return out


COMMAND = Command(
    name="grid",
    help="compare the kept steps of a training in one labelled picture",
    configure=_configure,
    run=_run,
)
