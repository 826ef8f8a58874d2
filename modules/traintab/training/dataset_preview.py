"""What the model will see, before anything is trained: final prompts and their tokens, sizes, repeats."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import torch

from ..conditioning.chunks import Chunk, chunk_prompt
from ..conditioning.names import NameFinder
from ..configs import TrainingConfig
from ..datasets.report import DatasetImage
from ..datasets.seeds import seeded_generator
from ..models.discovery import resolve
from ..models.facts import default_size_of, widths_of
from ..models.text_encoder import TextEncoder
from ..models.tokenizers import load_tokenizers
from ..paths import Paths
from .checks import check_before_loading, check_widths
from .picture_sizes import sized_by
from .plan import TrainingPlan
from .prompt_lines import PromptRules
from .unfinished import Resume

__all__ = ["DatasetPreview", "PreviewedPicture", "PreviewedPrompt", "PromptReader", "preview_dataset"]

_EXAMPLES = 3
_DRAWS = 12


@dataclass(frozen=True, kw_only=True)
class PreviewedPrompt:
    """A prompt, and by text encoder its token ids chunk by chunk, without first, closing and padding tokens.

    The rows of an embedding have ids behind the vocabulary's, as words that are added to a tokenizer.
    `names` are the embeddings in it; without a trained one `is_shown` is False, and training would stop.
    """

    text: str
    chunks: Mapping[str, tuple[tuple[int, ...], ...]]
    names: tuple[str, ...]
    is_shown: bool


@dataclass(frozen=True, kw_only=True)
class PreviewedPicture:
    """A picture with its `prompts`: the one it has in every showing, or examples where they vary.

    `image` tells file, caption and true size; `size` is the width and height in pixels it is shown at, and
    `repeats` how often in an epoch.
    """

    image: DatasetImage
    size: tuple[int, int]
    repeats: int
    prompts: tuple[PreviewedPrompt, ...]


@dataclass(frozen=True, kw_only=True)
class DatasetPreview:
    """All pictures in their order, and the token ids of every embedding that was met, the trained ones first.

    `placeholder_ids` are by text encoder and name; `capacity` is how many tokens a chunk holds. `notices` are
    the sentences that a training would begin with.
    """

    pictures: tuple[PreviewedPicture, ...]
    placeholder_ids: Mapping[str, Mapping[str, tuple[int, ...]]]
    capacity: int
    varies: bool
    notices: tuple[str, ...]

    @property
    def unshown(self) -> list[PreviewedPicture]:
        """Pictures with a prompt in which the text encoder doesn't find a trained name."""
        return [picture for picture in self.pictures if not all(p.is_shown for p in picture.prompts)]


def preview_dataset(config: TrainingConfig, paths: Paths, *, resume: bool | Resume = False) -> DatasetPreview:
    """What a training by these settings would show; raises an InputError where it wouldn't begin.

    Of the model only its tokenizers are loaded.
    """
    plan = check_before_loading(config, paths, resume=resume)
    checkpoint = resolve(plan.config.model, paths)
    widths = widths_of(checkpoint)
    check_widths(plan, checkpoint.name, widths)
    num_vectors = {one.name: one.num_vectors for one in plan.trained}
    for name, embedding in plan.embeddings.items():
        if embedding.widths == widths:
            num_vectors.setdefault(name, embedding.num_vectors)
    reader = PromptReader(load_tokenizers(checkpoint), num_vectors, plan.rules.names)
    return DatasetPreview(
        pictures=tuple(_pictures(plan, default_size_of(checkpoint), reader)),
        placeholder_ids=reader.placeholder_ids,
        capacity=reader.capacity,
        varies=plan.rules.vary,
        notices=plan.notices,
    )


def _pictures(plan: TrainingPlan, default_size: int, reader: PromptReader) -> Iterator[PreviewedPicture]:
    dataset = plan.config.dataset
    plan = sized_by(plan, dataset.width or default_size, dataset.height or default_size)
    images = plan.dataset.images
    lines = plan.rules.drawn_lines(images, plan.config.seed)
    for image, line, repeats, size in zip(images, lines, plan.dataset.repeats, plan.sizes, strict=True):
        generator = seeded_generator("dataset preview", plan.config.seed, image.name)
        prompts = tuple(_prompts(plan.rules, image, line, reader, generator))
        yield PreviewedPicture(image=image, size=size, repeats=repeats, prompts=prompts)


def _prompts(
    rules: PromptRules, image: DatasetImage, line: str, reader: PromptReader, generator: torch.Generator
) -> list[PreviewedPrompt]:
    """The picture's prompt; where each showing has its own, a few different ones."""
    if not rules.vary:
        return [reader.read(rules.prompt(line, image.caption))]

    def is_shown(prompt: str) -> bool:
        return reader.read(prompt).is_shown

    drawn = (rules.varied_prompt(image.caption, generator, is_shown, line=line) for _ in range(_DRAWS))
    return list(map(reader.read, list(dict.fromkeys(drawn))[:_EXAMPLES]))


class PromptReader:
    """Divides prompts as the model does, and gives the rows of embeddings token ids of their own.

    `num_vectors` are those of every embedding that a prompt may name, `trained` the names a run trains; their
    rows are numbered first, from the end of the vocabulary on.
    """

    def __init__(
        self,
        text_encoders: Sequence[TextEncoder],
        num_vectors: Mapping[str, int],
        trained: Sequence[str],
    ) -> None:
        self._encoders = [(encoder, NameFinder(encoder, num_vectors)) for encoder in text_encoders]
        self._num_vectors = num_vectors
        self._trained = trained
        self._ids: dict[str, dict[str, tuple[int, ...]]] = {encoder.name: {} for encoder in text_encoders}
        for encoder, _ in self._encoders:
            for name in trained:
                self._ids_of(encoder, name)

    @property
    def capacity(self) -> int:
        """Tokens of a chunk, without the first and the closing one."""
        return self._encoders[0][0].max_content_tokens

    @property
    def placeholder_ids(self) -> Mapping[str, Mapping[str, tuple[int, ...]]]:
        """The ids given so far, by text encoder and name."""
        return self._ids

    def read(self, text: str) -> PreviewedPrompt:
        """The prompt with its tokens for each text encoder."""
        divided = {encoder: chunk_prompt(text, encoder, finder).chunks for encoder, finder in self._encoders}
        names = dict.fromkeys(
            v.name for chunks in divided.values() for chunk in chunks for v in chunk.vectors
        )
        return PreviewedPrompt(
            text=text,
            chunks={
                encoder.name: tuple(self._numbered(encoder, chunk) for chunk in chunks)
                for encoder, chunks in divided.items()
            },
            names=tuple(names),
            is_shown=not names.keys().isdisjoint(self._trained),
        )

    def _numbered(self, encoder: TextEncoder, chunk: Chunk) -> tuple[int, ...]:
        ids = list(chunk.ids)
        for place, name, row in chunk.vectors:
            ids[place] = self._ids_of(encoder, name)[row]
        return tuple(ids)

    def _ids_of(self, encoder: TextEncoder, name: str) -> tuple[int, ...]:
        """The ids of an embedding's rows, the next free ones when it is met for the first time."""
        known = self._ids[encoder.name]
        if name not in known:
            first = len(encoder.tokenizer) + sum(map(len, known.values()))
            known[name] = tuple(range(first, first + self._num_vectors[name]))
        return known[name]
