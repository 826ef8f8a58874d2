"""A folder of pictures to a folder of training pictures."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from ..configs import PreprocessConfig, check
from ..errors import ConfigError, DatasetError, InputError
from ..files import kind_of, user_path, write_atomically, write_text_atomically
from .captioning import (
    file_name_for,
    merged_caption,
    new_caption,
    read_existing_caption,
    refuse_unknown_captioner,
    shortened,
)
from .derive import derive
from .events import (
    PictureDone,
    PictureSkipped,
    PreprocessEvent,
    PreprocessFinished,
    PreprocessInterrupted,
    PreprocessStarted,
)
from .opening import list_candidates, open_source

__all__ = ["preprocess"]

_DEBUG_FOLDER = "debug"


def preprocess(
    config: PreprocessConfig,
    *,
    default_size: int | None = None,
    dry_run: bool = False,
    interrupted: Callable[[], bool] | None = None,
) -> Iterator[PreprocessEvent]:
    """Turn the pictures of `config.source` into training pictures in `config.destination`.

    All settings are checked before this returns (ConfigError, DatasetError, InputError); the work is done
    while the events are drawn. `default_size` in pixels stands in for an empty width or height, the model's
    own size, say. `interrupted` is asked before each picture. On a dry run nothing is written. The source
    is only read; files are written whole or not at all, as `00000-0-<name>.png` with a `.txt` for the
    caption. Raises StorageError when the disk is full; what was written stays.
    """
    check(config)
    refuse_unknown_captioner(config)
    source = user_path(config.source)
    destination = user_path(config.destination)
    sources = list_candidates(source)
    _refuse_destination(source, destination, config)
    width, height = config.width or default_size, config.height or default_size
    if width is None or height is None:
        raise ConfigError("Width or height is empty: give both in pixels, such as 512.", field="width")
    run = _Run(config=config, destination=destination, size=(width, height), dry_run=dry_run)
    return run.events(sources, interrupted or (lambda: False))


def _refuse_destination(source: Path, destination: Path, config: PreprocessConfig) -> None:
    """The destination may lie inside the source, which is not searched below, but can't be the source."""
    if kind_of(destination) == "file":
        raise ConfigError(
            f"The destination {destination} is a file. Choose a folder, or a new name for one.",
            field="destination",
        )
    written = [destination] + [destination / _DEBUG_FOLDER] * config.focal_point.focal_debug
    for folder in written:
        if folder.resolve() == source.resolve() or (kind_of(folder) and folder.samefile(source)):
            raise ConfigError(
                f"Source and destination are the same folder, {source}. Choose another destination: the"
                " source is never changed.",
                field="destination",
            )


@dataclass(frozen=True, kw_only=True)
class _Run:
    """One run over a folder; `size` is the target (width, height) in pixels."""

    config: PreprocessConfig
    destination: Path
    size: tuple[int, int]
    dry_run: bool

    def events(self, sources: list[Path], interrupted: Callable[[], bool]) -> Iterator[PreprocessEvent]:
        width, height = self.size
        yield PreprocessStarted(
            total=len(sources),
            width=width,
            height=height,
            notes=self._opening_notes(),
            destination=self.destination,
        )
        written = skipped = 0
        for index, source in enumerate(sources):
            if interrupted():
                yield PreprocessInterrupted(written=written, skipped=skipped, remaining=len(sources) - index)
                return
            event = self._one(index, source)
            if isinstance(event, PictureDone):
                written += len(event.outputs)
            else:
                skipped += 1
            yield event
        yield PreprocessFinished(written=written, skipped=skipped)

    def _opening_notes(self) -> tuple[str, ...]:
        there = len(list(self.destination.glob("*.png"))) if kind_of(self.destination) else 0
        if not there:
            return ()
        return (
            f"The destination {self.destination} already holds {there} .png files: those of the same name are"
            " replaced, the others stay among your training pictures.",
        )

    def _one(self, index: int, source: Path) -> PictureDone | PictureSkipped:
        try:
            opened = open_source(source, self.config.colors)
        except DatasetError as error:
            return PictureSkipped(source=source, reason=str(error))
        derived = derive(opened.image, self.config, self.size)
        caption, notes = self._caption(source)
        notes = [*opened.notes, *derived.notes, *notes]
        name, text = shortened(source.stem), caption
        if self.config.caption_to == "filename" and caption:
            name, note = file_name_for(caption)
            text = ""
            notes += [note] * bool(note)
        outputs = []
        for sub, picture in enumerate(derived.pictures):
            path = self.destination / f"{index:05d}-{sub}-{name}.png"
            notes += self._write(path, picture.image, text)
            outputs.append(path)
        for sub, shown in enumerate(derived.debug_pictures):
            self._save(
                self.destination / _DEBUG_FOLDER / f"{index:05d}-{sub}-{shortened(source.stem)}.png", shown
            )
        return PictureDone(source=source, outputs=tuple(outputs), notes=tuple(notes))

    def _caption(self, source: Path) -> tuple[str, list[str]]:
        """The picture's caption, and notes when a caption that was there is not in it."""
        new, action = new_caption(self.config, source), self.config.existing_caption
        try:
            existing = read_existing_caption(source)
        except InputError as error:
            return new, [f"{error} It was left out."]
        dropped = ""
        if existing and new and action in ("copy", "ignore"):
            dropped = new if action == "copy" else existing
        why = f'The caption "{dropped}" was left out, as "{action}" asks; prepend and append keep both.'
        return merged_caption(existing, new, action), [why] * bool(dropped and existing != new)

    def _write(self, path: Path, picture: Image.Image, caption: str) -> list[str]:
        """Write a picture with its caption; notes when an older caption lies in the way."""
        self._save(path, picture)
        beside = path.with_suffix(".txt")
        if caption:
            if not self.dry_run:
                write_text_atomically(beside, caption)
        elif beside.exists():
            return [f"An older caption, {beside.name}, stays beside the picture; delete it if it is wrong."]
        return []

    def _save(self, path: Path, picture: Image.Image) -> None:
        if not self.dry_run:
            stream = io.BytesIO()
            picture.save(stream, "PNG")
            write_atomically(path, stream.getvalue())
