"""A power failure at any moment of a run, with all that POSIX lets it destroy: the next start goes on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from traintab.errors import EmbeddingFileError
from traintab.models.model import Model
from traintab.paths import Paths

from .crash_states import Tree, replayed
from .recorded_disk import Flush, FlushFolder, Made, Op, Promise, Recording, Renamed, Written
from .recovery import (
    Layout,
    Recovered,
    first_violation,
    is_torn_table,
    recovered,
    violations,
)
from .small_run import NAME, Ending, SmallRun

STEPS = 5  # so that the last save is one of its own, not that of every other step again
IGNORED = ("cache", "jobs")  # encoded pictures, which are only faster to read, and locks, which mean nothing


@dataclass(frozen=True)
class RecordedRun:
    """A run of five steps, saved at every other, what its disk went through, and how it must always end."""

    small: SmallRun
    paths: Paths
    recording: Recording
    wanted: Ending
    left: Tree
    layout: Layout
    known: dict[frozenset[tuple[str, bytes | None]], Recovered]

    def owed_step(self, number: int) -> int | None:
        """The last step whose state was promised within so many ops."""
        done = self.recording.ops[:number]
        states = [op.path for op in done if isinstance(op, Promise) and "/state-" in op.path]
        return int(states[-1].rpartition("-")[2].removesuffix(".pt")) if states else None

    def check(self, number: int, tree: Tree) -> Recovered:
        """What the next start finds; raises unless it is all that the ops promise."""
        found, owed = self._found(tree), self.owed_step(number)
        if found.is_unfinished:
            assert found.state_step is not None
            assert owed is None or found.state_step >= owed
        elif found.is_finished:
            assert found.embedding_step == STEPS
        else:
            assert not owed
            assert found.embedding_step == 0
        return found

    def _found(self, tree: Tree) -> Recovered:
        """As `recovered`, which is asked once for all trees that differ in nothing that it reads."""
        read = {path: content for path, content in tree.items() if not path.endswith((".tmp", ".csv"))}
        key = frozenset(read.items())
        if key not in self.known:
            self.layout.put(read)
            self.known[key] = recovered(self.paths, NAME)
        return replace(self.known[key], torn_table=any(map(is_torn_table, tree.items())))


@pytest.fixture(scope="module")
def recorded(model: Model, tiny_model_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> RecordedRun:
    folder = tmp_path_factory.mktemp("recorded") / "run"
    small = SmallRun(model, tiny_model_dir, folder, steps=STEPS, save_optimizer_state=True)
    paths = small.new_paths()
    recording = Recording(paths.data_dir, ignoring=IGNORED)
    with recording.running():
        small.train(paths)
    left = Recording(paths.data_dir, ignoring=IGNORED).before
    return RecordedRun(
        small, paths, recording, small.ending(paths), left, Layout(paths.data_dir, IGNORED), {}
    )


def test_the_recording_is_what_happened(recorded: RecordedRun) -> None:
    assert replayed(recorded.recording.before, recorded.recording.ops) == recorded.left
    promised = {Path(op.path).name for op in recorded.recording.ops if isinstance(op, Promise)}
    saved = {"zq.pt", "zq.pt.optim", "zq-2.pt", "zq-4.pt", "zq-2.pt.optim", "run.yaml", "status.json"}
    assert saved | {f"state-{step}.pt" for step in (0, 2, 4, 5)} <= promised


def every_crash(recorded: RecordedRun, ops: slice, *, thorough: bool) -> dict[Recovered, Tree]:
    """Check all that a power failure may leave within these ops; give one disk of each kind."""
    kinds: dict[Recovered, Tree] = {}
    recording, count = recorded.recording, 0
    done = recording.ops[: ops.stop]
    for number, tree, broken in violations(recording.before, done, first=ops.start or 0, thorough=thorough):
        assert broken == [], f"after {number} of {len(recording.ops)} ops"
        kinds.setdefault(recorded.check(number, tree), tree)
        count += 1
    checked = f"{len(done)} of {len(recording.ops)} ops from {ops.start}"
    print(f"{checked}: {count} crash states, {len(recorded.known)} looked at, {len(kinds)} kinds resumed")
    return kinds


def save_after(recorded: RecordedRun, step: int) -> slice:
    """The ops of one save: from the end of the one before to the last file of this one."""
    ops = recorded.recording.ops
    states = [i for i, op in enumerate(ops) if isinstance(op, Promise) and "/state-" in op.path]
    first = max(i for i in states if f"/state-{step}." not in ops[i].path and i < state_op(ops, step))
    optimizer = next(i for i in range(first, len(ops)) if is_promise(ops[i], f"{NAME}-{step}.pt.optim"))
    return slice(first + 1, optimizer + 1)


def state_op(ops: list[Op], step: int) -> int:
    return next(i for i, op in enumerate(ops) if is_promise(op, f"state-{step}.pt"))


def is_promise(op: Op, name: str) -> bool:
    return isinstance(op, Promise) and Path(op.path).name == name


def check_resuming(recorded: RecordedRun, tree: Tree) -> None:
    """Go on with what a crash left: the end must be as if nothing had happened."""
    recorded.layout.put(tree)
    recorded.layout.disturbed()
    small, paths = recorded.small, recorded.paths
    if not small.is_finished(paths):
        small.train(paths)
    assert small.is_finished(paths)
    assert small.ending(paths).differences(recorded.wanted) == []


def test_every_crash_state_of_one_save_recovers(recorded: RecordedRun) -> None:
    kinds = every_crash(recorded, save_after(recorded, 2), thorough=False)
    assert {kind.state_step for kind in kinds} == {0, 2}
    for tree in kinds.values():
        check_resuming(recorded, tree)


def test_every_crash_state_of_the_end_of_a_run_recovers(recorded: RecordedRun) -> None:
    ops = recorded.recording.ops
    last_copy = next(i for i, op in enumerate(ops) if is_promise(op, f"{NAME}-{STEPS - 1}.pt.optim"))
    kinds = every_crash(recorded, slice(last_copy, len(ops)), thorough=False)
    assert {(kind.is_unfinished, kind.embedding_step) for kind in kinds} == {
        (True, 0),
        (True, STEPS),
        (False, STEPS),
    }
    for tree in kinds.values():
        check_resuming(recorded, tree)


@pytest.mark.long
@pytest.mark.timeout(7200)
def test_every_crash_state_of_a_run_recovers_wherever_files_are_torn(recorded: RecordedRun) -> None:
    kinds = every_crash(recorded, slice(0, len(recorded.recording.ops)), thorough=True)
    assert {kind.state_step for kind in kinds} == {None, 0, 2, 4, 5}
    for tree in kinds.values():
        check_resuming(recorded, tree)


def without(ops: list[Op], index: int) -> list[Op]:
    return ops[:index] + ops[index + 1 :]


def test_without_any_one_fsync_some_crash_state_breaks_a_promise(recorded: RecordedRun) -> None:
    before, ops = recorded.recording.before, recorded.recording.ops
    flushes = [i for i in range(len(ops)) if flushes_something(recorded.recording, i)]
    assert {Path(op.path).name for op in ops if isinstance(op, FlushFolder)} >= {"state", "embeddings", NAME}
    needless = [ops[i] for i in flushes if not first_violation(before, without(ops, i), i)]
    print(f"{len(flushes)} fsyncs left out, each by itself")
    assert needless == []


def flushes_something(recording: Recording, index: int) -> bool:
    """Whether this fsync makes something durable, and isn't repeated before anything is promised."""
    op, ops = recording.ops[index], recording.ops
    last = max((i + 1 for i in range(index) if ops[i] == op), default=0)
    if isinstance(op, Flush):
        return any(isinstance(each, Written) and each.file == op.file for each in ops[last:index])
    promise = next((i for i in range(index, len(ops)) if isinstance(ops[i], Promise)), len(ops))
    if not isinstance(op, FlushFolder) or op in ops[index + 1 : promise]:
        return False
    then, now = (replayed(recording.before, ops[:end]) for end in (last, index))
    inside = {path for path in now if path.rpartition("/")[0] == op.path and not path.endswith(".tmp")}
    return any(path not in then or then[path] != now[path] for path in inside)


