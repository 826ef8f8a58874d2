from __future__ import annotations

import dataclasses
from itertools import pairwise
from pathlib import Path

import pytest
from PIL import Image, ImageFont

from traintab.configs import GenerationConfig
from traintab.grids.picture import draw_picture, grid_infotext, write_picture
from traintab.grids.plan import GridPlan
from traintab.grids.snapshot import GridCell, GridColumn, GridRow
from traintab.pictures import lettering
from traintab.sampling.infotext import parse_infotext
from traintab.training.run_folder import RunFolder

WHITE = (255, 255, 255)


def plan_of(
    folder: Path, *, steps: int = 2, rows: tuple[str, ...] = ("mira", "mira, night"), seeds: int = 1
) -> GridPlan:
    columns = tuple(
        GridColumn(step=10 * step, path=folder, evaluation_loss=0.5 / step, is_best=step == steps)
        for step in range(1, steps + 1)
    )
    return GridPlan(
        name="mira",
        run=RunFolder(path=folder, embedding_name="mira"),
        columns=columns,
        rows=tuple(GridRow(title=row, prompt=row) for row in rows),
        seeds=tuple(range(seeds)),
        prompt=rows[0],
        settings=GenerationConfig(),
        vectors=({},) * steps,
        model="tiny",
    )


def cells_of(plan: GridPlan, folder: Path, size: tuple[int, int]) -> list[GridCell]:
    """Pictures whose red tells the row, green the column and blue the seed."""
    cells = []
    for place in plan.places():
        path = folder / f"{place.row}-{place.column}-{place.seed}.png"
        Image.new("RGB", size, (60 + 60 * place.row, 60 * place.column, 60 * place.seed)).save(path)
        cell = GridCell(
            row=place.row, column=place.column, seed=place.seed, path=path, infotext="mira\nSteps: 1, Seed: 0"
        )
        cells.append(cell)
    return cells


def colors(page: Image.Image) -> dict[tuple[int, int, int], tuple[int, int]]:
    """Colours of large areas, with the middle of each."""
    found: dict[tuple[int, int, int], list[tuple[int, int]]] = {}
    for y in range(0, page.height, 4):
        for x in range(0, page.width, 4):
            pixel = page.getpixel((x, y))
            assert isinstance(pixel, tuple)
            found.setdefault((pixel[0], pixel[1], pixel[2]), []).append((x, y))
    large = {color: places for color, places in found.items() if len(places) > 200}
    return {
        color: (sum(x for x, _ in places) // len(places), sum(y for _, y in places) // len(places))
        for color, places in large.items()
    }


def test_steps_go_across_and_rows_down_with_their_seeds_below_each_other(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, seeds=2)
    places = colors(draw_picture(plan, cells_of(plan, tmp_path, (128, 96))))
    places.pop(WHITE)

    assert len(places) == 8
    across = [places[(60, 60 * column, 0)] for column in range(2)]
    assert across[0][0] + 128 < across[1][0] and across[0][1] == across[1][1]
    down = [places[(60 + 60 * row, 0, 60 * seed)][1] for row in range(2) for seed in range(2)]
    assert down == sorted(down) and all(b - a >= 96 for a, b in pairwise(down))


def test_labels_stand_beside_and_above_the_pictures(tmp_path: Path) -> None:
    plan = plan_of(tmp_path)
    page = draw_picture(plan, cells_of(plan, tmp_path, (128, 128)))
    left, top, right, _ = (120, 60, page.width - 10, page.height)

    assert len(page.crop((0, top + 20, left, top + 60)).getcolors() or ()) > 10
    assert len(page.crop((left, 20, right, top)).getcolors() or ()) > 10
    without = plan_of(tmp_path, rows=("", ""))
    assert page.tobytes() != draw_picture(without, cells_of(without, tmp_path, (128, 128))).tobytes()


def test_a_cell_that_is_missing_is_grey(tmp_path: Path) -> None:
    plan = plan_of(tmp_path)
    cells = cells_of(plan, tmp_path, (128, 128))
    assert (236, 236, 236) in colors(draw_picture(plan, cells[:-1]))
    assert (236, 236, 236) not in colors(draw_picture(plan, cells))


@pytest.mark.parametrize(("size", "shown"), [((64, 64), 128), ((32, 48), 128), ((512, 512), 512)])
def test_small_pictures_are_enlarged_so_that_labels_fit(
    tmp_path: Path, size: tuple[int, int], shown: int
) -> None:
    plan = plan_of(tmp_path, steps=1, rows=("mira",))
    page = draw_picture(plan, cells_of(plan, tmp_path, size))
    assert shown < page.width < shown + 450


def test_a_huge_grid_is_made_smaller(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, steps=40, rows=("a", "b"))
    one = Image.new("RGB", (1024, 1024), "red")
    one.save(tmp_path / "one.png")
    cell = GridCell(row=0, column=0, seed=0, path=tmp_path / "one.png")
    page = draw_picture(plan, [cell])
    assert page.width < 16_384 and page.width * page.height < 89_000_000


@pytest.mark.parametrize("title", ["", "a " * 500, "x" * 500, "夏の写真", "<b>&amp;", "line\nbreak"])
def test_any_title_can_be_written(tmp_path: Path, title: str) -> None:
    plan = plan_of(tmp_path, rows=(title,))
    page = draw_picture(plan, cells_of(plan, tmp_path, (64, 64)))
    assert page.height < 400


def test_the_infotext_is_the_first_pictures_with_what_is_compared(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, rows=('say "hi", mira', "two\nlines"))
    first = cells_of(plan, tmp_path, (64, 64))[0]
    told = parse_infotext(grid_infotext(plan, first))
    assert told["Seed"] == "0" and told["Grid steps"] == "10 20"
    assert told["Grid rows"] == "say 'hi', mira | two lines"


def test_the_same_grid_is_the_same_file_and_another_one_another(tmp_path: Path) -> None:
    plan = plan_of(tmp_path)
    cells = cells_of(plan, tmp_path, (64, 64))
    whole, part = write_picture(plan, cells), write_picture(plan, cells[:2])
    assert whole == write_picture(plan, cells[::-1]) != part
    assert sorted(tmp_path.joinpath("grids").glob("*.png")) == sorted(path for path in (whole, part) if path)
    columns = (*plan.columns[:-1], dataclasses.replace(plan.columns[-1], is_best=False))
    assert write_picture(dataclasses.replace(plan, columns=columns), cells) not in (whole, part)
    assert write_picture(plan, []) is None


def test_an_old_pillow_without_any_other_font_writes_latin_letters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bitmap = ImageFont.load_default_imagefont()

    def load_default() -> object:
        return bitmap

    monkeypatch.setattr(ImageFont, "load_default", load_default)
    monkeypatch.setattr(lettering, "_OTHER_FONTS", ())
    plan = plan_of(tmp_path, rows=("夏 · mira",))
    empty = plan_of(tmp_path, rows=("",))
    cells = cells_of(plan, tmp_path, (128, 128))
    assert draw_picture(plan, cells).tobytes() != draw_picture(empty, cells).tobytes()
