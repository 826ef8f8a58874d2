"""Which copies of a run stay."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from traintab.configs import OutputsConfig, TrainingConfig, check, replace_fields
from traintab.embeddings.formats import read_embedding
from traintab.errors import ConfigError
from traintab.training.best import BestCheckpoint, read_best, write_best
from traintab.training.copies import asked_for, copy_number, note_asked_for, remove_old_copies
from traintab.training.events import CheckpointSaved, TrainingEvent
from traintab.training.record import RunRecord
from traintab.training.run_folder import RunFolder
from traintab.training.together import TrainedEmbedding

Trainer = Callable[..., list[TrainingEvent]]
MakeRecord = Callable[..., RunRecord]


def with_copies(record: RunRecord, steps: list[int]) -> RunRecord:
    record.folder.checkpoint(0).parent.mkdir(exist_ok=True)
    for step in steps:
        record.folder.checkpoint(step).write_bytes(b"a copy")
    return record


def left(record: RunRecord) -> list[int]:
    return [step for step in range(1, 400) if record.folder.checkpoint(step).exists()]


@pytest.mark.option("keep_last", "keep_every")
def test_the_last_and_every_kth_stay(make_record: MakeRecord) -> None:
    record = with_copies(make_record(save_every=10, keep_last=2, keep_every=3), [*range(10, 101, 10)])
    assert remove_old_copies(record, 400) == [10, 20, 40, 50, 70, 80]
    assert left(record) == [30, 60, 90, 100]


def test_copies_beyond_the_step_are_not_the_last(make_record: MakeRecord) -> None:
    record = with_copies(make_record(save_every=10, keep_last=2), [10, 20, 30, 90, 100])
    assert remove_old_copies(record, 30) == [10]
    assert left(record) == [20, 30, 90, 100]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.sets(st.integers(1, 300), max_size=20),
    last=st.integers(0, 5),
    every=st.integers(0, 4),
    best=st.integers(1, 300),
    asked=st.integers(1, 300),
)
def test_whatever_is_kept_the_newest_the_best_and_those_asked_for_are_there(
    make_record: MakeRecord, steps: set[int], last: int, every: int, best: int, asked: int
) -> None:
    record = with_copies(make_record(save_every=5, keep_last=last, keep_every=every), sorted(steps))
    write_best(record.folder, BestCheckpoint(step=best, loss=1.0, path=record.folder.checkpoint(best)))
    note_asked_for(record.folder, asked)
    remove_old_copies(record, 400)
    staying, regular = set(left(record)), sorted(step for step in steps if step % 5 == 0)
    assert staying <= steps and {step for step in steps if step % 5} <= staying
    assert {best, asked} & steps <= staying
    assert set(regular[-last:] if last else regular) <= staying
    others = staying.intersection(regular) - {best, asked, *regular[-last:]}
    assert not last or others == {step for step in others if every and step // 5 % every == 0}


def test_only_files_called_as_copies_of_this_embedding_go(make_record: MakeRecord) -> None:
    record = with_copies(make_record(save_every=10, keep_last=1), [10, 20])
    folder = record.folder.checkpoint(0).parent
    companion = folder / "cat-10.pt.optim"
    foreign = [folder / name for name in ("cat.pt", "cat-10-before-resuming.pt", "mycat-10.pt", "cat-10.txt")]
    for path in (companion, *foreign):
        path.write_bytes(b"x")
    outside = record.folder.path.parent / "outside.pt"
    outside.write_bytes(b"x")
    link = folder / "cat-5.pt"
    link.symlink_to(outside)
    remove_old_copies(record, 400)
    assert left(record) == [5, 20] and not companion.exists()
    assert all(path.exists() for path in (*foreign, link, outside))


def test_copies_of_embeddings_trained_together_are_removed_again_while_one_is_left(
    make_record: MakeRecord,
) -> None:
    alone = make_record(save_every=10, keep_last=1)
    trained = (
        TrainedEmbedding(name=name, num_vectors=1, target=alone.target.with_name(f"{name}.pt"))
        for name in ("cat", "dog")
    )
    record = with_copies(dataclasses.replace(alone, together=tuple(trained)), [10, 20])
    in_use = record.folder.checkpoint(10).with_name("dog-10.pt")
    in_use.mkdir()  # as a file that a program has open on Windows, it can't be unlinked
    assert remove_old_copies(record, 20) == []
    in_use.rmdir()
    in_use.write_bytes(b"a copy")
    assert remove_old_copies(record, 30) == [10]
    assert not in_use.exists() and left(record) == [20]


def test_a_damaged_list_of_those_asked_for_costs_no_copy(make_record: MakeRecord) -> None:
    record = with_copies(make_record(save_every=10, keep_last=1), [10, 20, 30])
    folder = record.folder
    assert asked_for(folder) == frozenset()
    note_asked_for(folder, 7)
    note_asked_for(folder, 3)
    assert asked_for(folder) == {3, 7}
    for damaged in (b"\0\0", b"[]", b'{"steps": 5}', b'{"steps": ["x"]}', b'{"steps": [Infinity]}'):
        (folder.path / "kept.json").write_bytes(damaged)
        assert remove_old_copies(record, 400) == []
    note_asked_for(folder, 40)
    assert asked_for(folder) == {10, 20, 30, 40}


@pytest.mark.parametrize(("step", "number"), [(0, 0), (5, 0), (10, 1), (30, 3)])
def test_regular_copies_are_counted_from_one(make_record: MakeRecord, step: int, number: int) -> None:
    assert copy_number(make_record(save_every=10), step) == number
    assert copy_number(make_record(save_every=0), step) == 0


def test_keeping_some_of_the_older_ones_needs_some_that_go() -> None:
    with pytest.raises(ConfigError, match="K-th is 4, but all copies are kept"):
        check(OutputsConfig(keep_every=4))


@pytest.mark.option("keep_last", "keep_every")
def test_a_run_keeps_its_last_copies_with_their_states_and_the_best(
    config: TrainingConfig, run_training: Trainer
) -> None:
    wanted = {"save_every": 2, "keep_last": 2, "keep_every": 3, "evaluate_every": 4}
    events = run_training(replace_fields(config, {**wanted, "save_optimizer_state": True}))
    (folder,) = {event.path.parent.parent for event in events if isinstance(event, CheckpointSaved)}
    copies = {int(path.stem.split("-")[1]) for path in (folder / "embeddings").glob("*.pt")}
    best = read_best(RunFolder(path=folder, embedding_name="zq"))
    assert best is not None and copies == {6, 10, 12, best.step}
    companions = {int(path.name.split("-")[1].split(".")[0]) for path in folder.glob("embeddings/*.optim")}
    assert {6, 10, 12} <= companions <= copies
    states = {int(path.stem.split("-")[1]) for path in (folder / "state").glob("state-*.pt")}
    assert copies <= states
    for step in copies:
        assert read_embedding(folder / "embeddings" / f"zq-{step}.pt").step == step
