"""Preprocess images against a plain Pillow loop, and its memory over thousands of pictures.

    .venv/bin/python benchmarks/preprocessing.py [--kind photos|jpeg12|small …] [--pictures 12] [--rounds 5]
    .venv/bin/python benchmarks/preprocessing.py --memory 10000

The loop opens each picture, turns it upright, scales and crops its middle by Lanczos and saves a PNG with
Pillow's own settings, on one thread. Ours writes the same pictures to a new folder, with the record that
belongs to a run. Both work in turns on the same files; ratios are pictures a second of ours ÷ those of the
loop by the clock on the wall: of the rounds the lower quartile, the median, the upper quartile, and that of
the fastest rounds, for busy machines. `by_processor_time` are the same on one thread by the time that this
process computed. `photos` are PNG and JPEG files of 1 to 2 megapixels, `jpeg12` JPEG files of 12, `small` PNG
files of 96 x 96.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from measuring import compared, in_turns
from PIL import Image, ImageOps, features

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "modules"))

from traintab.configs import FilesConfig, PreprocessConfig  # noqa: E402
from traintab.preprocessing import PreprocessFinished, preprocess  # noqa: E402

SIZE = 512
SIZES = {"photos": [(1600, 1067), (1000, 1000), (1080, 1350)], "jpeg12": [(4000, 3000)], "small": [(96, 96)]}


def main() -> None:
    """Measure, and print one JSON object a kind."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--kind", choices=SIZES, action="append")
    parser.add_argument("--pictures", type=int, default=12)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--memory", type=int, metavar="N", help="instead, the memory over N small pictures")
    options = parser.parse_args()
    print(f"Pillow {Image.__version__}, zlib {features.version('zlib')}, {os.cpu_count()} processors")
    with tempfile.TemporaryDirectory() as folder:
        if options.memory:
            print(json.dumps(memory(Path(folder), options.memory, options.workers)))
            return
        for kind in options.kind or ["photos", "jpeg12"]:
            place = Path(folder) / kind
            write_pictures(place / "source", SIZES[kind], options.pictures, jpeg=kind == "jpeg12")
            print(json.dumps({"kind": kind, **measured(place, options)}))


def measured(place: Path, options: argparse.Namespace) -> dict[str, object]:
    """Ours on one thread and on several against the loop."""

    def works(workers: int) -> list[Callable[[], object]]:
        return [lambda: plain_loop(place / "source", place / "plain"), lambda: ours(place, workers)]

    for work in works(options.workers):
        work()  # what is loaded once, and the disk's cache
    alone = in_turns(works(1), options.rounds, time.process_time)
    return {
        "pictures": options.pictures,
        "loop_pictures_a_second": options.pictures / compared(*alone)["floor_seconds"],
        "by_processor_time": ratio(*alone),
        "one_worker": ratio(*in_turns(works(1), options.rounds, time.perf_counter)),
        f"{options.workers}_workers": ratio(
            *in_turns(works(options.workers), options.rounds, time.perf_counter)
        ),
        "decibels_to_the_loop": least_likeness(place / "plain", place / "ours"),
    }


def ratio(loop: list[float], own: list[float]) -> list[float]:
    """How many times as fast as the loop: the lower quartile, the median, the upper quartile, the fastest
    round of each, which other programs have disturbed least.
    """
    found = compared(loop, own)
    quartiles = [round(1 / found[name], 2) for name in ("ratio_high", "ratio", "ratio_low")]
    return [*quartiles, round(min(loop) / min(own), 2)]


def plain_loop(source: Path, destination: Path) -> None:
    """What one would write by hand."""
    with made_anew(destination):
        for path in sorted(source.iterdir()):
            with Image.open(path) as opened:
                picture = ImageOps.exif_transpose(opened).convert("RGB")
            factor = max(SIZE / picture.width, SIZE / picture.height)
            scaled = picture.resize(
                (round(picture.width * factor), round(picture.height * factor)), Image.Resampling.LANCZOS
            )
            left, top = (scaled.width - SIZE) // 2, (scaled.height - SIZE) // 2
            scaled.crop((left, top, left + SIZE, top + SIZE)).save(destination / f"{path.stem}.png")


