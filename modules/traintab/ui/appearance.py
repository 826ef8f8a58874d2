"""The page's language and theme: two choices in the tab *Settings*, and what the script reads of them."""

from __future__ import annotations

import hashlib
import html
import json
from typing import Any

import gradio as gr

from ..configs import AppearanceConfig, from_mapping, options_of
from ..configs.appearance import AUTOMATIC, LANGUAGE_CHOICES, THEME_CHOICES
from .gradio_compat import listen
from .languages import NAMES, language_of, strings
from .page import Page

__all__ = ["AppearanceSettings", "appearance_html", "choose"]

_SECTION = "appearance"
_THEME_NAMES = {AUTOMATIC: "Automatic", "light": "Light", "dark": "Dark"}


def appearance_html(chosen: AppearanceConfig, accepted: str = "") -> str:
    """What javascript/traintab_appearance.js reads; `accepted` is the browser's `Accept-Language`.

    The translation itself comes along, unless the page stays in English.
    """
    language = language_of(accepted) if chosen.language == AUTOMATIC else chosen.language
    table = strings(language)
    text = json.dumps(table, ensure_ascii=False) if table else ""
    digest = hashlib.sha256(f"{language}|{chosen.theme}|{text}".encode()).hexdigest()[:16]
    data = {
        "language": language.replace("_", "-"),
        "theme": chosen.theme,
        "digest": digest,
        **({"strings": text} if text else {}),
    }
    attributes = "".join(f' data-{name}="{html.escape(value, quote=True)}"' for name, value in data.items())
    return f'<span id="traintab_appearance"{attributes}></span>'


def choose(page: Page, language: str, theme: str, accepted: str = "") -> str:
    """Keep both choices; the new `appearance_html`. Raises ConfigError for one that doesn't exist."""
    chosen = from_mapping(AppearanceConfig, {"language": language, "theme": theme})
    page.remembered.remember(_SECTION, {"language": language, "theme": theme})
    return appearance_html(chosen, accepted)


class AppearanceSettings:
    """Two rows of choices, made in the layout where it is constructed."""

    def __init__(self) -> None:
        names = {AUTOMATIC: "As in the browser", **NAMES}
        self.language = _choice("language", [(names[code], code) for code in LANGUAGE_CHOICES])
        self.theme = _choice("theme", [(_THEME_NAMES[code], code) for code in THEME_CHOICES])

    def wire(self, page: Page, load: Any, holder: Any) -> None:
        """Show what was chosen when a browser opens the page (`load`), and obey a choice at once.

        `holder` is a hidden `gr.HTML` for the script; it stands outside all tabs, because gradio makes
        what is in a tab when that is first opened.
        """

        def opened(request: gr.Request) -> tuple[Any, ...]:
            chosen = page.remembered.config(_SECTION, AppearanceConfig)
            return appearance_html(chosen, _accepted(request)), chosen.language, chosen.theme

        def changed(language: str, theme: str, request: gr.Request) -> str:
            return choose(page, language, theme, _accepted(request))

        fields = [self.language, self.theme]
        listen(load, opened, None, [holder, *fields], at_once=True)
        for field in fields:
            listen(field.input, changed, fields, holder, at_once=True)


def _accepted(request: Any) -> str:
    return str(request.headers.get("accept-language", "")) if request is not None else ""


def _choice(name: str, choices: list[tuple[str, str]]) -> Any:
    declared = options_of(AppearanceConfig)[name]
    return gr.Radio(
        choices=choices,
        value=declared.default,
        label=declared.label,
        info=declared.help,
        elem_id=declared.elem_id,
    )
