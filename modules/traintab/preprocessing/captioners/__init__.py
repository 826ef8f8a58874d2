"""Captions from models: sentences (BLIP and other image-to-text models) and tags.

`check_captioner` is cheap and comes before anything starts; `load_captioner` fetches and loads. A captioner
that works some other way is one file here with a `check` and a `load`, and one line in each of the two.
Models themselves live in `models`: torch and transformers are only imported when one is loaded.
"""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from ...configs import PreprocessConfig
from ...models.fetching import FetchInterrupted
from .captioner import Captioner, CaptionerMeans

__all__ = ["Captioner", "CaptionerMeans", "FetchInterrupted", "check_captioner", "load_captioner"]

_SENTENCES = ("blip", "blip and tags", "model")
_TAGS = ("tags", "blip and tags")


def check_captioner(config: PreprocessConfig, models_dir: Path) -> None:
    """Raise InputError when the captioner that `config` asks for can't work: a package or files are missing.

    Nothing is fetched or loaded: a model that is still to be fetched to `models_dir` counts as there.
    """
    if config.caption in _SENTENCES:
        from .sentences import check_sentences

        check_sentences(config, models_dir)
    if config.caption in _TAGS:
        from .tagger import check_tagger

        check_tagger(config.tagging, models_dir)


def load_captioner(config: PreprocessConfig, means: CaptionerMeans) -> Captioner | None:
    """The captioner that `config` asks for, fetched where needed; None where captions need no model.

    Raises InputError when a model can't be had or used, MemoryShortageError when it doesn't fit the device,
    FetchInterrupted when the user asked to stop while a model was fetched.
    """
    parts: list[Captioner] = []
    with ExitStack() as given_back:  # the first, should the second fail
        if config.caption in _SENTENCES:
            from .sentences import load_sentences

            parts.append(load_sentences(config, means))
            given_back.callback(parts[0].close)
        if config.caption in _TAGS:
            from .tagger import load_tagger

            parts.append(load_tagger(config.tagging, means))
        given_back.pop_all()
    if len(parts) < 2:
        return parts[0] if parts else None
    from .combined import CombinedCaptioner

    return CombinedCaptioner(parts)
