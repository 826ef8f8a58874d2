"""The steps of a checkpoint grid judged by their pictures: on a thread of its own, told by snapshots."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

from .configs import LikenessConfig
from .errors import TrainTabError
from .grids.kept_scores import load_scores, save_scores
from .grids.scoring import Recommendation, StepScores, recommended
from .grids.snapshot import GridSnapshot
from .model_slot import ModelSlot
from .paths import Paths

if TYPE_CHECKING:
    from .grids import Grids
    from .grids.scoring import ScoredPicture
    from .likeness.judged import Judge

__all__ = ["GridScoring", "ScoringSnapshot"]

_LOGGER = logging.getLogger(__name__)
_ASK_SECONDS = 0.2
_MOST_TRAINING_PICTURES = 48

Between = Callable[[Callable[[], Any]], "Future[Any]"]


@dataclass(frozen=True, kw_only=True)
class ScoringSnapshot:
    """Scores at one moment; the last ones stay until those of the next grid begin.

    `grid` is the number of the grid that is judged, `name` says in what. `done` of `total` pictures are
    looked at while it `is_active`. `scores` are by step, with the evaluation losses alone while the pictures
    aren't judged; `error` is a sentence when they couldn't be. `revision` grows with every change.
    """

    grid: int = 0
    is_active: bool = False
    name: str = ""
    done: int = 0
    total: int = 0
    message: str = ""
    scores: Mapping[int, StepScores] = field(default_factory=dict)
    recommendation: Recommendation | None = None
    error: str = ""
    revision: int = 0


class Home(Protocol):
    """The program whose grids are judged."""

    grids: Grids

    @property
    def paths(self) -> Paths:
        """Where the user's files lie."""


class GridScoring:
    """Judges the grid that is drawn, as soon as it is; any thread may call. Scores outlive the program.

    `grid()` is the grid's snapshot, `judges` the loaders of judges by the name of the model they know.
    """

    def __init__(
        self,
        grid: Callable[[], GridSnapshot],
        between: Between,
        models: ModelSlot,
        paths: Callable[[], Paths],
    ) -> None:
        self._grid = grid
        self._between = between
        self._models = models
        self._paths = paths
        self.judges: dict[str, Callable[[], Judge]] = {}
        self._lock = threading.Lock()
        self._snapshot = _kept(grid())
        self._stop = threading.Event()
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="traintab-grid-scores")
        self._concluded = threading.Event()
        self._concluded.set()
        self._seen: Any = None

    @classmethod
    def of(cls, home: Home, models: ModelSlot, between: Between) -> GridScoring:
        """Judging of the program's grids; `between` runs a task on the thread that may use the model."""
        return cls(home.grids.snapshot, between, models, lambda: home.paths)

    def snapshot(self) -> ScoringSnapshot:
        """The scores there are."""
        return self._snapshot

    def check(self, config: LikenessConfig) -> None:
        """Raise ModelError when the likeness model can't be used; loads and fetches nothing."""
        from .likeness.encoders import check_encoder

        if config.likeness_model.strip():
            check_encoder(config.likeness_model.strip(), self._paths().models_dir)

    def follow(self, config: LikenessConfig) -> ScoringSnapshot:
        """Judge the grid that is being drawn now once it is done, or at once when it is; returns at once.

        What was being judged before is given up.
        """
        with self._lock:
            self._stop.set()
            self._stop = stop = threading.Event()
            number, revision = self._grid().number, self._snapshot.revision + 1
            first = ScoringSnapshot(grid=number, is_active=True, revision=revision)
            self._snapshot = first
            self._concluded.clear()
            ended = self._threads.submit(self._judge, config, number, stop)
        ended.add_done_callback(lambda done: self._conclude(done, stop))
        return first

    def interrupt(self) -> None:
        """Give up judging."""
        self._stop.set()

    def wait(self, timeout: float | None = None) -> ScoringSnapshot:
        """Wait for the scores; the snapshot then."""
        self._concluded.wait(timeout)
        return self._snapshot

    def _tell(self, stop: threading.Event, **changes: Any) -> None:
        """A change; of what was given up nothing is told."""
        with self._lock:
            if not stop.is_set():
                self._snapshot = replace(self._snapshot, **changes, revision=self._snapshot.revision + 1)

    def _conclude(self, ended: Future[None], stop: threading.Event) -> None:
        error = ended.exception()
        with self._lock:
            if stop is not self._stop:
                return
            told = _sentence_of(error) if error and not stop.is_set() else ""
            revision = self._snapshot.revision + 1
            self._snapshot = replace(
                self._snapshot, is_active=False, message="", error=told, revision=revision
            )
            self._concluded.set()

    def _judge(self, config: LikenessConfig, number: int, stop: threading.Event) -> None:
        grid = self._grid()
        while grid.number == number and grid.state.is_active:
            if stop.wait(_ASK_SECONDS):
                return
            grid = self._grid()
        whole = {} if grid.number != number else pictures_of(grid)
        if not whole or stop.is_set():
            return
        losses = {column.step: column.evaluation_loss for column in grid.columns}
        known = {step: StepScores(evaluation_loss=losses[step]) for step in whole}
        self._tell(stop, scores=known, recommendation=recommended(known))
        scores = self._scores(config, grid, whole, stop)
        scores = {step: replace(one, evaluation_loss=losses[step]) for step, one in scores.items()}
        self._tell(stop, scores=scores, recommendation=recommended(scores))
        if scores and grid.picture is not None and not stop.is_set():
            save_scores(grid.picture, self._snapshot.name, scores)

    def _scores(
        self,
        config: LikenessConfig,
        grid: GridSnapshot,
        pictures: Mapping[int, Sequence[ScoredPicture]],
        stop: threading.Event,
    ) -> Mapping[int, StepScores]:
        from .likeness.choosing import open_scorer
        from .training.run_folder import RunFolder
        from .training.run_pictures import training_pictures

        if grid.run is None:
            return {}
        self._tell(stop, message="Reading the training pictures.")
        run = RunFolder(path=grid.run, embedding_name=grid.embedding_name)
        training = training_pictures(run, most=_MOST_TRAINING_PICTURES)
        with (
            self._models.on_device(),
            open_scorer(config.likeness_model, grid.embedding_name, self._means(stop)) as scorer,
        ):
            self._tell(stop, name=scorer.name, message="Comparing the pictures.")

            def progress(done: int, total: int) -> None:
                if stop.is_set():
                    raise _GivenUp
                self._tell(stop, done=done, total=total)

            return scorer.score(pictures, training, progress)

    def _means(self, stop: threading.Event) -> Any:
        from .likeness.choosing import ScorerMeans
        from .likeness.encoders import EncoderMeans
        from .likeness.looking import SeenPictures

        if self._seen is None:
            self._seen = SeenPictures()
        return ScorerMeans(
            between=self._between,
            model=self._models.get,
            model_name=self._models.status.spec,
            judges=self.judges,
            encoder=EncoderMeans(
                models_dir=self._paths().models_dir,
                report=lambda sentence: self._tell(stop, message=sentence),
                interrupted=stop.is_set,
            ),
            seen=self._seen,
        )


