"""A grid as one labelled picture: steps across, rows down, the seeds of a cell below each other."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw

from ..pictures.lettering import Font, fitting, font_of_size, legible, shortened, text_size
from ..sampling.generated import GeneratedImage
from ..sampling.infotext import parse_infotext
from ..sampling.saving import save_image
from .plan import GridPlan
from .snapshot import GridCell, GridColumn

__all__ = ["draw_picture", "grid_infotext", "write_picture"]

_PAPER, _INK, _FAINT, _MARK = "white", (20, 20, 20), (90, 90, 90), (0, 100, 60)
_EMPTY = (236, 236, 236)
_VERSION = 1  # to be raised when the same grid is drawn otherwise
_GAP = 6
_LEAST_WIDTH = 128
_MOST_SIDE = 15_000
_MOST_PIXELS = 60_000_000
_SIDE_SHARE, _LEAST_SIDE, _MOST_LABEL = 0.75, 150, 420
_LINE = 1.35
_LONGEST_TITLE = 600


def write_picture(plan: GridPlan, cells: Sequence[GridCell]) -> Path | None:
    """Write the labelled picture below the run's folder; None when there is no cell yet.

    The same grid is the same file, written once. Raises StorageError.
    """
    if not cells:
        return None
    cells = sorted(cells, key=lambda cell: (cell.row, plan.seeds.index(cell.seed), cell.column))
    path = plan.run.grids_dir / f"{plan.name}-{_digest(plan, cells)}.png"
    if path.is_file():
        return path
    plan.run.check()
    drawn = GeneratedImage(
        image=draw_picture(plan, cells), infotext=grid_infotext(plan, cells[0]), seed=cells[0].seed
    )
    save_image(drawn, path)
    return path


def _digest(plan: GridPlan, cells: Sequence[GridCell]) -> str:
    """Hex digits of all that can be seen: the pictures are known by their files' names."""
    facts = {
        "version": _VERSION,
        "cells": [(cell.row, cell.column, cell.seed, cell.path.name) for cell in cells],
        "columns": [(column.step, column.evaluation_loss, column.is_best) for column in plan.columns],
        "rows": [row.title for row in plan.rows],
        "head": [plan.model, plan.prompt, plan.seeds],
    }
    return hashlib.sha256(json.dumps(facts).encode("ascii")).hexdigest()[:10]


def grid_infotext(plan: GridPlan, first: GridCell) -> str:
    """The infotext of the grid's `first` cell, with what the grid compares among the parameters."""
    steps = " ".join(str(column.step) for column in plan.columns)
    rows = " | ".join(row.title for row in plan.rows).replace('"', "'").replace("\n", " ")
    if "Grid steps" in parse_infotext(first.infotext):
        return first.infotext
    return f'{first.infotext}, Grid steps: {steps}, Grid rows: "{rows}"'


def draw_picture(plan: GridPlan, cells: Sequence[GridCell]) -> Image.Image:
    """The labelled picture in RGB; a cell that isn't there yet is grey."""
    with Image.open(cells[0].path) as one:
        layout = _Layout.of(plan, one.size)
    page = Image.new("RGB", layout.size, _PAPER)
    draw = ImageDraw.Draw(page)
    _write_head(draw, plan, layout)
    for index in range(len(plan.columns)):
        _write_column(draw, plan.columns[index], layout, index)
    by_place = {(cell.row, cell.seed, cell.column): cell for cell in cells}
    for line, (row, seed) in enumerate(_lines(plan)):
        _write_side(draw, plan, layout, line)
        for column in range(len(plan.columns)):
            cell, corner = by_place.get((row, seed, column)), layout.corner(line, column)
            if cell is None:
                draw.rectangle((*corner, corner[0] + layout.cell[0], corner[1] + layout.cell[1]), fill=_EMPTY)
                continue
            with Image.open(cell.path) as opened:
                page.paste(opened.convert("RGB").resize(layout.cell, Image.Resampling.LANCZOS), corner)
    return page


