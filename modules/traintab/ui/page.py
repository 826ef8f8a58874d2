"""What every panel of one page shares."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..configs import (
    CreateConfig,
    GenerationConfig,
    GridConfig,
    LikenessConfig,
    PreprocessConfig,
    SavingConfig,
    TrainingConfig,
)
from ..configs.samplers import split_sampler_name
from ..remembered import Remembered
from ..studio import Studio
from .form import Form
from .host_settings import start_values
from .pulse import Pulse, seconds_between

__all__ = ["Page"]


@dataclass(frozen=True, kw_only=True)
class Page:
    """Studio, forms (whose fields may stand in several tabs), and what keeps the page up to date."""

    studio: Studio
    create: Form = field(default_factory=lambda: Form(CreateConfig, "create"))
    preprocess: Form = field(default_factory=lambda: Form(PreprocessConfig, "preprocess"))
    train: Form = field(default_factory=lambda: Form(TrainingConfig, "train"))
    txt2img: Form = field(default_factory=lambda: Form(GenerationConfig, "txt2img"))
    img2img: Form = field(default_factory=lambda: Form(GenerationConfig, "img2img", area="txt2img"))
    saving: Form = field(default_factory=lambda: Form(SavingConfig, "saving"))
    grid: Form = field(default_factory=lambda: Form(GridConfig, "grid"))
    likeness: Form = field(default_factory=lambda: Form(LikenessConfig, "likeness"))
    pulse: Pulse = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "pulse", Pulse(lambda: seconds_between(self.studio)))

    @property
    def forms(self) -> tuple[Form, ...]:
        """All forms."""
        drawing = (self.txt2img, self.img2img, self.saving, self.grid, self.likeness)
        return self.create, self.preprocess, self.train, *drawing

    @property
    def remembered(self) -> Remembered:
        """What the fields held when the user was last here."""
        return self.studio.remembered

    def remembered_values(self, form: Form) -> dict[str, Any]:
        """What was remembered of a form; a sampler's name of old becomes sampler and schedule type.

        In a web UI the fields that the user has not touched here begin as its settings say.
        """
        values = self.remembered.values(form.section)
        if form is self.train:
            values = {**start_values(self.studio.host_settings), **values}
        if form in (self.txt2img, self.img2img) and isinstance(values.get("sampler"), str):
            values["sampler"], schedule_type = split_sampler_name(values["sampler"])
            values.update({"schedule_type": schedule_type} if schedule_type else {})
        return values
