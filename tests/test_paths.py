from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from traintab.paths import PACKAGE_DIR, REPOSITORY_DIR, ModelFolders, Paths


def test_everything_lies_below_the_data_folder(tmp_path: Path) -> None:
    paths = Paths.under(tmp_path)
    assert paths.embeddings_dir == tmp_path / "embeddings"
    assert paths.log_dir == tmp_path / "textual_inversion"
    assert paths.models_dir == tmp_path / "models"
    assert paths.outputs_dir == tmp_path / "outputs"
    assert paths.settings_file == tmp_path / "settings.yaml"
    assert paths.jobs_dir == tmp_path / "jobs"
    assert paths.trash_dir == tmp_path / "trash"
    assert paths.cache_dir == tmp_path / "cache"


def test_the_data_folder_is_the_repository_unless_told_otherwise() -> None:
    assert Paths.under().data_dir == REPOSITORY_DIR
    assert (REPOSITORY_DIR / "modules" / "traintab") == PACKAGE_DIR


def test_embeddings_and_log_can_lie_elsewhere(tmp_path: Path) -> None:
    paths = Paths.under(tmp_path, embeddings_dir=tmp_path / "words", log_dir=tmp_path / "log")
    assert paths.embeddings_dir == tmp_path / "words"
    assert paths.log_dir == tmp_path / "log"
    assert paths.cache_dir == tmp_path / "cache"


def test_a_relative_folder_is_made_absolute(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert Paths.under(Path("data")).data_dir == tmp_path / "data"


def test_a_tilde_means_the_home_folder(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert Paths.under(Path("~/data")).data_dir == tmp_path / "data"


def test_the_users_templates_come_before_the_shipped_ones(tmp_path: Path) -> None:
    own, shipped = Paths.under(tmp_path).template_dirs
    assert own == tmp_path / "textual_inversion_templates"
    assert shipped == REPOSITORY_DIR / "textual_inversion_templates"


def test_templates_are_looked_for_once_when_both_folders_are_the_same() -> None:
    assert Paths.under(REPOSITORY_DIR).template_dirs == (REPOSITORY_DIR / "textual_inversion_templates",)


def test_the_demo_lies_in_the_package_wherever_the_data_is(tmp_path: Path) -> None:
    paths = Paths.under(tmp_path)
    assert paths.demo_model_dir.parent == PACKAGE_DIR / "demo"
    assert paths.demo_examples_dir.parent == PACKAGE_DIR / "demo"


def test_models_lie_in_folders_named_as_in_the_web_ui(tmp_path: Path) -> None:
    paths = Paths.under(tmp_path)
    assert paths.checkpoint_dirs == (tmp_path / "models" / "Stable-diffusion",)
    assert paths.vae_dirs == (tmp_path / "models" / "VAE",)
    assert paths.lora_dirs == (tmp_path / "models" / "Lora",)
    assert paths.embedding_dirs == (tmp_path / "embeddings",)


def test_borrowed_folders_come_after_the_own_ones_and_none_comes_twice(tmp_path: Path) -> None:
    own, other = Paths.under(tmp_path), tmp_path / "other"
    folders = ModelFolders(
        checkpoints=(other / "checkpoints", *own.checkpoint_dirs),
        vaes=(other / "vae",),
        loras=(other / "loras", other / "loras"),
        embeddings=(other / "embeddings",),
    )
    paths = replace(own, borrowed=(folders, ModelFolders(loras=(tmp_path / "third",))))

    assert paths.checkpoint_dirs == (tmp_path / "models" / "Stable-diffusion", other / "checkpoints")
    assert paths.vae_dirs == (tmp_path / "models" / "VAE", other / "vae")
    assert paths.lora_dirs == (tmp_path / "models" / "Lora", other / "loras", tmp_path / "third")
    assert paths.embedding_dirs == (tmp_path / "embeddings", other / "embeddings")


def test_templates_of_a_web_ui_come_between_the_own_and_the_shipped_ones(tmp_path: Path) -> None:
    paths = replace(Paths.under(tmp_path), borrowed_templates=(tmp_path / "webui",))
    shipped = REPOSITORY_DIR / "textual_inversion_templates"
    assert paths.template_dirs == (tmp_path / "textual_inversion_templates", tmp_path / "webui", shipped)
    assert Paths.under(REPOSITORY_DIR).template_dirs == (shipped,)
