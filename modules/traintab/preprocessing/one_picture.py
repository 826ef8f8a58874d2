"""What becomes of one source: opened and derived, then captioned, named and written."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from PIL import Image

from ..configs import PreprocessConfig
from ..datasets.mask_files import find_mask
from ..errors import DatasetError, InputError
from ..prompts.mirrored_words import mirrored_words
from .background import BackgroundRemover, without_background
from .captioning import file_name_for, merged_caption, new_caption, read_existing_caption
from .derive import Derived, derive
from .destination import Destination, NameInUse, Placed, Text, Wanted, sha256_of_file
from .encoding import encoded, encoded_mask, suffix_of
from .events import PictureDone, PictureSkipped, PictureUnchanged
from .items import Item
from .naming import caption_name, debug_name, mask_name, picture_stem, shortened
from .opening import open_mask, open_source
from .record import Entry, stamp_of

__all__ = ["Outcome", "PictureWork", "Prepared"]

# With twice the width and height that are needed, what is scaled from a part of a JPEG's frequencies differs
# from what all of them give by 2 of 255 at most in photos of 12 megapixels (54 to 58 dB), by 22 in the worst
# of evenly striped ones: as little as by Pillow's own `thumbnail`, in a third of the time.
_DECODED_PER_PIXEL = 2


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What is told of a source, what the record is to keep, and how many captions were left as they are."""

    event: PictureDone | PictureUnchanged | PictureSkipped
    entry: Entry | None = None
    kept_captions: int = 0


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A source whose pictures are made but not named, captioned or written; `caption` is the one it had.

    `entry` has what it depends on, and no files yet.
    """

    item: Item
    derived: Derived
    entry: Entry
    caption: str = ""
    notes: tuple[str, ...] = ()

    @property
    def originals(self) -> list[int]:
        """The indices of the pictures that need a caption of their own; copies take theirs."""
        return [index for index, one in enumerate(self.derived.pictures) if one.original == index]


@dataclass(frozen=True, kw_only=True)
class PictureWork:
    """The work on one source, which any thread may do; `size` is the target (width, height) in pixels.

    `settings` is their hash, `root` the source folder as the record knows it, `remover` gives what finds
    subjects where backgrounds are not kept.
    """

    config: PreprocessConfig
    size: tuple[int, int]
    root: str
    settings: str
    destination: Destination
    remover: Callable[[], BackgroundRemover | None] = lambda: None

    def prepare(self, item: Item, before: Entry | None) -> Prepared | Outcome:
        """Open a source and derive its pictures; an outcome where there is nothing to write.

        `before` is what an earlier run made of it.
        """
        mask = find_mask(item.path)
        found = Entry(
            root=self.root,
            source=item.source,
            number=item.number,
            caption=sha256_of_file(item.path.with_suffix(".txt")),
            mask="" if mask is None else sha256_of_file(mask),
            settings=self.settings,
        )
        if before is not None and self._is_done(item.path, before, found):
            return self._unchanged(item, before)
        try:
            return self._derived(item, found, mask)
        except DatasetError as error:
            return self._skipped(item, str(error))
        except MemoryError:
            return self._too_large(item)
        except _of_bad_pictures() as error:
            return self._skipped(item, f"{item.path.name} can't be worked on: {error}")

    def _skipped(self, item: Item, reason: str) -> Outcome:
        """Nothing comes of it; an entry without files keeps the number, for when it is mended."""
        nothing = Entry(root=self.root, source=item.source, number=item.number)
        return Outcome(event=PictureSkipped(source=item.path, reason=reason), entry=nothing)

    def _too_large(self, item: Item) -> Outcome:
        return self._skipped(
            item,
            f"{item.path.name} needs more memory than there is; make it smaller, or lower Pictures worked"
            " on at once.",
        )

    def _is_done(self, source: Path, before: Entry, found: Entry) -> bool:
        """Whether an earlier run made of it what this one would, and that lies there still."""
        now = replace(found, stamp=before.stamp, files=before.files, texts=before.texts)
        if not before.files or before != now or not before.stamp.fits(source):
            return False
        folder = self.destination.folder
        if self.destination.overwrite:
            return _kept_captions(before, folder) == 0 and all(
                stamp.fits(folder / name) for name, stamp in before.files.items()
            )
        return all((folder / name).is_file() for name in before.files)

    def _unchanged(self, item: Item, before: Entry) -> Outcome:
        folder = self.destination.folder
        changed = [name for name, stamp in before.files.items() if not stamp.fits(folder / name)]
        event = PictureUnchanged(
            source=item.path,
            outputs=tuple(folder / name for name in before.files if caption_name(name) in before.texts),
            notes=tuple(f"{name} was changed since it was written, and stays so." for name in changed),
        )
        return Outcome(event=event, kept_captions=_kept_captions(before, folder))

    def _derived(self, item: Item, found: Entry, mask_file: Path | None) -> Prepared | Outcome:
        with contextlib.suppress(OSError):  # opening it tells
            if item.path.is_file():  # stamped first: what is saved anew meanwhile is for the next run
                found = replace(found, stamp=stamp_of(item.path))
        opened = open_source(item.path, self.config.colors, least=self._least())
        image, notes = opened.image, list(opened.notes)
        mask, why = _mask(mask_file)
        notes += why
        if (remover := self.remover()) is not None:
            cleared = without_background(image, mask, remover, self.config.background)
            image, mask = cleared.image, cleared.mask
            notes += cleared.notes
        derived = derive(image, self.config, self.size, mask=mask, whole=opened.size)
        notes += derived.notes
        if not derived.pictures:
            return self._skipped(item, " ".join(notes))
        try:
            caption = read_existing_caption(item.path)
        except InputError as error:
            caption = ""
            notes.append(f"{error} It was left out.")
        return Prepared(item=item, derived=derived, entry=found, caption=caption, notes=tuple(notes))

    def _least(self) -> tuple[int, int] | None:
        """How much of a picture is needed where its middle is all that is asked for, None for the whole.

        What looks for faces or sizes is to see every pixel, and so is what scales the tones by their mean.
        """
        config = self.config
        is_whole = config.split or config.focal_crop or config.auto_size or config.keep_original_size
        if is_whole or config.colors.contrast != 1 or config.background.background != "keep":
            return None
        return self.size[0] * _DECODED_PER_PIXEL, self.size[1] * _DECODED_PER_PIXEL

    def finish(
        self, prepared: Prepared, before: Entry | None, captions: Mapping[int, str] | None = None
    ) -> Outcome:
        """Name the pictures and write them with their captions.

        `captions` are the captioner's by the index of each original; None where there is no captioner.
        """
        item, notes = prepared.item, list(prepared.notes)
        texts = self.texts(prepared, captions, notes)
        plan = _Plan(work=self, item=item)
        for index, text in enumerate(texts):
            plan.add_picture(prepared.derived, index, text)
        plan.add_debug_pictures(prepared.derived.debug_pictures)
        notes += dict.fromkeys(plan.notes)
        try:
            placed = self.destination.place(plan.wanted, plan.texts, before)
        except NameInUse as error:
            return self._skipped(item, str(error))
        except MemoryError:
            return self._too_large(item)
        except _of_bad_pictures() as error:
            kind = self.config.files.output_format
            return self._skipped(item, f"{item.path.name} can't be written as {kind}: {error}")
        return self._told(prepared, plan, placed, notes)

    def texts(self, prepared: Prepared, captions: Mapping[int, str] | None, notes: list[str]) -> list[str]:
        """Each picture's caption; `notes` take what was left out."""
        of_name = new_caption(self.config, prepared.item.path)
        texts = []
        for picture in prepared.derived.pictures:
            new = of_name if captions is None else captions.get(picture.original, "")
            text = merged_caption(prepared.caption, new, self.config.existing_caption)
            note = _left_out(prepared.caption, new, self.config.existing_caption)
            if note and note not in notes:
                notes.append(note)
            is_swapped = picture.mirrored and self.config.captioning.swap_left_and_right
            texts.append(mirrored_words(text) if is_swapped else text)
        return texts

    def _told(self, prepared: Prepared, plan: _Plan, placed: Placed, notes: list[str]) -> Outcome:
        folder = self.destination.folder
        outputs = tuple(folder / name for name in plan.pictures)
        notes += placed.notes
        path = prepared.item.path
        return Outcome(
            event=(
                PictureDone(source=path, outputs=outputs, notes=tuple(notes))
                if placed.is_new
                else PictureUnchanged(source=path, outputs=outputs, notes=tuple(notes))
            ),
            entry=replace(prepared.entry, files=placed.files, texts=placed.texts),
            kept_captions=placed.kept_captions,
        )


