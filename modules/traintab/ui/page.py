"""What every panel of one page shares."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..configs import CreateConfig, GenerationConfig, PreprocessConfig, TrainingConfig
from ..remembered import Remembered
from ..studio import Studio
from .form import Form

__all__ = ["Page"]


@dataclass(frozen=True, kw_only=True)
class Page:
    """The studio and the forms; a form's fields may stand in several tabs."""

    studio: Studio
    create: Form = field(default_factory=lambda: Form(CreateConfig, "create"))
    preprocess: Form = field(default_factory=lambda: Form(PreprocessConfig, "preprocess"))
    train: Form = field(default_factory=lambda: Form(TrainingConfig, "train"))
    txt2img: Form = field(default_factory=lambda: Form(GenerationConfig, "txt2img"))

    @property
    def forms(self) -> tuple[Form, ...]:
        """All forms."""
        return self.create, self.preprocess, self.train, self.txt2img

    @property
    def remembered(self) -> Remembered:
        """What the fields held when the user was last here."""
        return self.studio.remembered
