"""What is different when a run is resumed: settings, pictures, captions, template, model; each by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..configs import FoldersConfig, TrainingConfig, all_options, to_mapping
from ..files import user_path
from .inputs import TrainingInputs

__all__ = ["Difference", "changed_inputs", "changed_settings", "differences_told"]

_NAMED_AT_MOST = 10
_PATHS = ("data_dir", "dataset_config", "class_data_dir", "preview_prompts_file")
_SHOWN = {True: "on", False: "off", None: "the model's own", "": "empty"}


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One thing that is no longer as it was; `field` is its name in run.yaml, or what kind of input it is."""

    field: str
    label: str
    then: str
    now: str

    @property
    def told(self) -> str:
        """`label: then → now`."""
        return f"{self.label}: {self.then} → {self.now}"


def changed_settings(then: TrainingConfig, now: TrainingConfig) -> list[Difference]:
    """The settings that differ, in their declared order."""
    before, after = _flat(then), _flat(now)
    return [
        Difference(field=name, label=option.label, then=_text(before[name]), now=_text(after[name]))
        for name, option in all_options(TrainingConfig).items()
        if _compared(name, before[name]) != _compared(name, after[name])
    ]


def changed_inputs(then: TrainingInputs, now: TrainingInputs) -> list[Difference]:
    """What differs of that which both know."""
    found = []
    if not then.same_pictures(now):
        counts = str(len(then.pictures)), str(len(now.pictures))
        found.append(_difference("pictures", "Pictures", counts, _by_name(then.pictures, now.pictures)))
    common = then.captions.keys() & now.captions.keys()
    others = [name for name in now.captions if name in common and then.captions[name] != now.captions[name]]
    if others:
        first = repr(then.captions[others[0]]), repr(now.captions[others[0]])
        found.append(_difference("captions", "Captions", first, f"changed: {_listed(others)}"))
    repeated = [
        name
        for name in now.pictures
        if name in then.pictures and then.repeats.get(name, 1) != now.repeats.get(name, 1)
    ]
    if repeated:
        counts = str(then.repeats.get(repeated[0], 1)), str(now.repeats.get(repeated[0], 1))
        found.append(_difference("repeats", "Repeats", counts, f"changed: {_listed(repeated)}"))
    if then.template_lines and now.template_lines and then.template_lines != now.template_lines:
        lines = f"{len(then.template_lines)} lines", f"{len(now.template_lines)} lines"
        added = [line for line in now.template_lines if line not in then.template_lines]
        removed = [line for line in then.template_lines if line not in now.template_lines]
        found.append(_difference("template_lines", "Prompt template", lines, _added_removed(added, removed)))
    if then.model_hash and now.model_hash and then.model_hash != now.model_hash:
        found.append(
            Difference(field="model", label="The model's file", then=then.model_hash, now=now.model_hash)
        )
    return found


def differences_told(differences: Sequence[Difference]) -> str:
    """One sentence; empty when there are none."""
    if not differences:
        return ""
    return f"Not as it was when the run was left: {'; '.join(one.told for one in differences)}."


def _difference(field: str, label: str, then_now: tuple[str, str], details: str) -> Difference:
    then, now = then_now
    return Difference(field=field, label=label, then=then, now=f"{now} ({details})" if details else now)


def _by_name(then: Mapping[str, str], now: Mapping[str, str]) -> str:
    """Which pictures are new, gone, or others under the same name."""
    changed = [name for name in now if name in then and now[name] != then[name]]
    parts = [_added_removed([n for n in now if n not in then], [n for n in then if n not in now])]
    parts += [f"changed: {_listed(changed)}"] if changed else []
    return "; ".join(part for part in parts if part)


def _added_removed(added: Sequence[str], removed: Sequence[str]) -> str:
    parts = [f"{word}: {_listed(names)}" for word, names in (("added", added), ("removed", removed)) if names]
    return "; ".join(parts)


def _listed(names: Sequence[str]) -> str:
    """The names, or the first ten of more."""
    shown, rest = ", ".join(names[:_NAMED_AT_MOST]), len(names) - _NAMED_AT_MOST
    return f"{shown} and {rest} more" if rest > 0 else shown


def _flat(config: TrainingConfig) -> dict[str, Any]:
    """Every setting by its own name, those of the parts too."""
    mapping = to_mapping(config)
    parts: Iterable[dict[str, Any]] = (value for value in mapping.values() if isinstance(value, dict))
    return {**mapping, **{name: value for part in parts for name, value in part.items()}}


def _compared(name: str, value: Any) -> Any:
    """A folder is the same however it is spelled."""
    if name == "more_data_dirs":
        folders = FoldersConfig(more_data_dirs=value).more_folders
        return [(user_path(path).resolve(), weight) for path, weight in folders]
    return str(user_path(value).resolve()) if name in _PATHS and value else value


def _text(value: Any) -> str:
    return _SHOWN[value] if isinstance(value, (bool, str, type(None))) and value in _SHOWN else str(value)
