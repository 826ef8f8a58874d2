"""What the dropdowns offer at the moment."""

from __future__ import annotations

from ..errors import TrainTabError
from ..model_slot import ModelState
from ..prompts.templates import find_templates
from ..studio import Studio

__all__ = ["embedding_names", "model_names", "names_for_prompts", "template_names"]


def embedding_names(studio: Studio) -> list[str]:
    """The embeddings that fit the model; all of them while no model is loaded."""
    studio.library.refresh()
    ready = studio.model_status.state is ModelState.READY
    return list(studio.library.embeddings(studio.model.widths if ready else None))


def names_for_prompts(studio: Studio) -> list[str]:
    """As `embedding_names`, with the embeddings of other programs' folders."""
    ready = studio.model_status.state is ModelState.READY
    return list(studio.embeddings(studio.model.widths if ready else None))


def template_names(studio: Studio) -> list[str]:
    """File names of the prompt templates."""
    return list(find_templates(studio.paths.template_dirs))


def model_names(studio: Studio) -> list[str]:
    """The models found on disk; an unreadable folder offers none."""
    try:
        return studio.list_models()
    except TrainTabError:
        return []
