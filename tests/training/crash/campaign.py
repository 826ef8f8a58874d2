"""Kills trainings and resumes them; run as a program, because only a quiet process may be forked.

    python campaign.py SEED MODEL_DIR FOLDER [kill=COUNT] [terminate=COUNT]

The process imports everything and trains once undisturbed, so that its children, forked from it, begin warm.
It prints JSON, a report of each kind: how many signals found a run at work, where they found it, and what was
wrong afterwards, which should be nothing.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "modules"))

import torch
from small_run import NAME, Ending, SmallRun, seed_the_process

from traintab.cli import main
from traintab.embeddings.formats import read_embedding
from traintab.models import loading
from traintab.paths import Paths
from traintab.training.state_files import read_newest_state
from traintab.training.unfinished import find_unfinished

MOST_IN_A_ROW = 5
STOPPED = 130


@dataclass
class Report:
    """What became of a campaign. `found` tells what the disk held after each signal."""

    signals: int = 0
    completed_runs: int = 0
    seconds_undisturbed: float = 0.0
    found: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def found(paths: Paths) -> str:
    """What a signal left: how far the run had come, and files that were being written."""
    run = find_unfinished(NAME, paths)
    step = "no run yet" if run is None else f"step {read_newest_state(run)[0]['step']}"
    torn = [file for file in paths.data_dir.rglob("*.tmp") if file.is_file()]
    for file in torn:
        file.unlink()  # so that the next one found is new
    return f"{step}, {'in the middle of a file' if torn else 'between files'}"


def forked(work: Callable[[], object]) -> int:
    """A child that does `work` and nothing after it; gives its process id. An int of `work` is its status."""
    child = os.fork()
    if child:
        return child
    status = 70
    try:
        result = work()
        status = result if isinstance(result, int) else 0
    finally:
        if sys.exc_info()[0] is not None:
            traceback.print_exc()
        sys.stderr.flush()
        os._exit(status)


def kill(small: SmallRun, wanted: Ending, count: int, chance: random.Random) -> Report:
    """SIGKILL at random moments; after a few in a row a run may come to its end, and is compared."""
    report = Report()
    longest = report.seconds_undisturbed = timed(small)
    while report.signals < count and not report.wrong:
        paths, in_a_row = small.new_paths(), 0
        while not small.is_finished(paths) and not report.wrong:
            child = forked(lambda: small.train(paths, seed=os.getpid()))  # noqa: B023 - runs at once
            if in_a_row < MOST_IN_A_ROW and report.signals < count:
                time.sleep(chance.uniform(0, longest))
                os.kill(child, signal.SIGKILL)
            status = os.waitpid(child, 0)[1]
            if os.WIFSIGNALED(status):
                in_a_row += 1
                report.signals += 1
                report.found.append(found(paths))
            elif os.WEXITSTATUS(status):
                report.wrong.append(f"after {in_a_row} kills the run ended with {os.WEXITSTATUS(status)}")
        compare(small, paths, wanted, report)
    return report


def timed(small: SmallRun) -> float:
    """Seconds that a child needs for a whole run."""
    paths, began = small.new_paths(), time.perf_counter()
    os.waitpid(forked(lambda: small.train(paths)), 0)
    return time.perf_counter() - began


def compare(small: SmallRun, paths: Paths, wanted: Ending, report: Report) -> None:
    """Note what of a finished run isn't as without any signal."""
    if not report.wrong:
        different = small.ending(paths).differences(wanted)
        report.wrong += [f"{part} of {paths.data_dir.name} differ" for part in different]
        report.completed_runs += 1


def terminate(small: SmallRun, wanted: Ending, count: int, chance: random.Random) -> Report:
    """SIGTERM to the command line at random steps: each time it must save and end with 130."""
    report = Report()
    while report.signals < count and not report.wrong:
        paths = small.new_paths()
        while not small.is_finished(paths) and not report.wrong:
            steps = chance.choice((0, 1, 1, 2, 3)) if report.signals < count else None
            told, status = command_line(small, paths, steps, chance.uniform(0, 0.03))
            report.wrong += told
            if status == STOPPED:
                report.signals += 1
                report.found.append(found(paths))
            elif status == -signal.SIGTERM and small.is_finished(paths):
                pass  # all was done and kept, the handlers given back, and the process about to end
            elif status != 0:
                report.wrong.append(f"the command line ended with {status}")
        compare(small, paths, wanted, report)
    return report


def command_line(small: SmallRun, paths: Paths, steps: int | None, pause: float) -> tuple[list[str], int]:
    """Run `train`, send SIGTERM `pause` seconds after that many steps; what was wrong, and its status."""
    arguments = ["train", NAME, "--json", "--data-dir", str(paths.data_dir), "--model", str(small.model_dir)]
    is_resumed = find_unfinished(NAME, paths) is not None
    if is_resumed:
        arguments += ["--resume"]
    else:
        arguments += ["--set", *(f"{name}={value}" for name, value in small.fields.items())]
    reading, writing = os.pipe()

    def work() -> int:
        seed_the_process(os.getpid() if is_resumed else 0)
        os.close(reading)
        os.dup2(writing, sys.stdout.fileno())
        return main(arguments)

    child = forked(work)
    os.close(writing)
    last = signalled(reading, child, steps, pause)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return ([] if status != STOPPED else wrongs(paths, last)), status


def signalled(reading: int, child: int, steps: int | None, pause: float) -> dict[str, Any]:
    """Follow what the child says, send the signal when it is due, and give its last word."""
    completed, last = 0, {}
    with os.fdopen(reading, encoding="utf-8") as lines:
        for line in lines:
            last = json.loads(line)
            completed += last["event"] == "step_completed"
            if completed == steps and last["event"] in ("training_started", "step_completed"):
                time.sleep(pause)
                os.kill(child, signal.SIGTERM)
                steps = None
    return last


def wrongs(paths: Paths, last: dict[str, Any]) -> list[str]:
    """What isn't as promised when the command line was stopped."""
    if last.get("event") != "training_interrupted":
        return [f"the last word was {last}"]
    run = find_unfinished(NAME, paths)
    steps = {
        "told": last["step"],
        "state": read_newest_state(run)[0]["step"] if run else None,
        "embedding": read_embedding(paths.embeddings_dir / f"{NAME}.pt").step,
    }
    return [] if len(set(steps.values())) == 1 else [f"the steps are {steps}"]


def run(arguments: list[str]) -> dict[str, Report]:
    """The campaigns that the command line asks for."""
    seed, model_dir, folder, *kinds = arguments
    torch.set_num_threads(1)
    model = loading.load_model(model_dir, Paths.under(Path(folder)), device="cpu")
    # The command line's children use what is loaded already: reading it again proves nothing here.
    loading.load_model = lambda *_, **__: model
    small = SmallRun(model, Path(model_dir), Path(folder))
    paths = small.new_paths()
    small.train(paths)
    wanted, chance = small.ending(paths), random.Random(int(seed))
    campaigns = {"kill": kill, "terminate": terminate}
    asked = [each.split("=") for each in kinds]
    return {kind: campaigns[kind](small, wanted, int(count), chance) for kind, count in asked}


if __name__ == "__main__":
    print(json.dumps({kind: asdict(report) for kind, report in run(sys.argv[1:]).items()}))
