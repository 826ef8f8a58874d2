"""`demo evaluate`: the model's samples before the judge, and the page that tells what it found."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from ..models.loading import load_model
from ..paths import Paths
from .evaluation.document import Findings, write_document
from .evaluation.inversion import InversionResult, measure_concept
from .evaluation.outside import load_concepts
from .evaluation.prompts import judge_ceiling, measure_obedience, reconstruction
from .judge import WEIGHTS, Judge

SEEDS = (11, 12, 13, 14, 15, 16)


def sizes(model_dir: Path) -> dict[str, float]:
    """Megabytes (10^6 bytes) of each part of the model folder, and of the judge."""
    parts = {folder.name: folder for folder in sorted(model_dir.iterdir()) if folder.is_dir()}
    parts["judge"] = WEIGHTS.parent
    return {
        name: sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6
        for name, folder in parts.items()
    }


def evaluate(
    model_dir: Path,
    output: Path,
    *,
    concepts: Path | None,
    seeds: Sequence[int] | None = None,
    report: Callable[[str], None],
) -> dict[str, object]:
    """Judge the model in `model_dir` and write the page `output` with its grids.

    `concepts`: a file or a folder of pictures in place of the built-in concepts. `seeds` decide prompts,
    samples and the real drawings. Returns the figures. Raises ConfigError for a concept file that can't be
    used.
    """
    seeds = tuple(seeds or SEEDS)
    judge = Judge.load()
    with tempfile.TemporaryDirectory() as folder:
        prepared = load_concepts(concepts, judge, Path(folder), seeds[0])
        model = load_model(str(model_dir), Paths.under(Path(folder)))
        psnr, reconstructions = reconstruction(model)
        report(f"autoencoder: {psnr:.2f} dB")
        obedience = measure_obedience(model, judge, seeds)
        report(", ".join(f"{key} {100 * share:.0f} %" for key, share in obedience.shares.items()))
        results = []
        for concept in prepared:
            results.append(measure_concept(model, judge, concept, 10_000 * seeds[0]))
            report(_told(results[-1]))
    findings = Findings(
        sizes=sizes(model_dir),
        psnr=psnr,
        reconstructions=reconstructions,
        obedience=obedience,
        ceiling=judge_ceiling(judge, seeds),
        concepts=results,
        seeds=seeds,
    )
    output.parent.mkdir(parents=True, exist_ok=True)
    write_document(output, findings)
    report(f"Wrote {output}")
    return figures(findings)


def _told(result: InversionResult) -> str:
    return (
        f"{result.name} ({result.kind}): {result.before:.2f} before, {result.after:.2f} after,"
        f" drawings {result.real:.2f}; changes obeyed {result.obeyed:.2f}, with the word"
        f" {result.obeyed_before:.2f}; {result.seconds:.0f} seconds"
    )


def figures(findings: Findings) -> dict[str, object]:
    """The numbers of an evaluation, without its pictures."""
    concepts = {}
    for result in findings.concepts:
        numbers = dataclasses.asdict(dataclasses.replace(result, pictures=([], [], [])))
        concepts[result.name] = {key: value for key, value in numbers.items() if isinstance(value, float)}
    return {
        "psnr": findings.psnr,
        "sizes": findings.sizes,
        "prompts": findings.obedience.shares,
        "concepts": concepts,
    }
