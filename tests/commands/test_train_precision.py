"""Precision and memory of a training, from the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from traintab.embeddings.formats import read_embedding

QUICK = ("--save-every", 0, "--preview-every", 0, "--template", "subject.txt")
CHOSEN = {"precision": "fp16", "gradient_checkpointing": "on", "deterministic": True}


def test_a_run_in_half_precision_is_trained_recorded_and_gone_on_with(
    line: Any, cat: Path, pictures: Path, tiny_model_dir: Path
) -> None:
    chosen = [f"{field}={str(value).lower()}" for field, value in CHOSEN.items()]
    words = ("train", "cat", "--data", pictures, "--model", tiny_model_dir, *QUICK, "--steps", 3)
    answer = line(*words, "--set", *chosen, "--json")
    assert answer.status == 0
    assert "Its UNet is in fp16, as asked for." in answer.err
    steps = [event for event in answer.objects if event["event"] == "step_completed"]
    assert [event["skipped_updates"] for event in steps] == sorted(e["skipped_updates"] for e in steps)
    assert read_embedding(cat).step == 3
    (run,) = (line.data_dir / "textual_inversion").glob("*/*/run.yaml")
    assert yaml.safe_load(run.read_text(encoding="utf-8"))["memory"] == CHOSEN
    again = line("train", "cat", "--config", run, "--steps", 5)
    assert again.status == 0
    assert read_embedding(cat).step == 5


def test_a_precision_that_is_none_is_refused_with_those_there_are(
    line: Any, cat: Path, pictures: Path, tiny_model_dir: Path
) -> None:
    answer = line("train", "cat", "--data", pictures, "--model", tiny_model_dir, "--set", "precision=fp8")
    assert answer.status == 2
    assert "Precision is 'fp8'; it must be one of auto, fp32, bf16, fp16" in answer.err