def _kept(grid: GridSnapshot) -> ScoringSnapshot:
    """The scores of a grid that an earlier start of the program has judged."""
    name, scores = load_scores(grid.picture) if grid.picture is not None else ("", {})
    if not scores:
        return ScoringSnapshot()
    return ScoringSnapshot(
        grid=grid.number, name=name, scores=scores, recommendation=recommended(scores), revision=1
    )


class _GivenUp(Exception):
    """The user began another grid, or the program ends."""


def pictures_of(grid: GridSnapshot) -> dict[int, list[ScoredPicture]]:
    """The pictures of the steps that are drawn completely; of an interrupted grid the others would be judged
    by easier rows.

    Raises OSError when a file is gone.
    """
    from PIL import Image

    from .grids.scoring import ScoredPicture

    wanted = len(grid.rows) * len(grid.seeds)
    found = {}
    for place, column in enumerate(grid.columns):
        cells = [cell for cell in grid.cells if cell.column == place]
        if len(cells) < wanted:
            continue
        found[column.step] = [
            ScoredPicture(
                image=Image.open(cell.path).convert("RGB"),
                prompt=grid.rows[cell.row].prompt,
                row=cell.row,
                seed=cell.seed,
            )
            for cell in sorted(cells, key=lambda cell: (cell.row, cell.seed))
        ]
    return found


def _sentence_of(error: BaseException) -> str:
    """Ours are sentences; of one that nobody foresaw the log keeps the traceback."""
    if isinstance(error, TrainTabError):
        return str(error)
    _LOGGER.error("Judging a grid failed.", exc_info=error)
    kind = type(error).__name__
    return (
        f"The steps weren't judged by an unexpected error ({kind}: {error}). Details are in the program's"
        " output."
    )
