"""How the page looks and speaks."""

from __future__ import annotations

from dataclasses import dataclass

from .option import option

__all__ = ["AUTOMATIC", "LANGUAGE_CHOICES", "THEME_CHOICES", "AppearanceConfig"]

AUTOMATIC = "automatic"
LANGUAGE_CHOICES = (AUTOMATIC, "en", "zh_CN")
THEME_CHOICES = (AUTOMATIC, "light", "dark")


@dataclass(frozen=True, kw_only=True)
class AppearanceConfig:
    """What every browser that opens the page is shown."""

    language: str = option(
        AUTOMATIC,
        "Language",
        "Of labels, helps and messages, at once. Names, captions, prompts and files stay as they are.",
        choices=LANGUAGE_CHOICES,
        elem_id="setting_localization",
    )
    theme: str = option(
        AUTOMATIC,
        "Theme",
        "Light or dark; the automatic one follows the browser.",
        choices=THEME_CHOICES,
        elem_id="setting_gradio_theme",
    )
