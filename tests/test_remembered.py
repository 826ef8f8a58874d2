import os
from pathlib import Path

import pytest

from traintab.configs import LoadingConfig
from traintab.remembered import Remembered


def test_values_survive_a_restart(tmp_path: Path) -> None:
    Remembered(tmp_path / "settings.yaml").remember("train", {"steps": 300, "width": None})
    assert Remembered(tmp_path / "settings.yaml").values("train") == {"steps": 300, "width": None}


def test_a_value_does_not_push_out_the_others(tmp_path: Path) -> None:
    remembered = Remembered(tmp_path / "settings.yaml")
    remembered.remember("train", {"steps": 300})
    remembered.remember("train", {"batch_size": 4})
    remembered.remember("create", {"name": "mira"})
    assert remembered.values("train") == {"steps": 300, "batch_size": 4}
    assert remembered.values("create") == {"name": "mira"}


@pytest.mark.parametrize("content", [b"", b"{", b"- 1\n", b"train: 3\n", b"\xff\xfe\x00"])
def test_a_broken_file_means_the_defaults_and_is_replaced(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "settings.yaml"
    file.write_bytes(content)
    assert Remembered(file).values("train") == {}
    Remembered(file).remember("train", {"steps": 5})
    assert Remembered(file).values("train") == {"steps": 5}


def test_nothing_is_written_when_nothing_changed(tmp_path: Path) -> None:
    file = tmp_path / "settings.yaml"
    remembered = Remembered(file)
    remembered.remember("train", {"steps": 5})
    os.utime(file, (1, 1))
    remembered.remember("train", {"steps": 5})
    assert file.stat().st_mtime == 1


def test_a_full_disk_is_told_in_the_log_only(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("")
    Remembered(tmp_path / "file" / "settings.yaml").remember("train", {"steps": 5})
    assert "disk space" in caplog.text


@pytest.mark.parametrize("values", [{"vae": ""}, {"vae": [1]}, {"prediction_type": "w"}, {"unknown": 1}])
def test_a_config_is_remembered_whole_or_is_the_usual_one(tmp_path: Path, values: dict[str, object]) -> None:
    remembered = Remembered(tmp_path / "settings.yaml")
    assert remembered.config("loading", LoadingConfig) == LoadingConfig()
    remembered.remember("loading", {"vae": "b.pt"})
    assert remembered.config("loading", LoadingConfig) == LoadingConfig(vae="b.pt")
    remembered.remember("loading", values)
    assert remembered.config("loading", LoadingConfig) == LoadingConfig()


def test_a_section_can_be_replaced_as_a_whole(tmp_path: Path) -> None:
    remembered = Remembered(tmp_path / "settings.yaml")
    remembered.remember("train", {"steps": 300, "batch_size": 4})
    remembered.remember("create", {"name": "mira"})
    remembered.replace("train", {"steps": 5})
    assert remembered.values("train") == {"steps": 5} and remembered.values("create") == {"name": "mira"}


def test_what_is_forgotten_leaves_the_other_sections_alone(tmp_path: Path) -> None:
    remembered = Remembered(tmp_path / "settings.yaml")
    remembered.remember("train", {"steps": 300})
    remembered.remember("create", {"name": "mira"})
    remembered.remember("appearance", {"language": "zh_CN"})

    remembered.forget(["train", "create", "never-there"])

    assert remembered.values("train") == remembered.values("create") == {}
    assert remembered.values("appearance") == {"language": "zh_CN"}
