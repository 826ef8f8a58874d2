"""The server that shows the standalone page."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable

from ..errors import InputError
from ..studio import Studio
from .gradio_compat import launch_keywords
from .layout import build_app
from .look import look

__all__ = ["build_app", "choose_port", "serve"]

_FIRST_PORT = 7860
_PORTS_TRIED = 100
_SECONDS_TO_SAVE = 60.0


def serve(
    studio: Studio,
    *,
    host: str = "127.0.0.1",
    port: int | None = None,
    auth: tuple[str, str] | None = None,
    ready: Callable[[str], None] = print,
) -> None:
    """Show the page until KeyboardInterrupt; then a running job is interrupted and saved.

    `ready` gets the address once the page can be opened, which is before the model is loaded. Without
    `port` it is 7860 or the next free one. Raises InputError when the port is taken.
    """
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    port = choose_port(host, port)
    app = build_app(studio)
    paths = studio.paths
    wanted = launch_keywords(
        look(),
        server_name=host,
        server_port=port,
        auth=auth,
        quiet=True,
        prevent_thread_lock=True,
        ssr_mode=False,
        allowed_paths=[str(paths.log_dir), str(paths.outputs_dir)],
        footer_links=["api"],
        # Or gradio gives up when its page takes three seconds to answer, as it does on a busy machine.
        _frontend=False,
    )
    app.queue().launch(**wanted)
    studio.load_in_background()
    try:
        ready(f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{port}")
        while True:
            time.sleep(3600)
    finally:
        studio.close(_SECONDS_TO_SAVE)
        app.close()


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
