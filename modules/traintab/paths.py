"""The only place that knows the names of folders."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

__all__ = ["PACKAGE_DIR", "REPOSITORY_DIR", "ModelFolders", "Paths"]

PACKAGE_DIR = Path(__file__).resolve().parent
REPOSITORY_DIR = PACKAGE_DIR.parent.parent


@dataclass(frozen=True, kw_only=True)
class ModelFolders:
    """Folders of another program's installation, read only: the program never writes there."""

    checkpoints: tuple[Path, ...] = ()
    vaes: tuple[Path, ...] = ()
    loras: tuple[Path, ...] = ()
    embeddings: tuple[Path, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Paths:
    """Where the user's files lie; `data_dir` is the repository root unless told otherwise.

    `borrowed` are the folders of existing installations, `borrowed_templates` theirs of prompt templates; own
    folders always come first.
    """

    data_dir: Path
    embeddings_dir: Path
    log_dir: Path
    borrowed: tuple[ModelFolders, ...] = ()
    borrowed_templates: tuple[Path, ...] = ()

    @classmethod
    def under(
        cls, data_dir: Path | None = None, embeddings_dir: Path | None = None, log_dir: Path | None = None
    ) -> Paths:
        """Paths below `data_dir`, with the embeddings and the log elsewhere when given."""
        root = (data_dir or REPOSITORY_DIR).expanduser().resolve()
        return cls(
            data_dir=root,
            embeddings_dir=(embeddings_dir or root / "embeddings").expanduser().resolve(),
            log_dir=(log_dir or root / "textual_inversion").expanduser().resolve(),
        )

    @property
    def models_dir(self) -> Path:
        """Checkpoints, VAEs and LoRAs, each kind in a folder of its own, named as in A1111."""
        return self.data_dir / "models"

    @property
    def checkpoint_dirs(self) -> tuple[Path, ...]:
        """Diffusers folders and single files, in these folders and below: `models/Stable-diffusion` first."""
        own = self.models_dir / "Stable-diffusion"
        return _distinct(own, [folder for other in self.borrowed for folder in other.checkpoints])

    @property
    def vae_dirs(self) -> tuple[Path, ...]:
        """VAEs that replace a checkpoint's own: `models/VAE` first."""
        own = self.models_dir / "VAE"
        return _distinct(own, [folder for other in self.borrowed for folder in other.vaes])

    @property
    def lora_dirs(self) -> tuple[Path, ...]:
        """LoRA files, in these folders and below: `models/Lora` first."""
        own = self.models_dir / "Lora"
        return _distinct(own, [folder for other in self.borrowed for folder in other.loras])

    @property
    def embedding_dirs(self) -> tuple[Path, ...]:
        """Embeddings to draw with: the user's own folder first, the only one that is written to."""
        own = self.embeddings_dir
        return _distinct(own, [folder for other in self.borrowed for folder in other.embeddings])

    @property
    def outputs_dir(self) -> Path:
        """Pictures of txt2img, one folder a day."""
        return self.data_dir / "outputs"

    @property
    def pictures_dir(self) -> Path:
        """Pictures that came in through the page, a folder each time."""
        return self.data_dir / "pictures"

    @property
    def settings_file(self) -> Path:
        """What the page remembers."""
        return self.data_dir / "settings.yaml"

    @property
    def trash_dir(self) -> Path:
        """Embeddings that were deleted or replaced, a folder each, until the user empties it."""
        return self.data_dir / "trash"

    @property
    def jobs_dir(self) -> Path:
        """One record a job, so that a restarted server knows what ran."""
        return self.data_dir / "jobs"

    @property
    def queue_dir(self) -> Path:
        """One file for each job that waits for its turn."""
        return self.jobs_dir / "queue"

    @property
    def cache_dir(self) -> Path:
        """What can be made again: latents by content."""
        return self.data_dir / "cache"

    @property
    def thumbnails_dir(self) -> Path:
        """Small versions of large previews, for the page."""
        return self.cache_dir / "thumbnails"

    @property
    def last_grid_file(self) -> Path:
        """What the page shows of the last comparison of steps, also after a restart."""
        return self.cache_dir / "grid.json"

    @property
    def caption_journal_dir(self) -> Path:
        """What was saved of captions and can be taken back, a file for each folder of pictures."""
        return self.cache_dir / "captions"

    @property
    def template_dirs(self) -> tuple[Path, ...]:
        """Prompt templates: the user's below `data_dir` first, then a web UI's, then the shipped ones."""
        own = self.data_dir / "textual_inversion_templates"
        return _distinct(own, [*self.borrowed_templates, REPOSITORY_DIR / "textual_inversion_templates"])

    @property
    def preset_dirs(self) -> tuple[Path, ...]:
        """Presets: the user's below `data_dir` first, then the shipped ones."""
        return self.data_dir / "presets", PACKAGE_DIR / "recipes"

    @property
    def demo_model_dir(self) -> Path:
        """The shipped demo model, a diffusers folder."""
        return PACKAGE_DIR / "demo" / "model"

    @property
    def demo_examples_dir(self) -> Path:
        """The shipped example concepts, a folder of pictures each."""
        return PACKAGE_DIR / "demo" / "examples"


def _distinct(own: Path, others: list[Path]) -> tuple[Path, ...]:
    """Each folder once, in this order: a borrowed folder may be the own one."""
    return tuple(dict.fromkeys([own, *others]))
