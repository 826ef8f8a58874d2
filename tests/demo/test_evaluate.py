"""`demo evaluate`."""

from __future__ import annotations

from pathlib import Path

from traintab.demo.evaluate import sizes


def test_sizes_are_megabytes_of_each_part_and_the_judge(tmp_path: Path) -> None:
    (tmp_path / "unet").mkdir()
    (tmp_path / "unet" / "weights").write_bytes(b"0" * 1_500_000)
    (tmp_path / "unet" / "config").write_bytes(b"0" * 500_000)
    (tmp_path / "model_index.json").write_text("{}")
    found = sizes(tmp_path)
    assert set(found) == {"unet", "judge"}
    assert found["unet"] == 2.0
    assert 0 < found["judge"] <= 2.0
