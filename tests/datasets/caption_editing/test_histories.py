"""Any edits in any order can be taken back, in memory and on the disk."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from traintab.datasets.caption_editing import CaptionEditor, CaptionJournal, CaptionSet, Search

Edit = Callable[[CaptionSet], CaptionSet]

TAGS = st.sampled_from(["hat", "Hat", "red hat", "sky", "(a, b)"])
SELECTIONS = st.none() | st.lists(st.sampled_from(["a.png", "b.png", "c.png"]), unique=True)
EDITS = st.one_of(
    st.builds(lambda tag, chosen: lambda captions: captions.add_tag(tag, selection=chosen), TAGS, SELECTIONS),
    st.builds(
        lambda tag, chosen: lambda captions: captions.remove_tag(tag, selection=chosen), TAGS, SELECTIONS
    ),
    st.builds(lambda text: lambda captions: captions.set_caption("b.png", text), st.text(max_size=5)),
    st.builds(lambda tag: lambda captions: captions.replace(Search(text=tag), "cap"), TAGS),
    st.just(lambda captions: captions.use_suggestions()),
    st.just(lambda captions: captions.sort_tags()),
)


@contextmanager
def folder_of_three() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for stem in "abc":  # what is inside of pictures isn't looked at
            (folder / f"{stem}.png").write_bytes(b"")
        (folder / "a.txt").write_bytes(b"hat,sky\r\n")
        (folder / "b.txt").write_bytes(b"caf\xe9")
        yield folder


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("*.txt")}


@given(st.lists(EDITS, max_size=8))
@settings(max_examples=60)
def test_undo_leads_back_to_the_beginning_and_redo_to_the_end(edits: list[Edit]) -> None:
    with folder_of_three() as folder:
        editor = CaptionEditor(folder)
        passed = [editor.captions]
        for edit in edits:
            if editor.edit(edit, "edit"):
                passed.append(editor.captions)
        for captions in reversed(passed[:-1]):
            assert editor.undo()
            assert editor.captions == captions
        assert editor.undo() == editor.unsaved == ()
        for captions in passed[1:]:
            assert editor.redo()
            assert editor.captions == captions


@given(st.lists(EDITS, max_size=5))
@settings(max_examples=25)
def test_every_save_can_be_taken_back_to_the_bytes_before_it(edits: list[Edit]) -> None:
    with folder_of_three() as folder, tempfile.TemporaryDirectory() as journals:
        journal, passed = CaptionJournal(Path(journals)), [files(folder)]
        for edit in edits:
            editor = CaptionEditor(folder, journal=journal)
            editor.edit(edit, "edit")
            if editor.save().written:
                passed.append(files(folder))
                read = CaptionEditor(folder).captions
                assert read.changed_since(editor.captions) == (), "what is saved is what is read"
        for before in reversed(passed[:-1]):
            journal.undo(folder)
            assert files(folder) == before
        assert journal.entries(folder) == ()
