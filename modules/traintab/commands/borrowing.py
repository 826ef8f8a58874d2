"""`--webui-dir` and `--comfy-dir`: another program's models, VAEs, LoRAs and embeddings, used in place."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from dataclasses import replace

from ..files import user_path
from ..paths import Paths

__all__ = ["add_borrowing_options", "borrowed_paths", "offers"]


def add_borrowing_options(parser: ArgumentParser) -> None:
    """Add the two options, each of which can be given several times."""
    parser.add_argument(
        "--webui-dir",
        action="append",
        default=[],
        type=user_path,
        metavar="DIR",
        help="use the models, VAEs, LoRAs and embeddings of A1111, Forge or the like in DIR too",
    )
    parser.add_argument(
        "--comfy-dir",
        action="append",
        default=[],
        type=user_path,
        metavar="DIR",
        help="use those of the ComfyUI in DIR too, and of its extra_model_paths.yaml",
    )


def borrowed_paths(arguments: Namespace, paths: Paths) -> Paths:
    """`paths` with the folders of the installations named; raises InputError for a folder that is none."""
    from ..models.installations import comfy_installation, webui_installation

    installations = [
        *(webui_installation(folder.absolute()) for folder in arguments.webui_dir),
        *(comfy_installation(folder.absolute()) for folder in arguments.comfy_dir),
    ]
    return replace(paths, borrowed=tuple(installation.folders for installation in installations))


def offers(paths: Paths) -> Iterator[str]:
    """While there are no models of the user's own: a line for each installation found on this machine."""
    from ..models.discovery import find_checkpoints
    from ..models.installations import find_installations

    if any(checkpoint.kind != "demo" for checkpoint in find_checkpoints(paths)):
        return
    for installation in find_installations():
        if installation.folders.checkpoints:
            yield (
                f"There is an installation of {installation.program} in {installation.root}. To use its"
                f' models, VAEs, LoRAs and embeddings, start with {installation.flag} "{installation.root}".'
            )