@dataclass(frozen=True, kw_only=True)
class _Layout:
    """Where everything is, in pixels.

    `cell` is a picture's size, `side` the row labels' width, `head` the height of what stands above the
    pictures, `letters` the size of the text.
    """

    cell: tuple[int, int]
    side: int
    head: int
    letters: int
    columns: int
    lines: int
    seeds: int

    @classmethod
    def of(cls, plan: GridPlan, picture: tuple[int, int]) -> _Layout:
        columns, lines = len(plan.columns), len(plan.rows) * len(plan.seeds)
        factor = _factor(picture, columns, lines)
        cell = max(1, round(picture[0] * factor)), max(1, round(picture[1] * factor))
        letters = min(max(14, cell[0] // 14), 36)
        side = round(min(max(cell[0] * _SIDE_SHARE, _LEAST_SIDE), _MOST_LABEL))
        head = round(letters * _LINE * 4.2)
        return cls(
            cell=cell,
            side=side,
            head=head,
            letters=letters,
            columns=columns,
            lines=lines,
            seeds=len(plan.seeds),
        )

    @property
    def small_letters(self) -> int:
        """Of what is less important."""
        return round(self.letters * 0.85)

    @property
    def line_height(self) -> int:
        """From one line of text to the next."""
        return round(self.letters * _LINE)

    @property
    def size(self) -> tuple[int, int]:
        """Of the whole picture."""
        right, bottom = self.corner(self.lines, self.columns)
        return right, bottom

    def corner(self, line: int, column: int) -> tuple[int, int]:
        """The upper left corner of a picture; rows are further apart than their seeds."""
        return (
            self.side + 2 * _GAP + column * (self.cell[0] + _GAP),
            self.head + line * (self.cell[1] + _GAP) + line // self.seeds * _GAP,
        )


def _factor(picture: tuple[int, int], columns: int, lines: int) -> float:
    """By how much pictures are enlarged to be seen, or made smaller so that all of them can be opened."""
    width, height = picture
    larger = float(max(1, -(-_LEAST_WIDTH // width)))
    by_side = min(_MOST_SIDE / (width * columns), _MOST_SIDE / (height * lines))
    by_pixels: float = (_MOST_PIXELS / (width * columns * height * lines)) ** 0.5
    return min(larger, by_side, by_pixels)


def _lines(plan: GridPlan) -> Iterator[tuple[int, int]]:
    """Row and seed of every line of pictures."""
    yield from ((row, seed) for row in range(len(plan.rows)) for seed in plan.seeds)


@dataclass(frozen=True, kw_only=True)
class _Pen:
    """Writes in letters of `size` pixels, no wider than `width`."""

    draw: ImageDraw.ImageDraw
    size: int
    width: int

    def write(self, corner: tuple[int, int], text: str, ink: tuple[int, int, int]) -> None:
        font = font_of_size(text, self.size)
        self.draw.text(corner, shortened(legible(text, font), font, self.width), ink, font=font)


def _write_head(draw: ImageDraw.ImageDraw, plan: GridPlan, layout: _Layout) -> None:
    day, run = plan.run.path.parent.name, plan.run.path.name
    prompt = () if plan.rows[0].title == plan.rows[0].prompt else (plan.prompt,)
    text = "   |   ".join((plan.name, f"{day}/{run}", plan.model, *prompt))
    pen = _Pen(draw=draw, size=round(layout.letters * 1.15), width=layout.size[0] - 2 * _GAP)
    pen.write((_GAP, _GAP), text, _INK)


def _write_column(draw: ImageDraw.ImageDraw, column: GridColumn, layout: _Layout, index: int) -> None:
    left = layout.corner(0, index)[0]
    top = layout.head - round(layout.letters * _LINE * 2.3)
    width = layout.cell[0]
    _Pen(draw=draw, size=layout.letters, width=width).write((left, top), f"step {column.step}", _INK)
    if column.evaluation_loss is not None:
        told = f"loss {column.evaluation_loss:.4f}" + (", best" if column.is_best else "")
        small = _Pen(draw=draw, size=layout.small_letters, width=width)
        small.write((left, top + layout.line_height), told, _MARK if column.is_best else _FAINT)


def _write_side(draw: ImageDraw.ImageDraw, plan: GridPlan, layout: _Layout, line: int) -> None:
    """The row's title beside its first line of pictures, the seed beside each."""
    row, number = divmod(line, len(plan.seeds))
    top, height = layout.corner(line, 0)[1], layout.line_height
    seed_at = top + layout.cell[1] - height
    small = _Pen(draw=draw, size=layout.small_letters, width=layout.side)
    small.write((_GAP, seed_at), f"seed {plan.seeds[number]}", _FAINT)
    if number:
        return
    title = plan.rows[row].title
    font = font_of_size(title, layout.letters)
    room = max(1, (seed_at - top) // height)
    for index, text in enumerate(_wrapped(legible(title, font), font, layout.side, room)):
        draw.text((_GAP, top + index * height), text, _INK, font=font)


def _wrapped(text: str, font: Font, width: int, most_lines: int) -> list[str]:
    """The text in at most so many lines of this width; dots where some of it is missing."""
    lines: list[str] = []
    rest = " ".join(text[:_LONGEST_TITLE].split())
    while rest and len(lines) < most_lines - 1 and text_size(font, rest)[0] > width:
        length = _fitting(rest, font, width)
        lines.append(rest[:length].rstrip())
        rest = rest[length:].lstrip()
    return [*lines, shortened(rest, font, width)] if rest else lines


def _fitting(text: str, font: Font, width: int) -> int:
    """How many letters of a text that is too long go into one line, whole words where there are any."""
    length = max(1, fitting(text, font, width))
    blank = text.rfind(" ", 0, length + 1)
    return blank if blank > 0 else length
