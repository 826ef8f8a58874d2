"""`create`: a new embedding."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from ..configs import CreateConfig
from ..errors import EmbeddingNameError
from ..presets import preset_named
from .arguments import add_options, config_from, given_values
from .command import Command
from .context import Context

if TYPE_CHECKING:
    from ..models.model import Model

__all__ = ["COMMAND"]

_AUTO = "auto"


def _configure(parser: ArgumentParser) -> None:
    add_options(parser, CreateConfig, positional=["name"])
    parser.add_argument(
        "--preset", metavar="NAME", help="begin with a preset's settings: character, style, …"
    )
    parser.add_argument("--model", metavar="M", default="demo", help="the model it is for (default demo)")
    parser.epilog = "--vectors auto takes as many vectors as the initialization text has tokens."


def _run(arguments: Namespace, context: Context) -> int:
    # Everything that needs no model is refused before one is loaded.
    config = _config_of(arguments, context)
    from ..embeddings.names import check_name

    name = check_name(config.name)
    if not config.overwrite:
        _refuse_taken(name, context)
    model = context.load_model(arguments.model)
    _warn(name, model, context)
    from ..embeddings.rows import row_of_file
    from ..training.create import create_embedding

    with context.stop.deferred():
        embedding = create_embedding(config, model=model, paths=context.paths)
    context.output.record({"event": "embedding_created", **row_of_file(Path(embedding.source or ""))})
    vectors = "1 vector" if embedding.num_vectors == 1 else f"{embedding.num_vectors} vectors"
    context.output.line(f"Created {embedding.source} with {vectors}.")
    return 0


def _config_of(arguments: Namespace, context: Context) -> CreateConfig:
    """A preset's settings, and in their place what the user gave; raises ConfigError."""
    given = given_values(arguments)
    preset = {}
    if arguments.preset is not None:
        preset = preset_named(arguments.preset, context.paths).creation_values()
    auto = {"num_vectors": 1, "auto_vectors": True} if given.get("num_vectors") == _AUTO else {}
    unset = {name: value for name, value in preset.items() if name not in given}
    return config_from(CreateConfig, arguments, **unset, **auto)


def _refuse_taken(name: str, context: Context) -> None:
    """Before a model is loaded for nothing; raises EmbeddingNameError."""
    from ..embeddings.library import EmbeddingLibrary

    library = EmbeddingLibrary(context.paths.embeddings_dir)
    library.refresh()
    path = library.path_of(name)
    if path.exists():
        raise EmbeddingNameError(
            f"There is an embedding called {name!r} already, in {path}; choose another name, or give"
            " --overwrite to start it anew."
        )


def _warn(name: str, model: Model, context: Context) -> None:
    """Say what may be unwelcome about a name that may be given."""
    from ..conditioning.vocabularies import knows_word
    from ..embeddings.library import EmbeddingLibrary
    from ..embeddings.names import name_warnings

    library = EmbeddingLibrary(context.paths.embeddings_dir)
    library.refresh()
    for warning in name_warnings(name, library.embeddings(), lambda word: knows_word(model, word)):
        context.output.log(warning)


COMMAND = Command(name="create", help="make a new embedding", configure=_configure, run=_run)
