"""`txt2img`: pictures from a prompt."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..configs import GenerationConfig
from ..errors import ConfigError, EmbeddingFileError, InputError
from ..files import user_path
from .arguments import add_options, config_from, given_values
from .command import Command
from .context import Context
from .loading_options import add_loading_options, loading_from
from .progress import Progress
from .stop import STOPPED

if TYPE_CHECKING:
    from PIL import Image

    from ..embeddings.embedding import Embedding
    from ..models.model import Model
    from ..sampling.generated import GeneratedImage
    from ..sampling.hooks import Hooks

__all__ = ["COMMAND", "numbered"]


def _configure(parser: ArgumentParser) -> None:
    add_options(parser, GenerationConfig, positional=["prompt"])
    parser.add_argument("--model", metavar="M", default="demo", help="the model that draws (default demo)")
    add_loading_options(parser)
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
    parser.add_argument(
        "--image",
        type=user_path,
        metavar="FILE",
        help="draw over this picture (img2img), by --denoising-strength",
    )


def _run(arguments: Namespace, context: Context) -> int:
    config, loading = config_from(GenerationConfig, arguments), loading_from(arguments)
    if arguments.out is not None:
        _check_suffix(arguments.out)
    if arguments.image is None and "denoising_strength" in given_values(arguments):
        raise ConfigError("--denoising-strength is for drawing over a picture; name one with --image.")
    from ..embeddings.formats import read_embedding

    given = [read_embedding(path) for path in arguments.embedding]
    original = None if arguments.image is None else _opened(arguments.image)
    model = context.load_model(arguments.model, quietly=True, choices=loading)
    embeddings = _usable(given, model, context)
    with context.stop.deferred():
        images = _drawn(model, config, embeddings, original, context)
        for path, image in zip(_save(images, arguments, context), images, strict=True):
            context.output.record(
                {"event": "image_saved", "path": str(path), "seed": image.seed, "infotext": image.infotext}
            )
            context.output.line(str(path))
    return 0 if len(images) == config.count * config.batch_size else STOPPED


def _drawn(
    model: Model,
    config: GenerationConfig,
    embeddings: Mapping[str, Embedding],
    original: Image.Image | None,
    context: Context,
) -> list[GeneratedImage]:
    from ..sampling.img2img import img2img
    from ..sampling.txt2img import txt2img

    steps = config.num_inference_steps if original is None else config.img2img_steps
    progress = Progress(sys.stderr, total=steps * config.count)
    hooks: Hooks = {"interrupted": context.stop, "on_note": context.output.log}
    # Paths are all that standard output carries, so progress is shown on a terminal only.
    if sys.stderr.isatty():
        hooks["on_step"] = lambda done, _total: progress.step(done)
    if original is None:
        images = txt2img(model, config, embeddings, **hooks)
    else:
        images = img2img(model, config, original, embeddings, **hooks)
    progress.close()
    return images


def _opened(path: Path) -> Image.Image:
    from ..pictures import UNREADABLE, open_picture

    try:
        return open_picture(path)
    except UNREADABLE as error:
        raise InputError(
            f"The picture {path} can't be opened ({error}); give --image a picture file."
        ) from error


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


def _save(images: Sequence[GeneratedImage], arguments: Namespace, context: Context) -> list[Path]:
    from ..sampling.saving import save_image, save_images

    if arguments.out is None:
        kind = "txt2img" if arguments.image is None else "img2img"
        return save_images(images, context.paths.outputs_dir, kind=kind)
    paths = [numbered(arguments.out, index) for index in range(len(images))]
    for image, path in zip(images, paths, strict=True):
        save_image(image, path)
    return paths


def numbered(path: Path, index: int) -> Path:
    """`cat.png` for index 0, `cat-2.png` for 1, `cat-3.png` for 2."""
    return path if index == 0 else path.with_name(f"{path.stem}-{index + 1}{path.suffix}")


COMMAND = Command(name="txt2img", help="draw pictures from a prompt", configure=_configure, run=_run)
