"""What is wrong with a folder of pictures, and what to do: one function a finding."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...configs import PreprocessConfig
from ..auto_size import best_size
from ..cuts import SEEN_ENLARGEMENT
from ..split import is_oversized
from .facts import PictureFacts, UnreadablePicture, least_tokens
from .fingerprint import pairs_alike
from .shapes import kept_share
from .sharpness import BLURRY_BELOW

__all__ = ["Finding", "Looked", "Named", "findings_of"]

_ONE_CHUNK = 75
_CUT_OFF = 0.3


@dataclass(frozen=True, kw_only=True)
class Named:
    """A picture with what is to be said of it; `other` is the one it equals."""

    path: Path
    detail: str = ""
    other: Path | None = None


@dataclass(frozen=True, kw_only=True)
class Finding:
    """`title` says what was found, `remedy` what to do. A problem costs something, other findings may not."""

    kind: str
    title: str
    remedy: str
    pictures: tuple[Named, ...]
    is_problem: bool = True


@dataclass(frozen=True, kw_only=True)
class Looked:
    """What was seen of a folder; `size` is the target (width, height) in pixels."""

    config: PreprocessConfig
    size: tuple[int, int]
    pictures: tuple[PictureFacts, ...]
    unreadable: tuple[UnreadablePicture, ...] = ()
    count_tokens: Callable[[str], int] | None = None


def findings_of(looked: Looked) -> tuple[Finding, ...]:
    """All that was found, what costs most first; so are the pictures of those findings that are measured."""
    found = (find(looked) for find in _FINDINGS)
    return tuple(one for one in found if one is not None and one.pictures)


def _unreadable(looked: Looked) -> Finding:
    named = tuple(Named(path=one.path, detail=one.reason) for one in looked.unreadable)
    return Finding(
        kind="unreadable",
        title=f"{_files(named)} can't be read",
        remedy="What can't be read is skipped. Save it again as PNG, or take it out of the folder.",
        pictures=named,
    )


def _duplicates(looked: Looked) -> Finding:
    first: dict[str, Path] = {}
    named = tuple(
        Named(path=one.path, detail="the same picture", other=first[one.pixels])
        for one in looked.pictures
        if first.setdefault(one.pixels, one.path) != one.path
    )
    return Finding(
        kind="duplicates",
        title=f"{_pictures(named)} there twice",
        remedy="Keep one of each: what is there twice is learned twice as much.",
        pictures=named,
    )


def _near_duplicates(looked: Looked) -> Finding:
    of_pixels: dict[str, PictureFacts] = {}
    for one in looked.pictures:
        of_pixels.setdefault(one.pixels, one)
    distinct = list(of_pixels.values())
    named = tuple(
        Named(
            path=distinct[later].path,
            detail="almost the same, mirrored" if is_mirrored else "almost the same",
            other=distinct[earlier].path,
        )
        for later, earlier, is_mirrored in pairs_alike([one.alike for one in distinct])
    )
    return Finding(
        kind="near_duplicates",
        title=f"{_pictures(named)} almost like another",
        remedy="Keep the best of those that look alike, unless you want them to count more than the others.",
        pictures=named,
        is_problem=False,
    )


def _too_small(looked: Looked) -> Finding:
    named = []
    for one in looked.pictures:
        wanted = _wanted_size(one, looked)
        factor = 1.0 if wanted is None else max(wanted[0] / one.width, wanted[1] / one.height)
        if wanted is not None and factor >= SEEN_ENLARGEMENT:
            told = (
                f"{one.width} × {one.height} pixels, enlarged {factor:.2g} times to {wanted[0]} × {wanted[1]}"
            )
            named.append((factor, Named(path=one.path, detail=told)))
    named.sort(key=lambda pair: -pair[0])
    return Finding(
        kind="too_small",
        title=f"{_pictures([one for _, one in named])} smaller than the training size",
        remedy="What is enlarged looks soft, and the embedding learns that. Find larger pictures, lower Width"
        " and Height, or take out what is too small.",
        pictures=tuple(one for _, one in named),
    )


def _wanted_size(one: PictureFacts, looked: Looked) -> tuple[int, int] | None:
    """The size the picture is brought to, None where it keeps its own."""
    config = looked.config
    if config.auto_size:
        return best_size((one.width, one.height), config.auto_sizing) or looked.size
    if config.keep_original_size and not (config.split or config.focal_crop):
        return None
    return looked.size


def _blurry(looked: Looked) -> Finding:
    named = tuple(
        Named(path=one.path, detail=f"sharpness {one.sharpness:.4f}, sharp is {BLURRY_BELOW} and more")
        for one in sorted(looked.pictures, key=lambda one: one.sharpness or 0.0)
        if one.sharpness is not None and one.sharpness < BLURRY_BELOW
    )
    return Finding(
        kind="blurry",
        title=f"{_pictures(named)} blurry",
        remedy="No edge is sharp at the training size. Have a look, and take out what isn't meant so.",
        pictures=named,
    )


def _plain(looked: Looked) -> Finding:
    named = tuple(Named(path=one.path, detail="one tone") for one in looked.pictures if one.alike is None)
    return Finding(
        kind="plain",
        title=f"{_pictures(named)} of one tone",
        remedy="There is nothing to learn from one tone; take it out.",
        pictures=named,
    )


def _oversized(looked: Looked) -> Finding:
    config = looked.config
    named = tuple(
        Named(path=one.path, detail=f"{one.width} × {one.height} pixels")
        for one in _most_cut_first(looked)
        if is_oversized((one.width, one.height), *looked.size, config.splitting.split_threshold)
    )
    return Finding(
        kind="oversized",
        title=f"{_pictures(named)} much longer than the training size",
        remedy="Only a part would be seen. Split oversized images makes several pictures of each.",
        pictures=named,
        is_problem=False,
    )


def _cut_off(looked: Looked) -> Finding:
    config = looked.config
    named = tuple(
        Named(path=one.path, detail=f"loses {1 - kept_share(one, looked.size):.0%}")
        for one in _most_cut_first(looked)
        if kept_share(one, looked.size) < 1 - _CUT_OFF
    )
    how = "Auto-sized crop chooses a size that suits each picture; train with Resize mode buckets then."
    if not config.focal_crop:
        how = f"Auto focal point crop cuts around faces and detail. {how}"
    return Finding(
        kind="cut_off",
        title=f"{_pictures(named)} cropped by more than {_CUT_OFF:.0%}",
        remedy=how,
        pictures=named,
        is_problem=False,
    )


def _most_cut_first(looked: Looked) -> list[PictureFacts]:
    cut = (one for one in looked.pictures if _is_cut(one, looked))
    return sorted(cut, key=lambda one: kept_share(one, looked.size))


def _is_cut(one: PictureFacts, looked: Looked) -> bool:
    """Whether what doesn't fit the size is lost; splitting and auto-sizing don't suit all pictures."""
    config, size = looked.config, (one.width, one.height)
    if config.auto_size and best_size(size, config.auto_sizing):
        return False
    if config.split and is_oversized(size, *looked.size, config.splitting.split_threshold):
        return False
    return not config.keep_original_size


def _unreadable_captions(looked: Looked) -> Finding:
    named = tuple(
        Named(path=one.path, detail=one.caption_problem) for one in looked.pictures if one.caption_problem
    )
    return Finding(
        kind="unreadable_captions",
        title=f"{_captions(named)} can't be read",
        remedy="What can't be read is left out; save it as UTF-8 text.",
        pictures=named,
    )


def _no_caption(looked: Looked) -> Finding:
    named = tuple(
        Named(path=one.path, detail="no caption file" if one.caption is None else "an empty caption file")
        for one in looked.pictures
        if not one.caption and not one.caption_problem
    )
    makes = looked.config.caption != "none"
    return Finding(
        kind="no_caption",
        title=f"{_pictures(named)} without a caption",
        remedy=f"Caption is {looked.config.caption}: it will be written."
        if makes
        else "Training takes the words of the file name then. Choose tags or blip as Caption, or write"
        " captions in the tab Captions.",
        pictures=named,
        is_problem=not makes,
    )


def _long_captions(looked: Looked) -> Finding:
    count = looked.count_tokens
    named = []
    for one in looked.pictures:
        tokens = (count or least_tokens)(one.caption) if one.caption else 0
        if tokens > _ONE_CHUNK:
            told = f"{tokens} tokens" if count else f"{tokens} tokens or more"
            named.append(Named(path=one.path, detail=told))
    return Finding(
        kind="long_captions",
        title=f"{_captions(named)} of more than {_ONE_CHUNK} tokens",
        remedy="What comes after the first 75 counts less. Keep the words that matter, the important ones"
        " first.",
        pictures=tuple(named),
        is_problem=False,
    )


def _pictures(named: Sequence[Named]) -> str:
    return "1 picture is" if len(named) == 1 else f"{len(named)} pictures are"


def _files(named: Sequence[Named]) -> str:
    return "1 file" if len(named) == 1 else f"{len(named)} files"


def _captions(named: Sequence[Named]) -> str:
    return "1 caption" if len(named) == 1 else f"{len(named)} captions"


_FINDINGS = (
    _unreadable,
    _duplicates,
    _plain,
    _too_small,
    _blurry,
    _unreadable_captions,
    _no_caption,
    _near_duplicates,
    _oversized,
    _cut_off,
    _long_captions,
)
