from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from traintab.configs import PreprocessConfig
from traintab.preprocessing.events import PreprocessInterrupted
from traintab.preprocessing.report import PreprocessReport
from traintab.preprocessing.run import preprocess


def test_a_report_says_what_became_of_every_file(source: Path, save: Any, tmp_path: Path) -> None:
    save("a.png", (32, 32))
    (source / "b.png").write_bytes(b"no picture")
    config = PreprocessConfig(source=str(source), destination=str(tmp_path / "out"), width=64, height=64)
    report = PreprocessReport(dry_run=True)
    for event in preprocess(config, dry_run=True):
        report.add(event)
    mapping = json.loads(json.dumps(report.to_mapping()))
    assert mapping["status"] == "finished"
    assert mapping["dry_run"] is True
    assert (mapping["width"], mapping["height"], mapping["total"]) == (64, 64, 2)
    (written,) = mapping["written"]
    assert written["outputs"] == [str(tmp_path / "out" / "00000-0-a.png")]
    assert "enlarged 2 times" in written["notes"][0]
    (skipped,) = mapping["skipped"]
    assert skipped["source"] == str(source / "b.png")
    assert "b.png" in skipped["reason"]


def test_an_interrupted_run_is_reported_as_such() -> None:
    report = PreprocessReport()
    assert report.to_mapping()["status"] == "running"
    report.add(PreprocessInterrupted(written=1, skipped=0, remaining=2))
    assert report.to_mapping()["status"] == "interrupted"
