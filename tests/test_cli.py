from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from traintab import cli
from traintab.cli import main
from traintab.commands.command import Command
from traintab.errors import StorageError
from traintab.paths import REPOSITORY_DIR

COMMANDS = [
    *("ui", "create", "preprocess", "train", "txt2img", "check"),
    *("embeddings list", "embeddings inspect", "embeddings convert"),
    *("demo build", "demo evaluate", "demo draw"),
    *("queue list", "queue add", "queue cancel", "queue move", "queue run"),
]


def run_alone(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The program in a process of its own; the last line on standard output tells the heavy libraries."""
    script = (
        "import runpy, sys\n"
        f"sys.argv = ['extension.py', '--current-env', *{list(arguments)!r}]\n"
        "try:\n"
        f"    runpy.run_path({str(REPOSITORY_DIR / 'extension.py')!r}, run_name='__main__')\n"
        "finally:\n"
        "    print(sorted({'torch', 'diffusers', 'transformers', 'gradio', 'cv2'} & set(sys.modules)))\n"
    )
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_the_global_options(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*command.split(), "--help"])
    text = capsys.readouterr().out
    assert ended.value.code == 0
    for flag in ("--data-dir", "--embeddings-dir", "--log-dir", "--json", "--current-env"):
        assert flag in text


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("train", "--help"), 0),
        (("train",), 2),
        (("create", "cat", "--vectors", "900"), 2),
        (("nonsense",), 2),
    ],
    ids=str,
)
def test_help_and_wrong_arguments_are_answered_without_torch(arguments: tuple[str, ...], status: int) -> None:
    done = run_alone(*arguments)
    assert done.returncode == status
    assert done.stdout.splitlines()[-1] == "[]"
    assert len(done.stderr.splitlines()) == (1 if status else 0)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["trian", "x"], "did you mean train?"),
        (["xyz"], "known are captions, check, create, demo"),
        (["queue"], "COMMAND"),
        (["queue", "lst"], "'lst'"),
        (["embeddings"], "COMMAND"),
        (["--debug", "embeddings"], "COMMAND"),
        (["embeddings", "lsit"], "'lsit'"),
        (["train", "a", "b"], "'b' is not understood"),
        (["create"], "NAME"),
        (["create", "a", "--vec", "2"], "did you mean --vectors?"),
        (["train", "a", "--steps"], "--steps"),
    ],
    ids=str,
)
def test_wrong_use_is_one_line_and_two(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert words in said.err
    assert len(said.err.splitlines()) == 1


def test_wrong_use_is_a_json_event_where_json_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--json", "trian"]) == 2
    said = capsys.readouterr()
    assert said.out.startswith('{"event": "error", "message": "There is no command called')
    assert len(said.err.splitlines()) == 1


def put_command(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    """A command called `fail` that raises `error`."""

    def run(_arguments: object, _context: object) -> int:
        raise error

    command = Command(name="fail", help="fail", configure=lambda _parser: None, run=run)
    monkeypatch.setattr(cli, "_COMMANDS", (*cli._COMMANDS, command))


def test_an_unexpected_error_is_one_line_and_its_traceback_a_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put_command(monkeypatch, ValueError("a bug"))
    assert main(["fail", "--data-dir", str(tmp_path)]) == 1
    said = capsys.readouterr()
    assert "ValueError: a bug" in said.err
    assert len(said.err.splitlines()) == 1
    (file,) = (tmp_path / "jobs").glob("error-*.txt")
    assert str(file) in said.err
    assert "Traceback" in file.read_text(encoding="utf-8")


def test_debug_shows_the_traceback_instead(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put_command(monkeypatch, ValueError("a bug"))
    assert main(["fail", "--debug", "--data-dir", str(tmp_path)]) == 1
    assert "Traceback" in capsys.readouterr().err
    assert not (tmp_path / "jobs").exists()


def test_a_traceback_that_cannot_be_kept_is_no_second_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put_command(monkeypatch, ValueError("a bug"))
    (tmp_path / "jobs").touch()
    assert main(["fail", "--data-dir", str(tmp_path)]) == 1
    assert "--debug" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "status"), [(StorageError("The disk is full."), 1), (KeyboardInterrupt(), 130)], ids=repr
)
def test_each_kind_of_end_has_its_exit_status(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: BaseException, status: int
) -> None:
    put_command(monkeypatch, error)
    assert main(["fail"]) == status
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_global_options_may_stand_before_the_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    inspect = ["embeddings", "inspect", str(tmp_path / "none.pt")]
    assert main(["--data-dir", str(tmp_path), "--json", *inspect]) == 2
    assert main([f"--data-dir={tmp_path}", "--json", *inspect]) == 2
    assert main(["embeddings", "--json", *inspect[1:]]) == 2
    assert len(capsys.readouterr().out.splitlines()) == 3


def test_folders_can_be_elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    seen = []
    command = Command(
        name="look",
        help="look",
        configure=lambda _parser: None,
        run=lambda _arguments, context: seen.append(context.paths) or 0,
    )
    monkeypatch.setattr(cli, "_COMMANDS", (*cli._COMMANDS, command))
    folders = ("--data-dir", "data", "--embeddings-dir", "words", "--log-dir", "log")
    places = [str(tmp_path / part) if index % 2 else part for index, part in enumerate(folders)]
    assert main(["look", *places]) == 0
    (paths,) = seen
    assert (paths.data_dir, paths.embeddings_dir, paths.log_dir) == tuple(
        tmp_path / part for part in ("data", "words", "log")
    )


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith("Train Tab ")
