"""`docs/demo-model.md`: each figure beside its target, and the grids it shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from .inversion import LEARNING_RATE, STEPS, VECTORS, InversionResult
from .prompts import ASKED, Obedience
from .sampler import grid

OBEYED_TARGET = 0.85
INVERSION_TARGET = 0.90
CHANGE_TARGET = 0.95
MINUTES_TARGET = 2.0
SIZE_TARGET = 30.0
PSNR_AIM = 25.0


@dataclass(frozen=True, kw_only=True)
class Findings:
    """All that one evaluation found; sizes in megabytes (10^6 bytes), PSNR in dB."""

    sizes: dict[str, float]
    psnr: float
    reconstructions: list[Image.Image]
    obedience: Obedience
    ceiling: dict[str, float]
    concepts: Sequence[InversionResult]
    seeds: Sequence[int]


def _mark(is_met: bool) -> str:
    return "met" if is_met else "**missed**"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _size_lines(findings: Findings) -> list[str]:
    total = sum(findings.sizes.values())
    parts = ", ".join(f"{name} {size:.1f}" for name, size in findings.sizes.items())
    return [
        "## Size and sharpness",
        "",
        "| | found | target | |",
        "|---|---|---|---|",
        f"| model and judge | {total:.1f} MB | at most {SIZE_TARGET:.0f} MB |"
        f" {_mark(total <= SIZE_TARGET)} |",
        f"| autoencoder on drawings it never saw | {findings.psnr:.1f} dB | aim {PSNR_AIM:.0f} dB |"
        f" {_mark(findings.psnr >= PSNR_AIM)} |",
        "",
        f"In MB: {parts}.",
        "",
        "Above drawings, below what the autoencoder makes of them:",
        "",
        "![drawings and reconstructions](demo-model/reconstructions.webp)",
        "",
    ]


def _prompt_lines(findings: Findings) -> list[str]:
    shares = findings.obedience.shares
    lines = [
        "## Attributes asked for by prompt",
        "",
        "Combinations of hair and eyes that were held out from training. *Drawings* is what the judge finds"
        " in the artist's own drawings of the same: no model could score higher.",
        "",
        "| attribute | as asked | drawings | target | |",
        "|---|---|---|---|---|",
    ]
    for key, share in shares.items():
        asked = key in ASKED
        target = f"at least {_percent(OBEYED_TARGET)} | {_mark(share >= OBEYED_TARGET)}" if asked else " | "
        lines.append(f"| {key} | {_percent(share)} | {_percent(findings.ceiling[key])} | {target} |")
    pictures = "![one picture a prompt](demo-model/prompts.webp)"
    prompts = [f"- {prompt}" for prompt in findings.obedience.prompts]
    return [*lines, "", pictures, "", "The prompts, row by row:", "", *prompts, ""]


def _concept_lines(findings: Findings) -> list[str]:
    lines = [
        "## Textual inversion",
        "",
        "Concepts the model has no word for, trained with this project's own trainer on 7 pictures of mixed"
        f" size, {STEPS} steps of batch 4 at learning rate {LEARNING_RATE}, {VECTORS} vectors. Scores are"
        " shares of the concept's attributes that the judge finds; *before* has the starting word in place of"
        " the embedding.",
        "",
        "| concept | kind, from | before | after | drawings | after : drawings | changes obeyed |"
        " with the word | seconds |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for result in findings.concepts:
        lines.append(
            f"| {result.name} | {result.kind}, {result.noun} | {_percent(result.before)} |"
            f" {_percent(result.after)} | {_percent(result.real)} | {_percent(result.after / result.real)} |"
            f" {_percent(result.obeyed)} | {_percent(result.obeyed_before)} | {result.seconds:.0f} |"
        )
    return [*lines, "", *_concept_summary(findings)]


def _concept_summary(findings: Findings) -> list[str]:
    good = sum(result.after >= INVERSION_TARGET * result.real for result in findings.concepts)
    obeyed = sum(result.obeyed for result in findings.concepts)
    obeyed_before = sum(result.obeyed_before for result in findings.concepts)
    slowest = max(result.seconds for result in findings.concepts) / 60
    ratio = obeyed / max(obeyed_before, 1e-9)
    return [
        "| | found | target | |",
        "|---|---|---|---|",
        f"| concepts at {_percent(INVERSION_TARGET)} of real drawings |"
        f" {good} of {len(findings.concepts)} | at least 6 | {_mark(good >= 6)} |",
        f"| changes obeyed, compared with the starting word | {_percent(ratio)} | at least"
        f" {_percent(CHANGE_TARGET)} | {_mark(ratio >= CHANGE_TARGET)} |",
        f"| slowest training | {slowest:.1f} minutes | {MINUTES_TARGET:.0f} minutes |"
        f" {_mark(slowest <= MINUTES_TARGET)} |",
        "",
        "For each concept: training pictures, samples, and samples with clothes or background changed by"
        " prompt.",
        "",
        "![concepts](demo-model/concepts.webp)",
        "",
    ]


def write_document(output: Path, findings: Findings) -> None:
    """Write the report to `output` and its grids into a folder of the same name beside it."""
    pictures = output.with_suffix("")
    pictures.mkdir(parents=True, exist_ok=True)
    shown, asked = findings.reconstructions, findings.obedience.pictures
    half = len(shown) // 2
    grid([shown[:half], shown[half:]]).save(pictures / "reconstructions.webp", quality=80)
    grid([asked[:10], asked[10:20]]).save(pictures / "prompts.webp", quality=80)
    rows = [[picture for part in result.pictures for picture in part[:4]] for result in findings.concepts]
    grid(rows, side=80).save(pictures / "concepts.webp", quality=80)
    seeds = " ".join(str(seed) for seed in findings.seeds)
    lines = [
        "# The demo model",
        "",
        "A small Stable Diffusion of 128 px portraits and objects, drawn by a procedural artist, made so"
        " that the program can be tried without a download. `python3 extension.py demo build` makes it anew;"
        f" this page is written by `python3 extension.py demo evaluate --seeds {seeds}`. Pictures are drawn"
        " with the page's own settings (Euler a, 20 steps, the model's own CFG scale), and read by a judge"
        " that was trained on drawings only.",
        "",
        *_size_lines(findings),
        *_prompt_lines(findings),
        *_concept_lines(findings),
    ]
    output.write_text("\n".join(lines).replace("demo-model/", f"{pictures.name}/"), encoding="utf-8")
