"""How the page looks: its stylesheets, the theme's fonts and colours, the page's scripts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from ..paths import REPOSITORY_DIR

__all__ = ["look"]

_STYLE_DIR = Path(__file__).parent
_SCRIPT_DIR = REPOSITORY_DIR / "javascript"
_FONTS = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica Neue", "sans-serif"]
_MONOSPACE_FONTS = ["ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace"]

# gradio's own shades of these fall short of a contrast of 4.5 to 1 (WCAG 2, level AA).
_READABLE = {
    "body_text_color_subdued": "*neutral_600",
    "body_text_color_subdued_dark": "*neutral_300",
    "input_placeholder_color": "*neutral_500",
    "input_placeholder_color_dark": "*neutral_400",
    "color_accent": "*primary_700",
    "button_primary_background_fill": "*primary_700",
    "button_primary_background_fill_hover": "*primary_800",
    "button_primary_background_fill_dark": "*primary_700",
    "button_primary_background_fill_hover_dark": "*primary_600",
    "slider_color": "*primary_600",
}


def look() -> dict[str, Any]:
    """`css`, `head` and `theme`; only fonts that the computer has, so nothing is fetched from elsewhere."""
    script = _all_files(_SCRIPT_DIR, "*.js")
    return {
        "css": _all_files(_STYLE_DIR, "*.css"),
        "head": f"<script>{script}</script>",
        "theme": gr.themes.Base(
            primary_hue="teal",
            secondary_hue="teal",
            neutral_hue="slate",
            radius_size="sm",
            spacing_size="sm",
            text_size="sm",
            font=_FONTS,
            font_mono=_MONOSPACE_FONTS,
        ).set(
            button_large_text_size="*text_md",
            button_large_text_weight="600",
            button_large_padding="8px 14px",
            block_label_text_size="*text_sm",
            layout_gap="10px",
            **_READABLE,
        ),
    }


def _all_files(folder: Path, pattern: str) -> str:
    """The texts of a folder's files by their names' order, one after the other."""
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(folder.glob(pattern)))
