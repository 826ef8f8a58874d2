"""The page that tells what an evaluation found."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from traintab.demo.evaluation.document import Findings, write_document
from traintab.demo.evaluation.inversion import InversionResult
from traintab.demo.evaluation.prompts import ASKED, Obedience
from traintab.demo.evaluation.sampler import grid


def picture() -> Image.Image:
    return Image.new("RGB", (16, 16), (200, 10, 10))


def result(name: str, after: float, obeyed: float = 0.9) -> InversionResult:
    return InversionResult(
        name=name,
        kind="character",
        noun="girl",
        before=0.3,
        after=after,
        real=1.0,
        obeyed=obeyed,
        obeyed_before=0.9,
        seconds=40.0,
        pictures=([picture()] * 4, [picture()] * 4, [picture()] * 4),
    )


def findings(*, share: float = 0.9, after: float = 0.96, psnr: float = 25.5, obeyed: float = 0.9) -> Findings:
    shares = dict.fromkeys((*ASKED, "kind"), share)
    return Findings(
        sizes={"unet": 18.04, "judge": 1.5},
        psnr=psnr,
        reconstructions=[picture()] * 4,
        obedience=Obedience(shares=shares, pictures=[picture()] * 20, prompts=["a girl"] * 20),
        ceiling=dict.fromkeys(shares, 0.99),
        concepts=[result(f"concept{n}", after, obeyed) for n in range(6)],
        seeds=(4, 5),
    )


def written(folder: Path, found: Findings) -> str:
    write_document(folder / "demo-model.md", found)
    return (folder / "demo-model.md").read_text(encoding="utf-8")


def test_each_figure_stands_beside_its_target(tmp_path: Path) -> None:
    text = written(tmp_path, findings())
    assert "| model and judge | 19.5 MB | at most 30 MB | met |" in text
    assert "| eye color | 90 % | 99 % | at least 85 % | met |" in text
    assert "| concepts at 90 % of real drawings | 6 of 6 | at least 6 | met |" in text
    assert "missed" not in text


def test_what_is_missed_is_said(tmp_path: Path) -> None:
    text = written(tmp_path, findings(share=0.5, after=0.5, psnr=21.0, obeyed=0.4))
    assert text.count("**missed**") == len(ASKED) + 3


def test_attributes_without_a_target_have_none(tmp_path: Path) -> None:
    assert "| kind | 90 % | 99 % |  |  |" in written(tmp_path, findings())


def test_the_command_that_wrote_it_is_told_with_its_seeds(tmp_path: Path) -> None:
    assert "`python3 extension.py demo evaluate --seeds 4 5`" in written(tmp_path, findings())


def test_the_grids_lie_beside_the_page(tmp_path: Path) -> None:
    text = written(tmp_path, findings())
    for name in ("reconstructions", "prompts", "concepts"):
        assert f"(demo-model/{name}.webp)" in text
        with Image.open(tmp_path / "demo-model" / f"{name}.webp") as image:
            assert image.width > 100


def test_a_page_of_another_name_has_its_own_folder(tmp_path: Path) -> None:
    write_document(tmp_path / "mine.md", findings())
    assert "(mine/concepts.webp)" in (tmp_path / "mine.md").read_text(encoding="utf-8")
    assert (tmp_path / "mine" / "concepts.webp").is_file()


def test_a_grid_has_its_pictures_in_rows() -> None:
    sheet = grid([[picture()] * 3, [picture()]], side=20)
    assert sheet.size == (72, 48)
    assert sheet.getpixel((12, 36)) == (200, 10, 10)
    assert sheet.getpixel((60, 36)) == (255, 255, 255)