@pytest.mark.parametrize(
    ("name", "kind"), [("state-2.pt", Flush), ("state-2.pt", FlushFolder), ("zq.pt", Flush)]
)
def test_the_next_start_misses_what_was_not_flushed(recorded: RecordedRun, name: str, kind: type[Op]) -> None:
    before, ops = recorded.recording.before, recorded.recording.ops
    renamed = next(i for i, op in enumerate(ops) if isinstance(op, Renamed) and Path(op.to).name == name)
    places = range(renamed, len(ops)) if kind is FlushFolder else range(renamed, -1, -1)
    index = next(i for i in places if isinstance(ops[i], kind))
    promised = next(i for i in range(renamed, len(ops)) if isinstance(ops[i], Promise))
    crashes = violations(before, without(ops, index)[:promised], first=index)
    with pytest.raises((AssertionError, EmbeddingFileError)):
        for number, tree, _ in crashes:
            recorded.check(number + 1, tree)  # the recording has one op more


def test_a_folder_is_made_durable_before_anything_is_promised_in_it(recorded: RecordedRun) -> None:
    ops = recorded.recording.ops
    for made in (op for op in ops if isinstance(op, Made) and op.file is None):
        above = made.path.rpartition("/")[0]
        flushed = ops.index(FlushFolder(above), ops.index(made))
        promised = [
            i for i, op in enumerate(ops) if isinstance(op, Promise) and op.path.startswith(made.path)
        ]
        assert flushed < min(promised, default=len(ops))
