"""Networks that a prompt asks for (`<lora:name:0.8>`), added to the model's weights for a while."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import torch

from ..prompts.extra_networks import ExtraNetwork
from .lora_files import lora_hash
from .lora_layers import weight_change
from .lora_reading import LoraFile, LoraRefused, Targets, read_lora, targets_of
from .model import Model

__all__ = ["AppliedNetworks", "applied_networks"]


@dataclass(frozen=True, kw_only=True)
class AppliedNetworks:
    """`hashes` and `files` of the LoRAs at work by their names, `notes` with a sentence for what isn't."""

    hashes: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, Path] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class _Change:
    """One file's factors for one weight, and how strongly they count."""

    strength: float
    pieces: Mapping[str, torch.Tensor]


@contextmanager
def applied_networks(
    model: Model, networks: Sequence[ExtraNetwork], loras: Mapping[str, Path]
) -> Iterator[AppliedNetworks]:
    """While the block runs, the model's weights hold the LoRAs; afterwards they are the old ones bit for bit.

    `loras` are the files there are, by name; upper and lower case are the same when the exact name isn't
    there. What can't be applied changes nothing and is named in a note. The weights that change are kept in
    main memory meanwhile. Raises what torch raises when the device's memory is too small.
    """
    plan = _Plan(model, loras)
    for network in networks:
        plan.add(network)
    originals: list[tuple[torch.Tensor, torch.Tensor]] = []
    try:
        for weight, changes in plan.changes.items():
            originals.append((weight, weight.detach().to("cpu", copy=True)))
            _change(weight, changes)
        hashes = {name: lora_hash(file) for name, file in plan.files.items()}
        yield AppliedNetworks(hashes=hashes, files=plan.files, notes=tuple(plan.notes))
    finally:
        for weight, original in originals:
            weight.data.copy_(original)


@torch.no_grad()
def _change(weight: torch.Tensor, changes: Sequence[_Change]) -> None:
    """Add up in float32, and round to the weight's own precision once."""
    changed = weight.float()
    for change in changes:
        pieces = {piece: tensor.to(weight.device, torch.float32) for piece, tensor in change.pieces.items()}
        added = weight_change(pieces)
        if added is not None:
            changed = changed + change.strength * added.reshape(weight.shape)
    weight.data.copy_(changed)


class _Plan:
    """Gathers what is to be changed, before anything is."""

    def __init__(self, model: Model, loras: Mapping[str, Path]) -> None:
        self.changes: dict[torch.Tensor, list[_Change]] = {}
        self.files: dict[str, Path] = {}
        self.notes: list[str] = []
        self._model = model
        self._loras = loras
        self._targets: Targets | None = None

    def add(self, network: ExtraNetwork) -> None:
        """One tag of the prompt: its changes, or a note."""
        tag = f"<{network.kind}:{network.name}>"
        try:
            name = self._name_of(network)
            file = self._read(self._loras[name])
        except LoraRefused as reason:
            self.notes.append(f"{tag} was not applied: {reason}.")
            return
        strengths = dict(zip(("te", "unet"), network.weights, strict=True))
        for layer in file.layers:
            strength = strengths["unet" if layer.part == "unet" else "te"]
            if strength:
                self.changes.setdefault(layer.weight, []).append(_Change(strength, layer.pieces))
        self.files[name] = self._loras[name]
        self._note_what_is_missing(tag, network, file)

    def _note_what_is_missing(self, tag: str, network: ExtraNetwork, file: LoraFile) -> None:
        if network.not_understood:
            arguments = ", ".join(network.not_understood)
            self.notes.append(f"{tag} was applied without {arguments}, which is no weight.")
        if file.left_out:
            more = f" and {len(file.left_out) - 1} more" if len(file.left_out) > 1 else ""
            self.notes.append(
                f"{tag} was applied without its tensor {file.left_out[0]}{more}: this model has no layer for"
                " it, or it is of a kind that can't be applied."
            )

    def _name_of(self, network: ExtraNetwork) -> str:
        if not network.is_lora:
            kind = "hypernetworks" if network.kind == "hypernet" else f"networks of the kind {network.kind}"
            raise LoraRefused(f"{kind} aren't supported, only LoRAs are")
        if network.name in self._loras:
            return network.name
        wanted = network.name.casefold()
        for name in self._loras:
            if name.casefold() == wanted:
                return name
        near = difflib.get_close_matches(network.name, list(self._loras), n=1)
        hint = f"; perhaps {near[0]} is meant" if near else "; put the file into models/Lora"
        raise LoraRefused(f"there is no file of that name{hint}")

    def _read(self, path: Path) -> LoraFile:
        if self._targets is None:
            self._targets = targets_of(self._model)
        return read_lora(path, self._model, self._targets)
