"""What a folder of embeddings costs: the first look at it, a look with nothing new, one changed file.

Each is measured in turns with what can't be done without, in one process, so that a busy machine slows both
alike; the ratio of the medians of processor time (the files are in memory) is printed, and 1.00 would be no
cost at all.

- first look: against reading the same bytes with `open().read()` and `torch.load` or `safetensors.load`;
  once with some picture cards among the files and once without any, since a card hides what the others cost
- at rest: against one `os.walk` with a `stat` of each file
- one changed file: against the same walk; what comes on top is its own reading

    .venv/bin/python benchmarks/embedding_library.py [--files 1000] [--rounds 5]
"""

from __future__ import annotations

import argparse
import base64
import io
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import safetensors.torch
import torch
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "modules"))

from traintab.embeddings.embedding import Embedding  # noqa: E402
from traintab.embeddings.formats import write_embedding  # noqa: E402
from traintab.embeddings.library import EmbeddingLibrary  # noqa: E402

# What people have: mostly `.pt` and `.safetensors`, some by diffusers, a few cards.
SUFFIXES = (".pt", ".safetensors", ".pt", ".safetensors", ".pt", ".safetensors", ".pt", ".bin", ".zip.pt")
CARD_EVERY = 50
REST_ROUNDS = 20


def main() -> None:
    """Measure and print one line for each look."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        compare_first_look(Path(folder), options.files, options.rounds, card_every=0)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        paths = compare_first_look(root, options.files, options.rounds, card_every=CARD_EVERY)
        library = EmbeddingLibrary(root)
        library.refresh()
        rest, walk = in_turns([lambda: at_rest(library), lambda: walk_with_stat(root)], REST_ROUNDS)
        tell("nothing new", rest, walk, "a walk with stat")
        change, walk = in_turns(
            [lambda: one_changed(library, paths[1]), lambda: walk_with_stat(root)], REST_ROUNDS
        )
        tell("one changed file", change, walk, "a walk with stat")


def compare_first_look(root: Path, count: int, rounds: int, *, card_every: int) -> list[Path]:
    """Fill the folder, print what the first look at it costs, and give the files."""
    paths = fill(root, count, card_every)
    megabytes = sum(path.stat().st_size for path in paths) / 1e6
    cards = sum(path.suffix == ".png" for path in paths)
    print(f"{count} files, {cards} of them picture cards, {megabytes:.0f} MB")
    first, plain = in_turns([lambda: first_look(root, count), lambda: read_plainly(paths)], rounds)
    tell("first look", first, plain, "reading and loading them plainly")
    return paths


def fill(root: Path, count: int, card_every: int) -> list[Path]:
    """Embeddings of all formats, 1 to 16 vectors, in a folder and five below it.

    Each `card_every`th is a picture card, none when it is 0.
    """
    generator = torch.Generator().manual_seed(0)
    paths = []
    for number in range(0, 10, 2):
        (root / f"sub{number}").mkdir()
    for number in range(count):
        folder = root if number % 2 else root / f"sub{number % 10}"
        is_card = card_every and number % card_every == 0
        suffix = ".png" if is_card else SUFFIXES[number % len(SUFFIXES)]
        path = folder / f"e{number}{suffix.replace('.zip', '-zip')}"
        rows = torch.randn(1 + number % 16, 768, generator=generator)
        embedding = Embedding(name=f"e{number}", vectors={"clip_l": rows}, step=number)
        if suffix == ".zip.pt":
            torch.save({"string_to_param": {"*": rows}, "name": embedding.name, "step": 1}, path)
        else:
            write_embedding(embedding, path)
        paths.append(path)
    return paths


def read_plainly(paths: Sequence[Path]) -> None:
    """What any program has to do to get at the numbers."""
    for path in paths:
        with path.open("rb") as stream:
            data = stream.read()
        if path.suffix == ".safetensors":
            safetensors.torch.load(data)
        elif path.suffix == ".png":
            with Image.open(io.BytesIO(data)) as picture:
                json.loads(base64.b64decode(picture.text["sd-ti-embedding"]))
        else:
            torch.load(io.BytesIO(data), weights_only=True)


def first_look(root: Path, count: int) -> None:
    library = EmbeddingLibrary(root)
    library.refresh()
    found = len(library.embeddings())
    if found != count:
        raise RuntimeError(f"expected {count} embeddings, found {found}: {library.skipped()[:3]}")


def at_rest(library: EmbeddingLibrary) -> None:
    if library.refresh():
        raise RuntimeError("something changed")


def one_changed(library: EmbeddingLibrary, path: Path) -> None:
    os.utime(path)
    if not library.refresh():
        raise RuntimeError("the change wasn't noticed")


def walk_with_stat(root: Path) -> int:
    return sum(
        os.stat(os.path.join(folder, name)).st_size  # noqa: PTH116, PTH118 - the fastest there is
        for folder, _, names in os.walk(root)
        for name in names
    )


def in_turns(works: Sequence[Callable[[], object]], rounds: int) -> list[float]:
    """Median processor seconds of each work, after one round to warm up."""
    times: list[list[float]] = [[] for _ in works]
    for _ in range(1 + rounds):
        for work, seconds in zip(works, times, strict=True):
            began = time.process_time()
            work()
            seconds.append(time.process_time() - began)
    return [statistics.median(seconds[1:]) for seconds in times]


def tell(what: str, ours: float, floor: float, floor_name: str) -> None:
    print(f"{what}: {ours / floor:.2f} times {floor_name} ({1000 * ours:.1f} ms to {1000 * floor:.1f} ms)")


if __name__ == "__main__":
    main()