@dataclass
class _Plan:
    """The files that a source's pictures become."""

    work: PictureWork
    item: Item
    pictures: list[str] = field(default_factory=list)
    wanted: list[Wanted] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add_picture(self, derived: Derived, index: int, caption: str) -> None:
        """Take in a picture with its mask, and its caption where that goes."""
        config, picture = self.work.config, derived.pictures[index]
        name, text = shortened(self.item.stem), caption
        if config.caption_to == "filename" and caption:
            name, note = file_name_for(caption)
            text = ""
            self.notes += [note] * bool(note)
        file = picture_stem(self.item.number, index, name) + suffix_of(config.files)
        color = config.colors.transparency_color
        self.pictures.append(file)
        self.wanted.append(Wanted(name=file, encode=partial(encoded, picture.image, config.files, color)))
        if picture.mask is not None:
            self.wanted.append(Wanted(name=mask_name(file), encode=partial(encoded_mask, picture.mask)))
        self.texts.append(Text(name=caption_name(file), caption=text))

    def add_debug_pictures(self, images: Sequence[Image.Image]) -> None:
        """Take in pictures that are only looked at."""
        files = replace(self.work.config.files, output_format="png")
        for sub, image in enumerate(images):
            name = debug_name(self.item.number, sub, shortened(self.item.stem))
            self.wanted.append(Wanted(name=name, encode=partial(encoded, image, files, "white")))


def _mask(file: Path | None) -> tuple[Image.Image | None, list[str]]:
    if file is None:
        return None, []
    try:
        return open_mask(file), []
    except DatasetError as error:
        return None, [f"Its mask was left out: {error}"]


def _left_out(existing: str, new: str, action: str) -> str:
    """A sentence when a caption that was there is not in what `merged_caption` gives."""
    if not existing or not new or existing == new or action not in ("copy", "ignore"):
        return ""
    dropped = new if action == "copy" else existing
    return f'The caption "{dropped}" was left out, as "{action}" asks; prepend and append keep both.'


def _kept_captions(before: Entry, folder: Path) -> int:
    return sum(sha256_of_file(folder / name) != sha for name, sha in before.texts.items())


def _of_bad_pictures() -> tuple[type[BaseException], ...]:
    """What a picture can make the libraries raise. OpenCV is large, and loaded only where it is used."""
    opencv = sys.modules.get("cv2")
    usual = (OSError, ValueError, OverflowError)
    return usual if opencv is None else (*usual, opencv.error)
