"""The command line: finds the subcommand, and turns whatever happens into an exit status and one line.

0 done · 1 failed while working · 2 wrong use or bad input · 130 stopped by SIGINT or SIGTERM.
"""

from __future__ import annotations

import difflib
import sys
import traceback
import warnings
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from datetime import datetime

from . import __version__
from .commands import (
    captions,
    check,
    create,
    demo,
    embedding_operations,
    embeddings,
    grid,
    preprocess,
    queue,
    train,
    txt2img,
    ui,
)
from .commands.arguments import Parser
from .commands.command import Command
from .commands.context import Context
from .commands.output import Output
from .commands.stop import STOPPED, StopRequest
from .errors import InputError, TrainTabError
from .files import user_path, write_text_atomically
from .models.kept_memory import one_heap
from .paths import Paths

__all__ = ["main"]

_PROGRAM = "extension.py"
_COMMANDS: tuple[Command, ...] = (
    ui.COMMAND,
    create.COMMAND,
    preprocess.COMMAND,
    *captions.COMMANDS,
    train.COMMAND,
    txt2img.COMMAND,
    grid.COMMAND,
    *embeddings.COMMANDS,
    *embedding_operations.COMMANDS,
    *queue.COMMANDS,
    *demo.COMMANDS,
    check.COMMAND,
)
_GROUPS = {
    "captions": "list, count and edit the captions of a folder of pictures",
    "embeddings": "list, judge, convert, mix and edit embedding files",
    "queue": "trainings that are done one after the other",
    "demo": "build, judge and draw with the demo model",
}
_GLOBAL_OPTIONS = {"--data-dir": 1, "--embeddings-dir": 1, "--log-dir": 1}
_GLOBAL_FLAGS = {"--json": 1, "--debug": 1, "--current-env": 1}


def main(argv: Sequence[str]) -> int:
    """Run one command; `argv` are the arguments after the program's name. Gives the exit status."""
    one_heap()  # before any thread begins
    output = Output(as_json="--json" in argv)
    stop = StopRequest(output.complain)
    with stop.installed():
        return _run(list(argv), output, stop)


def _run(argv: list[str], output: Output, stop: StopRequest) -> int:
    """The boundary: nothing gets past it but SystemExit."""
    if not sys.warnoptions:
        # Libraries warn their developers; a user can do nothing about it.
        warnings.simplefilter("ignore")
    paths = Paths.under()
    try:
        arguments = _parse(argv)
        paths = Paths.under(arguments.data_dir, arguments.embeddings_dir, arguments.log_dir)
        command: Command = arguments.command
        return command.run(arguments, Context(paths=paths, output=output, stop=stop))
    except TrainTabError as error:
        output.error(str(error), error.exit_status)
        return error.exit_status
    except KeyboardInterrupt:
        output.error("Stopped as asked; files are as they were last saved.", STOPPED)
        return STOPPED
    except Exception as error:  # noqa: BLE001 - the command line's boundary
        output.error(_account_of(error, paths, show="--debug" in argv), 1)
        return 1


def _account_of(error: Exception, paths: Paths, *, show: bool) -> str:
    """A sentence about an error nobody foresaw; its traceback goes to a file, or is shown."""
    told = f"Something failed that should not have: {type(error).__name__}: {error}."
    text = "".join(traceback.format_exception(error))
    if show:
        print(text, file=sys.stderr)
        return f"{told} Please report it with the lines above."
    file = paths.jobs_dir / f"error-{datetime.now():%Y%m%d-%H%M%S}.txt"
    try:
        write_text_atomically(file, text)
    except TrainTabError:
        return f"{told} Run it again with --debug, and report what that shows."
    return f"{told} Please report it with {file}."


def _parse(argv: list[str]) -> Namespace:
    """The arguments, of `ui` where no command is named; raises InputError, and SystemExit for --help."""
    leading, rest = _leading_options(argv)
    if rest and not rest[0].startswith("-"):
        _refuse_unknown(rest)
        if rest[0] in _GROUPS:
            more, after = _leading_options(rest[1:])
            return _known([rest[0], *after[:1], *leading, *more, *after[1:]])
        return _known([rest[0], *leading, *rest[1:]])
    if rest and rest[0] in ("-h", "--help", "--version"):
        return _parser().parse_args(rest)
    return _known(["ui", *leading, *rest])


def _known(argv: list[str]) -> Namespace:
    """The arguments of a command; raises InputError for those it doesn't know, with the nearest it does."""
    arguments, unknown = _parser().parse_known_args(argv)
    if unknown:
        name = arguments.command.name
        parser = Parser()
        arguments.command.configure(parser)
        flags = [flag for action in parser._actions for flag in action.option_strings]
        near = difflib.get_close_matches(unknown[0].split("=")[0], flags, n=1)
        hint = f"did you mean {near[0]}?" if near else f"{_PROGRAM} {name} --help lists what there is."
        raise InputError(f"{_PROGRAM} {name}: {unknown[0]!r} is not understood; {hint}")
    return arguments


def _leading_options(argv: list[str]) -> tuple[list[str], list[str]]:
    """Split off global options that stand before the command: every command takes them behind its name."""
    count = 0
    while count < len(argv) and argv[count].split("=")[0] in {*_GLOBAL_OPTIONS, *_GLOBAL_FLAGS}:
        count += 2 if argv[count] in _GLOBAL_OPTIONS else 1
    return argv[:count], argv[count:]


def _refuse_unknown(words: list[str]) -> None:
    known_words = {command.name.split()[0] for command in _COMMANDS}
    if words[0] not in known_words:
        near = difflib.get_close_matches(words[0], known_words, n=1)
        hint = f"did you mean {near[0]}?" if near else "known are " + ", ".join(sorted(known_words)) + "."
        raise InputError(f"There is no command called {words[0]!r}; {hint}")


def _parser() -> ArgumentParser:
    parser = Parser(
        prog=_PROGRAM,
        description="Train Tab: textual inversion for Stable Diffusion. Without a command it opens the page.",
    )
    parser.add_argument("--version", action="version", version=f"Train Tab {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    groups = {}
    for name, help_text in _GROUPS.items():
        group = commands.add_parser(name, help=help_text, description=help_text.capitalize() + ".")
        groups[name] = group.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in _COMMANDS:
        group_name, _, name = command.name.rpartition(" ")
        place = groups[group_name] if group_name else commands
        own = place.add_parser(
            name, help=command.help, description=command.help[:1].upper() + command.help[1:]
        )
        command.configure(own)
        _add_global_options(own)
        own.set_defaults(command=command)
    return parser


def _add_global_options(parser: ArgumentParser) -> None:
    group = parser.add_argument_group("everywhere")
    group.add_argument(
        "--data-dir",
        type=user_path,
        metavar="DIR",
        help="holds embeddings, textual_inversion (the log), models, outputs (default: the repository)",
    )
    group.add_argument("--embeddings-dir", type=user_path, metavar="DIR", help="the embeddings, if elsewhere")
    group.add_argument("--log-dir", type=user_path, metavar="DIR", help="the log directory, if elsewhere")
    group.add_argument("--json", action="store_true", help="answer in JSON lines on standard output")
    group.add_argument("--debug", action="store_true", help="show the traceback of an unexpected error")
    group.add_argument(
        "--current-env", action="store_true", help="use the running Python as it is, without .venv"
    )
