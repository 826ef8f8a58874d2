"""`txt2img`: pictures from a prompt."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Mapping, Sequence
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
        _check_out(arguments.out, config)
    if arguments.image is None and "denoising_strength" in given_values(arguments):
        raise ConfigError("--denoising-strength is for drawing over a picture; name one with --image.")
    from ..embeddings.formats import read_embedding

    given = [read_embedding(path) for path in arguments.embedding]
    original = None if arguments.image is None else _opened(arguments.image)
    model = context.load_model(arguments.model, quietly=True, choices=loading)
    embeddings = _usable(given, model, config, context)
    steps = config.num_inference_steps if original is None else config.img2img_steps
    progress = Progress(sys.stderr, total=steps * config.count)
    saver = _Saver(arguments, context, progress)
    hooks: Hooks = {"interrupted": context.stop, "on_note": progress.note, "on_images": saver.save}
    # Paths are all that standard output carries, so progress is shown on a terminal only.
    if sys.stderr.isatty():
        hooks["on_step"] = lambda done, _total: progress.step(done)
    with context.stop.deferred():
        try:
            _draw(model, config, embeddings, original, hooks)
        finally:
            progress.close()
    return 0 if saver.count == config.count * config.batch_size else STOPPED


def _draw(
    model: Model,
    config: GenerationConfig,
    embeddings: Mapping[str, Embedding],
    original: Image.Image | None,
    hooks: Hooks,
) -> None:
    from ..sampling.img2img import img2img
    from ..sampling.txt2img import txt2img

    if original is None:
        txt2img(model, config, embeddings, **hooks)
    else:
        img2img(model, config, original, embeddings, **hooks)


class _Saver:
    """Writes each batch as soon as it is drawn, so that nothing after it can lose it, and tells the paths."""

    def __init__(self, arguments: Namespace, context: Context, progress: Progress) -> None:
        self.count = 0
        self._out: Path | None = arguments.out
        self._kind = "txt2img" if arguments.image is None else "img2img"
        self._context = context
        self._progress = progress

    def save(self, images: Sequence[GeneratedImage]) -> None:
        """Called with each batch; raises StorageError."""
        self._progress.close()  # standard output may be the same terminal
        for path, image in zip(self._written(images), images, strict=True):
            self.count += 1
            self._context.output.record(
                {"event": "image_saved", "path": str(path), "seed": image.seed, "infotext": image.infotext}
            )
            self._context.output.line(str(path))
        self._progress.pause()

    def _written(self, images: Sequence[GeneratedImage]) -> Iterator[Path]:
        from ..sampling.saving import save_image, save_images

        if self._out is None:
            yield from save_images(images, self._context.paths.outputs_dir, kind=self._kind)
            return
        for index, image in enumerate(images, self.count):
            path = numbered(self._out, index)
            save_image(image, path)
            yield path


def _opened(path: Path) -> Image.Image:
    from ..pictures import UNREADABLE, open_picture

    try:
        return open_picture(path)
    except UNREADABLE as error:
        raise InputError(
            f"The picture {path} can't be opened ({error}); give --image a picture file."
        ) from error


def _check_out(out: Path, config: GenerationConfig) -> None:
    """Refuse, before anything is loaded, a name that can't take the pictures."""
    from ..sampling.saving import PICTURE_SUFFIXES, check_keeps

    if out.suffix.lower() not in PICTURE_SUFFIXES:
        raise ConfigError(
            f"--out is {out}; only {', '.join(PICTURE_SUFFIXES)} keep the prompt, so name it {out}.png."
        )
    check_keeps(out, f"{config.prompt}\n{config.negative_prompt}".strip())


def _usable(
    given: Sequence[Embedding], model: Model, config: GenerationConfig, context: Context
) -> dict[str, Embedding]:
    """Those of the folders that fit the model, and `given` before them; raises EmbeddingFileError."""
    from ..drawing import DrawingRequest, EmbeddingsAtHand, InTraining
    from ..embeddings.library import EmbeddingLibrary

    for embedding in given:
        if not embedding.fits(model.widths):
            raise EmbeddingFileError(
                f"The embedding {embedding.source} has vectors of width {embedding.widths}, but {model.name}"
                f" needs {model.widths}; use the model it was trained for."
            )
    library = EmbeddingLibrary(context.paths.embeddings_dir)
    at_hand = EmbeddingsAtHand(lambda: library, lambda: context.paths.embedding_dirs[1:], InTraining())
    request = DrawingRequest(config=config, embeddings={each.name: each for each in given})
    return at_hand(model, request)[0]


def numbered(path: Path, index: int) -> Path:
    """`cat.png` for index 0, `cat-2.png` for 1, `cat-3.png` for 2."""
    return path if index == 0 else path.with_name(f"{path.stem}-{index + 1}{path.suffix}")


COMMAND = Command(name="txt2img", help="draw pictures from a prompt", configure=_configure, run=_run)
