"""*Show as command or YAML*: what the button would run now, to be run elsewhere or kept."""

from __future__ import annotations

import dataclasses
import html
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import gradio as gr

from ..configs import LoadingConfig, TrainingConfig, from_mapping, to_yaml
from ..configs.loading import OWN_VAE, SAME_NAME_VAE
from ..errors import TrainTabError
from ..paths import Paths
from ..train_command import train_command
from ..training_job import with_loading
from .data_links import download_link
from .page import Page

__all__ = ["ShownRun", "run_asked_for", "shown_html"]

_HOW = "Run it in the folder of Train Tab. It says what differs from the defaults, and nothing else."
_HOW_YAML = "Every setting of the run. The command line and Python take it, and so does a later version."


class ShownRun:
    """A fold with command and YAML, made in the layout where it is constructed."""

    def __init__(self) -> None:
        with gr.Accordion("Show as command or YAML", open=False, elem_id="train_shown_run"):
            self.shown = gr.HTML(elem_id="train_shown", elem_classes=["traintab-slot"])


def run_asked_for(page: Page, values: Mapping[str, Any]) -> TrainingConfig:
    """What *Train Embedding* would run with these fields, on the model as it is loaded.

    Raises ConfigError for what it would refuse.
    """
    config = from_mapping(TrainingConfig, {**values, "model": page.studio.model_status.spec})
    return with_loading(config, page.remembered.config("loading", LoadingConfig), resume=False)


def shown_html(page: Page, values: Mapping[str, Any]) -> str:
    """The command and the run.yaml, each to be copied; the mistake where the button would refuse."""
    try:
        config = run_asked_for(page, values)
    except TrainTabError as error:
        return f'<p class="traintab-message">{html.escape(str(error))}</p>'
    paths = page.studio.paths
    command = train_command(_findable_anywhere(config, paths), paths, for_windows=sys.platform == "win32")
    yaml_text = to_yaml(config)
    file_name = f"{config.embedding_name}.yaml"
    link = download_link("Download run.yaml", file_name, yaml_text)
    return (
        f"<h4>Command</h4><p>{html.escape(_HOW)}</p>{_text('train_shown_command', 'Command', command)}"
        f"<h4>run.yaml</h4><p>{html.escape(_HOW_YAML)} {link}</p>"
        f"{_text('train_shown_yaml', 'run.yaml', yaml_text)}"
    )


def _text(elem_id: str, label: str, text: str) -> str:
    named = f'id="{elem_id}" tabindex="0" role="group" translate="no" aria-label="{label}"'
    return (
        f'<div class="traintab-copied"><button type="button" data-copy="{elem_id}">Copy</button>'
        f"<pre {named}>{html.escape(text)}</pre></div>"
    )


def _findable_anywhere(config: TrainingConfig, paths: Paths) -> TrainingConfig:
    """Model and VAE of another program's folders by their whole paths: the command line doesn't know these
    folders.
    """
    from ..models.external_vae import find_vaes

    if not paths.borrowed:
        return config
    model, vae = _place(config.model, _checkpoints, paths), config.loading.vae
    if vae not in (SAME_NAME_VAE, OWN_VAE):
        vae = _place(vae, find_vaes, paths)
    return dataclasses.replace(config, model=model, loading=dataclasses.replace(config.loading, vae=vae))


def _place(name: str, find: Callable[[Paths], Mapping[str, Path | None]], paths: Paths) -> str:
    """The whole path of what lies only in another program's folders; the name of anything else."""
    if name in find(dataclasses.replace(paths, borrowed=())):
        return name
    path = find(paths).get(name)
    return name if path is None else str(path)


def _checkpoints(paths: Paths) -> dict[str, Path | None]:
    from ..models.discovery import find_checkpoints

    return {checkpoint.name: checkpoint.path for checkpoint in find_checkpoints(paths)}
