"""The server that shows the standalone page."""

from __future__ import annotations

import os
import socket
import sys
import time
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gradio.utils import get_upload_folder
from starlette.middleware import Middleware

from ..errors import InputError, WorkError
from ..files import make_folder
from ..paths import Paths
from ..studio import Studio
from .gradio_compat import launch_keywords
from .layout import build_app
from .look import look
from .request_guard import GuardRules, RequestGuard

__all__ = ["Access", "build_app", "choose_port", "guard_rules", "serve"]

_FIRST_PORT = 7860
_PORTS_TRIED = 100
_SECONDS_TO_SAVE = 60.0
_SESSIONS = 40
"""Pages and programs for which gradio keeps what it told them, 1.4 MB each: ten thousand by itself. Who asked
longest ago goes first, and is told everything anew should it come again."""


@dataclass(frozen=True, kw_only=True)
class Access:
    """Who may come, and how.

    `auth` is a name and a password. `share` opens gradio's tunnel from the internet, `mcp` offers the
    endpoints to language models as tools. `hosts` are more names by which the page may be reached, `folders`
    more folders that visitors from other computers may name.
    """

    auth: tuple[str, str] | None = None
    share: bool = False
    mcp: bool = False
    hosts: tuple[str, ...] = ()
    folders: tuple[Path, ...] = ()


def serve(
    studio: Studio,
    *,
    host: str = "127.0.0.1",
    port: int | None = None,
    access: Access = Access(),
    ready: Callable[[str], None] = print,
) -> None:
    """Show the page until KeyboardInterrupt; then a running job is interrupted and saved.

    `ready` gets the address once the page can be opened, which is before the model is loaded. Without
    `port` it is 7860 or the next free one. Raises InputError when the port is taken, when others could come
    without a password, and when tools are to be offered with one.
    """
    rules = guard_rules(host, access, studio.paths)
    _check_access(rules, access)
    if rules.is_public:
        _count_from(studio.paths.data_dir)
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    port = choose_port(host, port)
    app = build_app(studio)
    wanted = _wanted(rules, access, studio.paths)
    with redirect_stdout(sys.stderr):  # gradio's words; programs read the program's own from standard output
        app.queue().launch(**launch_keywords(look(), server_name=host, server_port=port, **wanted))
    try:
        _check_launched(app, access)
        studio.load_in_background()
        ready(f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{port}")
        if access.share:
            ready(app.share_url)
        while True:
            time.sleep(3600)
    finally:
        studio.close(_SECONDS_TO_SAVE)
        with redirect_stdout(sys.stderr):
            app.close()


def _check_access(rules: GuardRules, access: Access) -> None:
    """gradio asks programs that list the tools for no password, and can call none where it asks for one."""
    if rules.is_public and access.auth is None:
        raise InputError(
            "The page was not opened to others: whoever comes could use your pictures, models and disk."
            " Give a name and a password with --auth USER:PASSWORD."
        )
    if access.mcp and access.auth is not None:
        raise InputError(
            "--mcp is for programs on this computer, which can't give the password of --auth: leave out"
            " --auth, and with it --listen and --share, or leave out --mcp."
        )


def _count_from(folder: Path) -> None:
    """Let the relative paths that visitors write begin there, not where the program was started."""
    try:
        make_folder(folder)
        os.chdir(folder)
    except OSError as error:
        raise WorkError(
            f"The page was not opened to others: the data directory {folder} can't be entered"
            f" ({error.strerror or error}). Choose another with --data-dir."
        ) from error


def _wanted(rules: GuardRules, access: Access, paths: Paths) -> dict[str, Any]:
    """What gradio is asked for, but for the address."""
    return {
        "auth": access.auth,
        "share": access.share,
        "mcp_server": access.mcp,
        "app_kwargs": {"middleware": [Middleware(RequestGuard, rules=rules)]},
        "max_file_size": rules.body_limit,
        "state_session_capacity": _SESSIONS,
        "quiet": True,
        "prevent_thread_lock": True,
        "ssr_mode": False,
        "allowed_paths": [str(paths.log_dir), str(paths.outputs_dir), str(paths.thumbnails_dir)],
        "footer_links": ["api"],
        # gradio's own, which keeps what was sent in the browser, or on the hub.
        "run_history": False,
        # Or gradio gives up when its page takes three seconds to answer, as it does on a busy machine.
        "_frontend": False,
    }


def _check_launched(app: Any, access: Access) -> None:
    """gradio goes on without what it couldn't open; whoever asked for it would wait for nothing."""
    if access.share and not app.share_url:
        raise WorkError(
            "--share: the tunnel could not be opened; look at your internet connection, or leave --share out."
        )
    if access.mcp and not getattr(app, "mcp_server_obj", None):
        raise InputError('--mcp needs a package that is not installed: pip install "mcp<2".')


def guard_rules(host: str, access: Access, paths: Paths) -> GuardRules:
    """What the server lets through when it listens at `host`."""
    own = (paths.data_dir, paths.embeddings_dir, paths.log_dir, paths.models_dir, paths.outputs_dir)
    return GuardRules(
        is_public=access.share or host not in ("127.0.0.1", "localhost", "::1"),
        is_shared=access.share,
        hosts=tuple(name.lower() for name in access.hosts),
        picture_folders=(paths.log_dir, paths.outputs_dir, paths.thumbnails_dir),
        inside=(*own, paths.demo_examples_dir, *access.folders),
        uploads=(Path(get_upload_folder()),),
    )


def choose_port(host: str, port: int | None) -> int:
    """`port`, or 7860 or the first free one after it; raises InputError when it is taken or none is free."""
    if port is not None:
        if _is_free(host, port):
            return port
        raise InputError(
            f"The port {port} is taken on {host}; choose another with --port, or leave --port out."
        )
    last = _FIRST_PORT + _PORTS_TRIED
    found = next((candidate for candidate in range(_FIRST_PORT, last) if _is_free(host, candidate)), None)
    if found is None:
        raise InputError(f"No port from {_FIRST_PORT} to {last - 1} is free; choose one with --port.")
    return found


def _is_free(host: str, port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
        except OSError:
            return False
        return True
