"""What a web UI runs at its start, the only file in this folder: hangs tab, settings and routes into it.

The web UI asks for each of them later, and tells by this file whose they are.
"""

import importlib.util
import sys
import traceback
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


def load_traintab(root: Path) -> None:
    """Load `modules/traintab` by its place, because hosts own a package that is called `modules`."""
    folder = root / "modules" / "traintab"
    spec = importlib.util.spec_from_file_location(
        "traintab", folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    if "traintab" in sys.modules or spec is None or spec.loader is None:
        return
    sys.modules["traintab"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sys.modules["traintab"])


def ui_tabs() -> list[tuple[Any, str, str]]:
    """The tab; whatever goes wrong becomes a line in the web UI's log and a tab that says what it was."""
    try:
        load_traintab(ROOT)
        from traintab.registration import train_tab

        return [train_tab()]
    except Exception as error:  # noqa: BLE001 - the web UI must start, and its user must learn why we don't
        return [broken_tab(f"Train Tab could not start ({type(error).__name__}: {error}).")]


def broken_tab(sentence: str) -> tuple[Any, str, str]:
    """A tab that needs nothing of ours; called while the error is being handled."""
    import gradio

    print(sentence, file=sys.stderr)
    with gradio.Blocks(analytics_enabled=False) as tab:
        gradio.Markdown(
            f"{sentence}\n\nWhat it needs is installed while the web UI starts: look at its log from there"
            f" on. Then restart it, *Reload UI* is not enough.\n\n```\n{traceback.format_exc()}\n```"
        )
    return tab, "Train Tab", "traintab"


def ui_settings() -> None:
    """A section in the web UI's settings."""
    load_traintab(ROOT)
    from traintab.registration import add_settings

    add_settings()


def app_started(_page: Any, app: Any) -> None:
    """Routes of the HTTP API."""
    load_traintab(ROOT)
    from traintab.registration import add_routes

    add_routes(app)


callbacks = sys.modules.get("modules.script_callbacks")
if callbacks is None:
    load_traintab(ROOT)
    print("Train Tab is an extension of web UIs, and runs on its own too: python3 extension.py")
else:
    callbacks.on_ui_tabs(ui_tabs)
    callbacks.on_ui_settings(ui_settings)
    callbacks.on_app_started(app_started)
