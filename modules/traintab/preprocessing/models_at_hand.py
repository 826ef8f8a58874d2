"""The models that a run needs: loaded when the first picture wants them, given back at the end."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from ..configs import PreprocessConfig
from ..errors import TrainTabError
from ..paths import Paths
from .background import BackgroundRemover, check_background, load_background_remover
from .captioners import Captioner, CaptionerMeans, FetchInterrupted, check_captioner, load_captioner

__all__ = ["ModelsAtHand", "check_models", "default_means", "makes_captions", "needs_models"]

_FOLDER = "captioners"


def makes_captions(config: PreprocessConfig) -> bool:
    """Whether a model writes the captions."""
    return config.caption not in ("none", "filename")


def needs_models(config: PreprocessConfig) -> bool:
    """Whether any model is needed, and with it `CaptionerMeans`."""
    return makes_captions(config) or config.background.background != "keep"


def check_models(config: PreprocessConfig, models_dir: Path | None = None) -> None:
    """Raise InputError when a model that is asked for can't be there; loads and fetches nothing."""
    check_background(config.background)
    if makes_captions(config):
        check_captioner(config, models_dir or Paths.under().models_dir / _FOLDER)


def default_means(
    models_dir: Path,
    *,
    report: Callable[[str], None] | None = None,
    interrupted: Callable[[], bool] | None = None,
) -> CaptionerMeans:
    """Means with the best device here; `models_dir` is the folder of all models. Tells nobody by default."""
    from ..models.devices import choose_device

    return CaptionerMeans(
        models_dir=models_dir / _FOLDER,
        device=str(choose_device().device),
        report=report or _unheard,
        interrupted=interrupted or (lambda: False),
    )


def _unheard(_sentence: str) -> None:
    pass


class ModelsAtHand:
    """Loads each model once, whichever threads ask for it; raises what loading raises."""

    def __init__(self, config: PreprocessConfig, means: CaptionerMeans) -> None:
        self._config = config
        self._means = means
        self._loading = threading.Lock()
        self._captioner: Captioner | None = None
        self._remover: BackgroundRemover | None = None
        self._failure: TrainTabError | FetchInterrupted | None = None

    def captioner(self) -> Captioner:
        """What makes the captions; only for a config that has one."""
        with self._loading:
            if self._captioner is None:
                self._captioner = load_captioner(self._config, self._means)
            if self._captioner is None:
                raise ValueError(f"No model makes captions by {self._config.caption!r}.")
            return self._captioner

    def remover(self) -> BackgroundRemover | None:
        """What finds the subjects, None where backgrounds are kept.

        Where it couldn't be loaded once, the other threads don't try again.
        """
        with self._loading:
            if self._failure is not None:
                raise self._failure
            if self._remover is None:
                try:
                    self._remover = load_background_remover(self._config.background, self._means)
                except (TrainTabError, FetchInterrupted) as error:
                    self._failure = error
                    raise
            return self._remover

    def close(self) -> None:
        """Give the models' memory back."""
        for model in (self._captioner, self._remover):
            if model is not None:
                model.close()
        self._captioner = self._remover = None
