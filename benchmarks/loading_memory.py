"""How much memory loading a model takes at its worst, next to what is loaded in the end.

Models of real shapes with random weights, as a diffusers folder and as a single file in float32, are loaded
in every precision, by a process for each shape that has loaded the demo model before, so that the libraries
are there already. What the process has in RAM at most beyond that is divided by the size of the loaded
weights. Linux only.

    .venv/bin/python benchmarks/loading_memory.py [--shape small sd1] [--models FOLDER]
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

import torch

HERE = Path(__file__).resolve()
ROOT = HERE.parent.parent
sys.path[:0] = [str(ROOT / "modules"), str(ROOT / "tests"), str(HERE.parent)]

from measuring import forget_peak, in_process, peak, versions  # noqa: E402
from original_layout import write_single_file  # noqa: E402
from random_models import SHAPES, model_folder  # noqa: E402

from traintab.models.loading import load_model  # noqa: E402
from traintab.models.model import Model  # noqa: E402
from traintab.paths import Paths  # noqa: E402

CPU = torch.device("cpu")
PRECISIONS = ("fp32", "bf16", "fp16")
GIB = 2**30


def main() -> None:
    """Print a line for each kind of model in each precision."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--shape", nargs="+", choices=SHAPES, default=["small", "sd1"])
    parser.add_argument("--models", type=Path, help="a folder that keeps the models for the next time")
    parser.add_argument("--only", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.only:
        print(json.dumps(loading_peaks([Path(spec) for spec in options.only])))
        return
    print(versions(), flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        for shape in options.shape:
            folder = model_folder(shape, options.models or Path(scratch))
            file = folder.with_suffix(".safetensors")
            if not file.exists():
                write_single_file(folder, file)
            for name, found in in_process(HERE, "--only", str(folder), str(file)).items():
                told(shape, name, found)


def told(shape: str, name: str, found: dict[str, int]) -> None:
    """Print one line."""
    ratio = found["peak"] / found["loaded"]
    print(
        f"{shape}, {name}: peak {ratio:.3f} times what is loaded"
        f" ({found['peak'] / GIB:.2f} to {found['loaded'] / GIB:.2f} GiB)",
        flush=True,
    )


def loading_peaks(specs: list[Path]) -> dict[str, dict[str, int]]:
    """`loading_peak` of each model in each precision, with the libraries there already."""
    load_model("demo", Paths.under(specs[0].parent / "data"), device="cpu")
    return {
        f"{'folder' if spec.is_dir() else 'single file'}, {precision}": loading_peak(spec, precision)
        for spec in specs
        for precision in PRECISIONS
    }


def loading_peak(spec: Path, precision: str) -> dict[str, int]:
    """Bytes in RAM at most while the model `spec` is loaded, and bytes of its weights."""
    forget_peak(CPU)
    before = peak(CPU)
    model = load_model(str(spec), Paths.under(spec.parent / "data"), device="cpu", precision=precision)
    return {"peak": peak(CPU) - before, "loaded": loaded(model)}


def loaded(model: Model) -> int:
    """The bytes of a model's weights."""
    modules = (model.unet, model.vae, *(encoder.module for encoder in model.text_encoders))
    return sum(tensor.nbytes for module in modules for tensor in module.state_dict().values())


if __name__ == "__main__":
    main()
