"""`demo evaluate`."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from traintab.demo.evaluate import figures, sizes
from traintab.demo.evaluation.document import Findings
from traintab.demo.evaluation.inversion import InversionResult
from traintab.demo.evaluation.prompts import Obedience


def test_sizes_are_megabytes_of_each_part_and_the_judge(tmp_path: Path) -> None:
    (tmp_path / "unet").mkdir()
    (tmp_path / "unet" / "weights").write_bytes(b"0" * 1_500_000)
    (tmp_path / "unet" / "config").write_bytes(b"0" * 500_000)
    (tmp_path / "model_index.json").write_text("{}")
    found = sizes(tmp_path)
    assert set(found) == {"unet", "judge"}
    assert found["unet"] == 2.0
    assert 0 < found["judge"] <= 2.0


def test_the_figures_are_numbers_by_name() -> None:
    result = InversionResult(
        name="rosa",
        kind="character",
        noun="girl",
        before=0.25,
        after=0.75,
        real=1.0,
        obeyed=0.5,
        obeyed_before=0.625,
        seconds=31.0,
        pictures=([Image.new("RGB", (8, 8))], [], []),
    )
    findings = Findings(
        sizes={"unet": 18.0},
        psnr=24.5,
        reconstructions=[],
        obedience=Obedience(shares={"kind": 0.75}, pictures=[], prompts=[]),
        ceiling={},
        concepts=[result],
        seeds=(1,),
    )
    assert figures(findings) == {
        "psnr": 24.5,
        "sizes": {"unet": 18.0},
        "prompts": {"kind": 0.75},
        "concepts": {
            "rosa": {
                "before": 0.25,
                "after": 0.75,
                "real": 1.0,
                "obeyed": 0.5,
                "obeyed_before": 0.625,
                "seconds": 31.0,
            }
        },
    }
