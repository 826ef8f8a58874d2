"""`ui`: the page in a browser."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InputError
from ..files import kind_of, user_path
from .borrowing import add_borrowing_options, borrowed_paths, offers
from .command import Command
from .context import Context

if TYPE_CHECKING:
    from ..likeness.judged import Judge

__all__ = ["COMMAND"]


def _configure(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--listen", action="store_true", help="be reachable from other machines, not only this one"
    )
    parser.add_argument(
        "--port", metavar="N", help="the port, 1 to 65535 (default: 7860, or the next free one)"
    )
    parser.add_argument(
        "--share", action="store_true", help="be reachable from the internet, over a tunnel of gradio's"
    )
    parser.add_argument(
        "--auth", metavar="USER:PASSWORD", help="ask visitors for this; --listen and --share demand it"
    )
    parser.add_argument(
        "--allow-host", metavar="NAME", action="append", default=[], help="another name of this computer"
    )
    parser.add_argument(
        "--allow-dir",
        metavar="DIR",
        action="append",
        default=[],
        help="a folder that visitors from other computers may use beside those of the data directory",
    )
    parser.add_argument("--mcp", action="store_true", help="offer the endpoints to language models as tools")
    parser.add_argument(
        "--model", metavar="M", help="the model to start with (default: the last one used, or demo)"
    )
    add_borrowing_options(parser)


def _run(arguments: Namespace, context: Context) -> int:
    port, auth = _port(arguments.port), _auth(arguments.auth)
    paths = borrowed_paths(arguments, context.paths)
    from ..hosts.standalone import StandaloneHost
    from ..studio import Studio
    from ..ui.app import Access, serve

    model: dict[str, Any] = {"model": _lasting(arguments.model)} if arguments.model else {}
    studio = Studio(StandaloneHost(paths), **model)
    studio.grid_scoring.judges["demo"] = _demo_judge
    host = "0.0.0.0" if arguments.listen else "127.0.0.1"
    access = Access(
        auth=auth,
        share=arguments.share,
        mcp=arguments.mcp,
        hosts=tuple(arguments.allow_host),
        folders=tuple(_folder(text) for text in arguments.allow_dir),
    )
    for line in offers(studio.paths):
        context.output.log(line)
    serve(studio, host=host, port=port, access=access, ready=lambda address: _tell(context, address))
    return 0


def _lasting(spec: str) -> str:
    """A file or folder by its full path, for a page for others works in the data directory; names stay."""
    path = user_path(spec)
    is_model = "file" in (kind_of(path), kind_of(path / "model_index.json"))
    return str(path.resolve()) if is_model else spec


def _demo_judge() -> Judge:
    """Who knows the demo model's pictures; loaded when a grid wants it."""
    from .demo_judge import DemoJudge

    return DemoJudge()


def _tell(context: Context, address: str) -> None:
    context.output.record({"event": "page_ready", "address": address})
    context.output.line(f"Train Tab is ready: open {address} in a browser. Ctrl+C stops it.")


def _port(text: str | None) -> int | None:
    if text is None:
        return None
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65535:
        raise InputError(f"--port is {text!r}; it must be a whole number from 1 to 65535.")
    return int(text)


def _auth(text: str | None) -> tuple[str, str] | None:
    if text is None:
        return None
    user, _, password = text.partition(":")
    if not user or not password:
        raise InputError(
            "--auth must be a name and a password with a colon between them, such as ann:secret."
        )
    return user, password


def _folder(text: str) -> Path:
    folder = user_path(text).resolve()
    if not folder.is_dir():
        raise InputError(f"--allow-dir is {text!r}: there is no such folder.")
    return folder


COMMAND = Command(
    name="ui", help="open the page (what happens without a command)", configure=_configure, run=_run
)