def ours(place: Path, workers: int) -> None:
    """A whole run into a new folder."""
    with made_anew(place / "ours"):
        run(place / "source", place / "ours", workers)


def run(source: Path, destination: Path, workers: int, size: int = SIZE) -> PreprocessFinished:
    config = PreprocessConfig(
        source=str(source),
        destination=str(destination),
        width=size,
        height=size,
        files=FilesConfig(workers=workers),
    )
    for event in preprocess(config):
        last = event
    if not isinstance(last, PreprocessFinished) or last.skipped:
        raise SystemExit(f"The run ended with {last}.")
    return last


@contextlib.contextmanager
def made_anew(folder: Path) -> Iterator[None]:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    yield


def least_likeness(plain: Path, own: Path) -> float:
    """The peak signal-to-noise ratio of the picture that differs most from the loop's."""
    decibels = []
    for path in plain.iterdir():
        (other,) = own.glob(f"*-{path.stem}.png")
        with Image.open(path) as one, Image.open(other) as two:
            error = np.mean((np.asarray(one, float) - np.asarray(two, float)) ** 2)
        decibels.append(10 * np.log10(255**2 / max(error, 1e-9)))
    return round(min(decibels), 1)


def write_pictures(folder: Path, sizes: list[tuple[int, int]], count: int, *, jpeg: bool) -> None:
    """Pictures with detail of every size, as photos have, and some grain."""
    folder.mkdir(parents=True)
    for number in range(count):
        picture = photo(sizes[number % len(sizes)], number)
        if jpeg or number % 2:
            picture.save(folder / f"{number:05}.jpg", quality=92)
        else:
            picture.save(folder / f"{number:05}.png", compress_level=1)


def photo(size: tuple[int, int], seed: int) -> Image.Image:
    generator = np.random.default_rng(seed)
    total = generator.normal(0, 4, (size[1], size[0], 3)).astype(np.float32) + 128
    for cells in (3, 7, 15, 40, 110, 300, 900):
        if cells < min(size):
            noise = generator.integers(0, 256, (cells, cells, 3), dtype=np.uint8)
            wide = Image.fromarray(noise).resize(size, Image.Resampling.BICUBIC)
            total += (np.asarray(wide, dtype=np.float32) - 128) / cells**0.45
    return Image.fromarray(np.clip(total, 0, 255).astype(np.uint8))


def memory(folder: Path, count: int, workers: int) -> dict[str, object]:
    """How much more memory the process has after many pictures than after a few, in MB, and again."""
    write_pictures(folder / "source", SIZES["small"], 200, jpeg=False)
    originals = sorted((folder / "source").iterdir())
    for number in range(200, count):
        os.link(originals[number % 200], folder / "source" / f"{number:05}{originals[number % 200].suffix}")
    run_over(folder, "few", originals, workers)
    before = resident()
    finished = run(folder / "source", folder / "many", workers, size=64)
    after = resident()
    again = run(folder / "source", folder / "many", workers, size=64)
    return {
        "pictures": count,
        "pictures_per_second": round(finished.pictures_per_second, 1),
        "resident_before_mb": round(before, 1),
        "growth_mb": round(after - before, 1),
        "again_seconds": round(again.seconds, 1),
        "growth_again_mb": round(resident() - after, 1),
    }


def run_over(folder: Path, name: str, files: list[Path], workers: int) -> None:
    (folder / name).mkdir()
    for path in files:
        os.link(path, folder / name / path.name)
    run(folder / name, folder / f"{name}-done", workers, size=64)


def resident() -> float:
    """What this process has in memory, in MB."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


if __name__ == "__main__":
    main()
