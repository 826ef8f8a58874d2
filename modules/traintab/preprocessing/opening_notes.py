"""What is said before a run begins: what lies in the destination already, and what can't be as asked."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ..configs import PreprocessConfig
from ..datasets.mask_files import is_mask
from ..files import kind_of
from .models_at_hand import makes_captions, needs_models
from .record import Record

__all__ = ["opening_notes"]

_PICTURES = (".png", ".webp", ".jpg", ".jpeg")


def opening_notes(
    config: PreprocessConfig, record: Record, sources: Iterable[str], *, dry_run: bool
) -> list[str]:
    """Sentences for the start of a run over `sources`, their places in the source folder."""
    notes = [record.problem] * bool(record.problem)
    notes += _about_the_destination(config, record)
    gone = len(record.sources - set(sources))
    if gone:
        notes.append(
            f"{gone} files of earlier runs are no longer in the source; their pictures stay in the"
            " destination."
        )
    if others := sorted(record.other_roots):
        notes.append(
            f"The destination also holds pictures of {', '.join(others)}. If that is this source under its"
            " old name, its pictures will be there twice: delete the older ones."
        )
    keeps_transparency = config.colors.keep_transparency or config.background.background == "transparent"
    if keeps_transparency and config.files.output_format == "jpeg":
        notes.append(
            "JPEG keeps no transparency: transparent parts are filled with"
            f" {config.colors.transparency_color}. Choose png or webp as File format to keep it."
        )
    if dry_run and needs_models(config):
        what = f"captions by {config.caption}" if makes_captions(config) else "backgrounds"
        notes.append(f"A dry run loads no models: what it tells is without {what}.")
    return notes


def _about_the_destination(config: PreprocessConfig, record: Record) -> list[str]:
    folder = record.folder
    if kind_of(folder) != "folder":
        return []
    there = {name for name in _names_in(folder) if _is_picture(name)}
    ours = there & record.files()
    notes = []
    if ours:
        notes.append(
            f"The destination {folder} holds {len(ours)} pictures of earlier runs: those of unchanged files"
            " stay as they are, the others are made again."
        )
    if len(there) > len(ours):
        same = "replaced" if config.files.overwrite else "left alone"
        notes.append(
            f"The destination {folder} already holds {len(there) - len(ours)} pictures that are not of"
            f" earlier runs: those of the same name are {same}, the others stay among your training pictures."
        )
    return notes


def _names_in(folder: Path) -> list[str]:
    try:
        return [path.name for path in folder.iterdir()]
    except OSError:  # writing there will fail, and tell why
        return []


def _is_picture(name: str) -> bool:
    return name.lower().endswith(_PICTURES) and not is_mask(Path(name))
