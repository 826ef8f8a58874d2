from __future__ import annotations

from pathlib import Path

import pytest

from traintab.errors import InputError
from traintab.models.installations import (
    comfy_installation,
    find_installations,
    webui_installation,
)


def make(root: Path, *folders: str) -> Path:
    for folder in folders:
        (root / folder).mkdir(parents=True, exist_ok=True)
    return root


@pytest.fixture
def webui(tmp_path: Path) -> Path:
    root = make(
        tmp_path / "webui", "modules", "models/Stable-diffusion", "models/VAE", "models/Lora", "embeddings"
    )
    (root / "modules" / "shared.py").touch()
    return root


@pytest.fixture
def comfy(tmp_path: Path) -> Path:
    return make(
        tmp_path / "ComfyUI", "comfy", "models/checkpoints", "models/vae", "models/loras", "models/embeddings"
    )


def extra(comfy: Path, text: str) -> Path:
    (comfy / "extra_model_paths.yaml").write_text(text, encoding="utf-8")
    return comfy


def test_a_web_ui_s_folders_are_known(webui: Path) -> None:
    found = webui_installation(webui)

    assert found.folders.checkpoints == (webui / "models" / "Stable-diffusion",)
    assert found.folders.vaes == (webui / "models" / "VAE",)
    assert found.folders.loras == (webui / "models" / "Lora",)
    assert found.folders.embeddings == (webui / "embeddings",)
    assert (found.program, found.flag) == ("A1111 or Forge", "--webui-dir")


def test_folders_that_are_not_there_are_left_out(webui: Path) -> None:
    (webui / "models" / "VAE").rmdir()
    make(webui, "models/LyCORIS")

    folders = webui_installation(webui).folders

    assert folders.vaes == ()
    assert folders.loras == (webui / "models" / "Lora", webui / "models" / "LyCORIS")


def test_comfyui_s_folders_are_known(comfy: Path) -> None:
    found = comfy_installation(comfy)

    assert found.folders.checkpoints == (comfy / "models" / "checkpoints",)
    assert found.folders.vaes == (comfy / "models" / "vae",)
    assert found.folders.loras == (comfy / "models" / "loras",)
    assert found.folders.embeddings == (comfy / "models" / "embeddings",)
    assert (found.program, found.flag) == ("ComfyUI", "--comfy-dir")


def test_the_folders_of_its_extra_model_paths_come_behind_its_own(comfy: Path, tmp_path: Path) -> None:
    a, b = (
        make(tmp_path / "a", "models/Stable-diffusion", "models/Lora", "models/LyCORIS"),
        make(tmp_path / "b", "vae"),
    )
    extra(
        comfy,
        f"""
        # a comment, as in the example that ComfyUI ships
        a111:
            base_path: {a}/
            checkpoints: models/Stable-diffusion
            loras: |
                 models/Lora
                 models/LyCORIS
            embeddings: embeddings
            controlnet: models/ControlNet
        other:
            is_default: true
            vae: {b / "vae"}
        """,
    )

    folders = comfy_installation(comfy).folders

    assert folders.checkpoints == (comfy / "models" / "checkpoints", a / "models" / "Stable-diffusion")
    assert folders.loras == (comfy / "models" / "loras", a / "models" / "Lora", a / "models" / "LyCORIS")
    assert folders.vaes == (comfy / "models" / "vae", b / "vae")
    assert folders.embeddings == (comfy / "models" / "embeddings",)


def test_a_relative_path_is_meant_from_comfyui_s_folder(comfy: Path) -> None:
    make(comfy.parent, "shared")
    extra(comfy, "mine:\n  base_path: ..\n  loras: shared\n")

    assert comfy_installation(comfy).folders.loras[1].resolve() == comfy.parent / "shared"


@pytest.mark.parametrize(
    "text", ["", "a: 5", "a:\n  checkpoints: [1, 2]\n  base_path: {}", "a:\n  loras: ''"]
)
def test_what_names_no_folders_adds_none(comfy: Path, text: str) -> None:
    assert comfy_installation(extra(comfy, text)).folders == comfy_installation(comfy).folders


@pytest.mark.parametrize(
    "text", ["[", "- a", "!!python/object/apply:os.system [x]", " " * (2 << 20), "[" * 3000], ids=range(5)
)
def test_a_yaml_that_cannot_be_read_is_told_and_runs_nothing(comfy: Path, text: str) -> None:
    with pytest.raises(InputError, match=r"extra_model_paths\.yaml failed: .*Correct it, or move it away"):
        comfy_installation(extra(comfy, text))


def test_another_folder_is_refused_with_what_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"--webui-dir is .* not the folder of a web UI.*modules/shared.py"):
        webui_installation(tmp_path)
    with pytest.raises(InputError, match=r"--comfy-dir is .* not the folder of ComfyUI.*models/checkpoints"):
        comfy_installation(tmp_path)
    with pytest.raises(InputError, match="there is no such folder"):
        comfy_installation(tmp_path / "gone")


def test_installations_beside_the_program_around_it_and_at_home_are_found(tmp_path: Path) -> None:
    home = make(tmp_path / "home", "ComfyUI/comfy")
    beside = make(
        tmp_path / "host", "modules", "extensions/this", "extensions/stable-diffusion-webui/modules"
    )
    for root in (beside, beside / "extensions" / "stable-diffusion-webui"):
        (root / "modules" / "shared.py").touch()

    found = find_installations(home, beside / "extensions" / "this")

    assert [(i.program, i.root) for i in found] == [
        ("A1111 or Forge", beside),
        ("A1111 or Forge", beside / "extensions" / "stable-diffusion-webui"),
        ("ComfyUI", home / "ComfyUI"),
    ]


def test_a_broken_yaml_in_one_that_nobody_named_is_passed_over(tmp_path: Path) -> None:
    home = make(tmp_path / "home", "ComfyUI/comfy", "ComfyUI/models/loras")
    extra(home / "ComfyUI", "[")

    (found,) = find_installations(home, tmp_path / "somewhere" / "this")

    assert found.folders.loras == (home / "ComfyUI" / "models" / "loras",)


def test_without_any_none_is_found(tmp_path: Path) -> None:
    assert find_installations(tmp_path, tmp_path / "somewhere" / "this") == []
