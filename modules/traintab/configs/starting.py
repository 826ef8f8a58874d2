"""What the fields of the page hold when the program is started."""

from __future__ import annotations

from dataclasses import dataclass

from .option import option

__all__ = ["AS_LEFT", "BUILT_IN", "MINE", "OF_A_PRESET", "StartingConfig"]

AS_LEFT, BUILT_IN, MINE = "as left", "built-in", "mine"
OF_A_PRESET = "preset "
"""Before the preset's name."""


@dataclass(frozen=True, kw_only=True)
class StartingConfig:
    """`start_with` is one of `AS_LEFT`, `BUILT_IN` and `MINE`, or `OF_A_PRESET` with a preset's name."""

    start_with: str = option(
        AS_LEFT,
        "Fields start with",
        "When Train Tab is started. The embedding and the folders you work on, and all of this tab, stay as"
        " you left them.",
        elem_id="setting_start_with",
    )
