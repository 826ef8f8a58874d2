"""What a web UI is given: the tab, a section of its settings, routes of its HTTP API.

`scripts/traintab_tab.py` calls these when the web UI asks. *Reload UI* asks again: the page is built anew
around the one studio, in which a running job goes on.
"""

from __future__ import annotations

import logging
from functools import cache
from typing import Any

from .hosts.webui import WebUIHost
from .studio import Studio

__all__ = ["add_routes", "add_settings", "train_tab"]

_ID = "traintab"
_LOGGER = logging.getLogger(__name__)


@cache
def _host() -> WebUIHost:
    return WebUIHost()


@cache
def _studio() -> Studio:
    host = _host()
    _LOGGER.info("Train Tab runs in %s; its runs are kept in %s.", host.name, host.paths.log_dir)
    return Studio(host)


def train_tab() -> tuple[Any, str, str]:
    """The page as a `gr.Blocks`, its label and its element id, as `on_ui_tabs` wants them in a list."""
    from .ui.host_page import build_host_tab

    label = "Train Tab" if _host().has_train_tab else "Train"
    return build_host_tab(_studio()), label, _ID


def add_settings() -> None:
    """The section *Train Tab*; settings that the web UI has already stay where they are."""
    from .ui.host_settings import add_section

    _host().add_options(add_section)


def add_routes(app: Any) -> None:
    """Hang the routes into the web UI's FastAPI application."""
    from .ui.host_api import add_host_routes

    host = _host()
    add_host_routes(app, _studio(), logins=host.logins, with_endpoints=host.offers_api)
