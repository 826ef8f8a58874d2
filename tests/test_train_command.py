"""What a page shows as a command trains by the very same settings."""

from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from traintab.cli import _parse
from traintab.commands.train import config_of
from traintab.configs import Option, TrainingConfig, all_options, check, check_value, replace_fields
from traintab.errors import ConfigError
from traintab.paths import Paths
from traintab.train_command import train_arguments, train_command

OPTIONS = all_options(TrainingConfig)
USUAL = Paths.under()
# What a shell, the argument parser or YAML could take for something else than text.
ODD_TEXTS = st.sampled_from(
    [
        "-x",
        "--set",
        "--",
        "a=b",
        "$HOME `id`",
        "it's",
        'a "b"',
        "a\nb",
        "100",
        "true",
        "",
        " ",
        "1e-3",
        "é 词",
    ]
)


def values_of(option: Option) -> st.SearchStrategy[Any]:
    """Values that the option takes by itself."""
    if option.choices:
        return st.sampled_from(option.choices)
    if option.type is bool:
        return st.booleans()
    if option.type is str:
        return ODD_TEXTS | st.text(max_size=20)
    low, high = option.minimum or 0, option.maximum if option.maximum is not None else 1_000_000
    if option.type is int:
        step = int(option.step or 1) if option.unit == "pixels" else 1
        numbers: Any = st.integers(int(low) // step, int(high) // step).map(lambda count: count * step)
    else:
        numbers = st.floats(low, high, allow_nan=False)
    return st.none() | numbers if option.optional else numbers


def is_allowed(config: TrainingConfig) -> bool:
    try:
        check(config)
    except ConfigError:
        return False
    return True


def configs() -> st.SearchStrategy[TrainingConfig]:
    """Settings that go together, a few of them changed."""
    names = st.lists(st.sampled_from(sorted(OPTIONS)), max_size=6, unique=True)
    changed = names.flatmap(lambda names: st.fixed_dictionaries({n: values_of(OPTIONS[n]) for n in names}))
    needed = {"embedding_name": "mira", "data_dir": "pictures"}
    made = changed.map(lambda values: replace_fields(TrainingConfig(), {**needed, **values}))
    return made.filter(is_allowed)


def typed(command: str) -> TrainingConfig:
    """The settings that a POSIX shell's words for the program come to."""
    python, program, *words = shlex.split(command)
    assert (python, program) == ("python3", "extension.py")
    return config_of(_parse(words), USUAL)


@given(configs())
@example(replace_fields(TrainingConfig(), {"embedding_name": "mira", "data_dir": "--", "template": "--"}))
@settings(max_examples=50)
def test_the_command_comes_to_the_same_settings_whatever_they_are(config: TrainingConfig) -> None:
    assert typed(train_command(config, USUAL)) == config


def another_value(option: Option) -> Any:
    """One that isn't the default."""
    if option.type is bool:
        return not option.default
    if option.choices:
        return next(choice for choice in option.choices if choice != option.default)
    if option.type is str:
        return "0.001" if option.default.replace(".", "").isdecimal() else "two words"
    near = option.default if option.default is not None else option.minimum or 64
    step = int(option.step or 1) if option.unit == "pixels" else 1
    candidates = [near + step, near - step, near / 2, option.minimum, option.maximum]
    return next(v for v in candidates if v != option.default and is_alone_allowed(option, v))


def is_alone_allowed(option: Option, value: Any) -> bool:
    try:
        check_value(option, value)
    except ConfigError:
        return False
    return True


def test_nearly_all_settings_at_once_come_through() -> None:
    config = TrainingConfig(embedding_name="mira")
    changed = 0
    for name, option in OPTIONS.items():
        more = replace_fields(config, {name: another_value(option)})
        if is_allowed(replace_fields(more, {"data_dir": "pictures"})):
            config, changed = more, changed + 1
    assert typed(train_command(config, USUAL)) == config
    assert changed >= 0.9 * len(OPTIONS)


def test_only_what_differs_from_the_defaults_is_said() -> None:
    config = replace_fields(
        TrainingConfig(),
        {"embedding_name": "mira", "data_dir": "my pictures", "steps": 300, "ema_decay": 0.9},
    )
    told = "python3 extension.py train mira --data 'my pictures' --steps 300 --set ema_decay=0.9"
    assert train_command(config, USUAL) == told


def test_a_run_that_counts_in_epochs_still_does() -> None:
    values = {"embedding_name": "m", "data_dir": "d", "steps": 7, "max_epochs": 5}
    config = replace_fields(TrainingConfig(), values)
    assert typed(train_command(config, USUAL)).epochs.max_epochs == 5


def test_folders_that_lie_elsewhere_are_named_and_others_are_not(tmp_path: Path) -> None:
    config = TrainingConfig(embedding_name="mira")
    elsewhere = replace(Paths.under(tmp_path), log_dir=tmp_path / "log")
    words = train_arguments(config, elsewhere)
    assert words == ["mira", "--data-dir", str(tmp_path), "--log-dir", str(tmp_path / "log")]
    arguments = _parse(["train", *words])
    assert Paths.under(arguments.data_dir, arguments.embeddings_dir, arguments.log_dir) == elsewhere
    assert train_arguments(config, USUAL) == ["mira"]


def test_a_name_that_looks_like_a_flag_is_none() -> None:
    config = replace_fields(TrainingConfig(), {"embedding_name": "--x", "data_dir": "d", "seed": 3})
    assert typed(train_command(config, USUAL)) == config


def test_windows_quotes_in_its_own_way() -> None:
    config = replace_fields(TrainingConfig(), {"embedding_name": "mira", "data_dir": "C:\\my pictures"})
    told = train_command(config, USUAL, for_windows=True)
    assert told == 'python extension.py train mira --data "C:\\my pictures"'


def windows_words(line: str) -> list[str]:
    """The arguments that a program on Windows makes of a line, by the rules of its C library."""
    words: list[str] = []
    word, is_quoted, at = "", False, 0
    while at < len(line):
        slashes = len(line[at:]) - len(line[at:].lstrip("\\"))
        at += slashes
        follows = line[at : at + 1]
        if follows == '"':
            word += "\\" * (slashes // 2) + '"' * (slashes % 2)
            is_quoted ^= slashes % 2 == 0
        elif follows in " \t" and follows and not is_quoted:
            words, word = [*words, word + "\\" * slashes], ""
        else:
            word += "\\" * slashes + follows
        at += 1
    return [*words, word]


@given(st.text("ab\\ <>|&^,;()$@%'", min_size=1))
def test_whatever_a_setting_holds_windows_and_its_shells_take_it_for_a_text(comment: str) -> None:
    config = replace_fields(TrainingConfig(), {"embedding_name": "mira", "comment": comment})
    told = train_command(config, USUAL, for_windows=True)
    assert windows_words(told) == ["python", "extension.py", *train_arguments_of(config)]
    outside = "".join(told.split('"')[::2])
    assert not set(outside) & set("<>|&^,;()$@%'")


def train_arguments_of(config: TrainingConfig) -> list[str]:
    return ["train", *train_arguments(config, USUAL)]
