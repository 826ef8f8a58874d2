"""How two processes share the tests: a file is one share, and so are all tests with a browser together."""

from __future__ import annotations

import pytest
from xdist.scheduler import LoadScopeScheduling

__all__ = ["BrowserTogether"]


class BrowserTogether(LoadScopeScheduling):
    """As `--dist loadfile`, but that one page and one server at a time have to do with two processors."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return "browser" if file.startswith(("tests/browser/", "tests/gradio_versions/")) else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> BrowserTogether:
    """xdist's hook, where `check` names this file as a plugin."""
    return BrowserTogether(config, log)
