"""Copies of a training picture beside it: mirrored ones, and ones without colours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ..configs import PreprocessConfig
from .derived import DerivedPicture
from .flip import exchanges_left_and_right, flips
from .grayscale import grayscale_copy

__all__ = ["flipped", "grayscale", "pictures_of_one"]


def flipped(picture: DerivedPicture, config: PreprocessConfig) -> Iterator[DerivedPicture]:
    """The mirrored copies of a picture; its mask is mirrored with it."""
    for flip in flips(config.flip):
        yield replace(
            picture,
            image=picture.image.transpose(flip),
            mask=None if picture.mask is None else picture.mask.transpose(flip),
            mirrored=picture.mirrored != exchanges_left_and_right(flip),
        )


def grayscale(picture: DerivedPicture, config: PreprocessConfig) -> Iterator[DerivedPicture]:
    """The copy of a picture without colours, if one is asked for; its mask is the same."""
    if config.colors.grayscale_copies:
        yield replace(picture, image=grayscale_copy(picture.image))


def pictures_of_one(config: PreprocessConfig) -> int:
    """How many pictures each part that is cut out becomes, with its copies."""
    return (1 + len(flips(config.flip))) * (2 if config.colors.grayscale_copies else 1)
