"""`txt2img`: pictures from a prompt."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..configs import GenerationConfig
from ..errors import ConfigError, EmbeddingFileError
from ..files import user_path
from .arguments import add_options, config_from
from .command import Command
from .context import Context
from .progress import Progress
from .stop import STOPPED

if TYPE_CHECKING:
    from ..embeddings.embedding import Embedding
    from ..models.model import Model
    from ..sampling.txt2img import GeneratedImage

__all__ = ["COMMAND", "numbered"]


def _configure(parser: ArgumentParser) -> None:
    add_options(parser, GenerationConfig, positional=["prompt"])
    parser.add_argument("--model", metavar="M", default="demo", help="the model that draws (default demo)")
    parser.add_argument(
        "--embedding",
        action="extend",
        nargs="+",
        type=user_path,
        default=[],
        metavar="FILE",
        help="embeddings from outside the embeddings folder",
    )
    parser.add_argument(
        "--out",
        type=user_path,
        metavar="FILE",
        help="a .png, .jpg or .webp; --count makes FILE, FILE-2, FILE-3 (default: a new file in outputs)",
    )


def _run(arguments: Namespace, context: Context) -> int:
    config = config_from(GenerationConfig, arguments)
    if arguments.out is not None:
        _check_suffix(arguments.out)
    from ..embeddings.formats import read_embedding

    given = [read_embedding(path) for path in arguments.embedding]
    model = context.load_model(arguments.model, quietly=True)
    embeddings = _usable(given, model, context)
    from ..sampling.txt2img import txt2img

    # Paths are all that standard output carries, so progress is shown on a terminal only.
    progress = Progress(sys.stderr, total=config.num_inference_steps * config.count)
    with context.stop.deferred():
        images = txt2img(
            model,
            config,
            embeddings,
            on_step=(lambda done, _total: progress.step(done)) if sys.stderr.isatty() else None,
            interrupted=context.stop,
        )
        progress.close()
        for path, image in zip(_save(images, arguments.out, context), images, strict=True):
            context.output.record(
                {"event": "image_saved", "path": str(path), "seed": image.seed, "infotext": image.infotext}
            )
            context.output.line(str(path))
    return 0 if len(images) == config.count * config.batch_size else STOPPED


def _check_suffix(out: Path) -> None:
    from ..sampling.saving import PICTURE_SUFFIXES

    if out.suffix.lower() not in PICTURE_SUFFIXES:
        raise ConfigError(
            f"--out is {out}; only {', '.join(PICTURE_SUFFIXES)} keep the prompt, so name it {out}.png."
        )


def _usable(given: Sequence[Embedding], model: Model, context: Context) -> dict[str, Embedding]:
    """The library's embeddings that fit the model, and `given` over them; raises EmbeddingFileError."""
    from ..embeddings.library import EmbeddingLibrary

    for embedding in given:
        if embedding.widths != model.widths:
            raise EmbeddingFileError(
                f"The embedding {embedding.source} has vectors of width {embedding.widths}, but {model.name}"
                f" needs {model.widths}; use the model it was trained for."
            )
    library = EmbeddingLibrary(context.paths.embeddings_dir)
    library.refresh()
    return {**library.embeddings(model.widths), **{embedding.name: embedding for embedding in given}}


def _save(images: Sequence[GeneratedImage], out: Path | None, context: Context) -> list[Path]:
    from ..sampling.saving import save_image, save_images

    if out is None:
        return save_images(images, context.paths.outputs_dir)
    paths = [numbered(out, index) for index in range(len(images))]
    for image, path in zip(images, paths, strict=True):
        save_image(image, path)
    return paths


def numbered(path: Path, index: int) -> Path:
    """`cat.png` for index 0, `cat-2.png` for 1, `cat-3.png` for 2."""
    return path if index == 0 else path.with_name(f"{path.stem}-{index + 1}{path.suffix}")


COMMAND = Command(name="txt2img", help="draw pictures from a prompt", configure=_configure, run=_run)
