"""Networks that a prompt asks for with tags such as `<lora:name:0.8>`, at work while it is drawn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ..configs import GenerationConfig
from ..embeddings.embedding import Embedding
from ..embeddings.formats import read_bundled
from ..errors import EmbeddingFileError
from ..models.lora import applied_networks
from ..models.lora_files import find_loras
from ..models.model import Model
from ..prompts.extra_networks import ExtraNetwork, take_extra_networks

__all__ = ["NetworksAtWork", "networks_at_work"]


@dataclass(frozen=True, kw_only=True)
class NetworksAtWork:
    """`hashes` of the networks by name, the `embeddings` that their files bring along, and `notes`.

    A note is a sentence about something that was asked for and isn't applied.
    """

    hashes: Mapping[str, str]
    embeddings: Mapping[str, Embedding]
    notes: tuple[str, ...]


@contextmanager
def networks_at_work(model: Model, config: GenerationConfig) -> Iterator[NetworksAtWork]:
    """While the block runs, `model` holds the networks that the prompt of `config` names.

    Afterwards its weights are what they were, bit for bit. A network counts for the whole picture, so that
    tags in the negative prompt have no effect.
    """
    _, networks = take_extra_networks(config.prompt)
    _, without_effect = take_extra_networks(config.negative_prompt)
    loras = find_loras(model.lora_dirs) if networks else {}
    with applied_networks(model, networks, loras) as applied:
        embeddings, refused = _brought_along(applied.files.values())
        notes = (*applied.notes, *refused, *map(_has_no_effect, without_effect))
        yield NetworksAtWork(hashes=applied.hashes, embeddings=embeddings, notes=notes)


def _brought_along(files: Iterable[Path]) -> tuple[dict[str, Embedding], list[str]]:
    """The embeddings in LoRA files by name, and why others can't be used."""
    found: dict[str, Embedding] = {}
    refused: list[str] = []
    for path in files:
        if path.suffix.lower() != ".safetensors":
            continue
        try:
            bundle = read_bundled(path)
        except EmbeddingFileError as error:
            refused.append(str(error))
        else:
            found |= {file.embedding.name: file.embedding for file in bundle.files}
            refused += bundle.refused.values()
    return found, refused


def _has_no_effect(network: ExtraNetwork) -> str:
    return (
        f"<{network.kind}:{network.name}> in the negative prompt was not applied: a network counts for the"
        " whole picture; write it into the prompt, with a weight below 0 to turn it round."
    )
