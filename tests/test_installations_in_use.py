from dataclasses import replace
from pathlib import Path

import pytest

from traintab.installations_in_use import InstallationsInUse
from traintab.models.installations import Installation, comfy_installation, webui_installation
from traintab.paths import ModelFolders, Paths
from traintab.remembered import Remembered


@pytest.fixture
def remembered(tmp_path: Path) -> Remembered:
    return Remembered(tmp_path / "settings.yaml")


@pytest.fixture
def comfy(tmp_path: Path) -> Installation:
    (tmp_path / "ComfyUI" / "models" / "checkpoints").mkdir(parents=True)
    return comfy_installation(tmp_path / "ComfyUI")


@pytest.fixture
def webui(tmp_path: Path) -> Installation:
    (tmp_path / "webui" / "models" / "Stable-diffusion").mkdir(parents=True)
    return webui_installation(tmp_path / "webui")


def test_none_is_used_before_one_is_chosen(
    remembered: Remembered, comfy: Installation, tmp_path: Path
) -> None:
    in_use = InstallationsInUse(remembered)
    assert comfy not in in_use
    assert in_use.added_to(Paths.under(tmp_path)) == Paths.under(tmp_path)


def test_what_is_chosen_is_used_at_once_and_after_a_restart(
    remembered: Remembered, comfy: Installation, webui: Installation, tmp_path: Path
) -> None:
    in_use = InstallationsInUse(remembered)
    for installation in (comfy, webui):
        in_use.use(installation)

    for later in (in_use, InstallationsInUse(remembered)):
        assert comfy in later and webui in later
        paths = later.added_to(Paths.under(tmp_path))
        assert set(paths.checkpoint_dirs[1:]) == {*comfy.folders.checkpoints, *webui.folders.checkpoints}


def test_folders_borrowed_already_come_first(
    remembered: Remembered, comfy: Installation, tmp_path: Path
) -> None:
    in_use = InstallationsInUse(remembered)
    in_use.use(comfy)
    named = ModelFolders(checkpoints=(tmp_path / "named",))

    paths = in_use.added_to(replace(Paths.under(tmp_path), borrowed=(named,)))

    assert paths.borrowed == (named, comfy.folders)


def test_one_that_is_gone_is_left_out(remembered: Remembered, comfy: Installation, tmp_path: Path) -> None:
    remembered.remember("installations", {str(tmp_path / "gone"): "ComfyUI", str(tmp_path): "A1111 or Forge"})
    remembered.remember("installations", {str(comfy.root): "ComfyUI"})

    in_use = InstallationsInUse(remembered)

    assert in_use.added_to(Paths.under(tmp_path)).borrowed == (comfy.folders,)
