"""One process at a time trains an embedding."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from traintab.errors import BusyError, StorageError
from traintab.paths import PACKAGE_DIR, Paths
from traintab.training.lock import embedding_lock, run_lock
from traintab.training.run_folder import RunFolder, new_run_folder

HOLDER = """
import importlib.util, sys
from pathlib import Path
package = Path(sys.argv[1])
spec = importlib.util.spec_from_file_location(
    "traintab", package / "__init__.py", submodule_search_locations=[str(package)])
sys.modules["traintab"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(sys.modules["traintab"])
from traintab.paths import Paths
from traintab.training.lock import embedding_lock
with embedding_lock("cat", Paths.under(Path(sys.argv[2]))):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_holder_is_refused_with_who_has_it(paths: Paths) -> None:
    with (
        embedding_lock("cat", paths),
        pytest.raises(BusyError, match="'Cat' is being trained by this program; wait"),
        embedding_lock("Cat", paths),
    ):
        pass


def test_it_can_be_held_again_afterwards(paths: Paths) -> None:
    for _ in range(2):
        with embedding_lock("cat", paths):
            pass


def test_it_is_let_go_after_an_error(paths: Paths) -> None:
    with pytest.raises(ZeroDivisionError), embedding_lock("cat", paths):
        raise ZeroDivisionError
    with embedding_lock("cat", paths):
        pass


def test_other_names_and_other_folders_are_free(paths: Paths, tmp_path: Path) -> None:
    elsewhere = dataclasses.replace(paths, embeddings_dir=tmp_path / "elsewhere")
    with embedding_lock("cat", paths), embedding_lock("dog", paths), embedding_lock("cat", elsewhere):
        pass


def test_another_process_is_refused_and_a_killed_one_holds_nothing(paths: Paths) -> None:
    command = [sys.executable, "-c", HOLDER, str(PACKAGE_DIR), str(paths.data_dir)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(BusyError, match=f"trained by process {holder.pid}"), embedding_lock("cat", paths):
            pass
        holder.kill()
    with embedding_lock("cat", paths):
        pass


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with (
        pytest.raises(StorageError, match="can't be made"),
        embedding_lock("cat", Paths.under(tmp_path / "file")),
    ):
        pass


def test_another_thread_is_refused(paths: Paths) -> None:
    refused: list[str] = []

    def second() -> None:
        try:
            with embedding_lock("cat", paths):
                pass
        except BusyError as error:
            refused.append(str(error))

    with embedding_lock("cat", paths):
        thread = threading.Thread(target=second)
        thread.start()
        thread.join()
    assert len(refused) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights on Windows")
def test_a_folder_by_another_path_is_the_same(paths: Paths, tmp_path: Path) -> None:
    paths.embeddings_dir.mkdir(parents=True)
    (tmp_path / "link").symlink_to(paths.embeddings_dir)
    linked = dataclasses.replace(paths, embeddings_dir=tmp_path / "link")
    with embedding_lock("cat", paths), pytest.raises(BusyError), embedding_lock("cat", linked):
        pass


def test_a_run_is_held_whoever_s_embeddings_and_jobs_they_are(tmp_path: Path) -> None:
    run = new_run_folder(tmp_path, "cat")
    told = r"The run in .* is being trained by this program"
    with run_lock(run), pytest.raises(BusyError, match=told), run_lock(run):
        pass
    with run_lock(run):
        pass


def test_a_run_whose_folder_is_gone_cannot_be_held(tmp_path: Path) -> None:
    with (
        pytest.raises(StorageError, match="is gone"),
        run_lock(RunFolder(path=tmp_path / "none", embedding_name="cat")),
    ):
        pass
