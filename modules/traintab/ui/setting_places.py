"""Where a setting of a training stands on the page: its tab, and the fold it is in."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ..configs import Option
from .train_groups import GROUPS, IN_SETTINGS, IN_SIGHT

__all__ = ["CREATED", "PLACES", "SettingPlace"]


@dataclass(frozen=True, kw_only=True)
class SettingPlace:
    """The tab's element id, the fold's where there is one, and what the place is called."""

    label: str
    tab: str
    fold: str = ""

    def button(self, option: Option, text: str) -> str:
        """A `<button>` that leads to the field, holding `text`, which is HTML; the page's script obeys it."""
        return (
            f'<button type="button" data-setting="{html.escape(option.elem_id)}" data-tab="{self.tab}"'
            f' data-fold="{self.fold}">{text}</button>'
        )


CREATED = SettingPlace(label="Create embedding", tab="create_embedding")
"""Where the settings of a new embedding are."""

_IN_SIGHT = SettingPlace(label="Train", tab="train")
_IN_SETTINGS = SettingPlace(label="Settings", tab="tab_settings")

PLACES: Mapping[str, SettingPlace] = MappingProxyType(
    {
        **dict.fromkeys(IN_SIGHT, _IN_SIGHT),
        **{
            name: SettingPlace(label=group.label, tab="train", fold=group.elem_id)
            for group in GROUPS
            for name in group.names
        },
        **dict.fromkeys(IN_SETTINGS, _IN_SETTINGS),
    }
)
"""The place of each field of *Train*, in the order of the page."""
