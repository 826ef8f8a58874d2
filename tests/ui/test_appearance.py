"""The page's language and theme."""

from __future__ import annotations

import html
import json
import re
from typing import Any, cast

import pytest

from traintab.configs import AppearanceConfig
from traintab.errors import ConfigError
from traintab.ui.appearance import appearance_html, choose
from traintab.ui.languages import NAMES, language_of, strings
from traintab.ui.page import Page


def data(markup: str) -> dict[str, str]:
    return {name: html.unescape(value) for name, value in re.findall(r'data-(\w+)="([^"]*)"', markup)}


@pytest.mark.parametrize(
    ("accepted", "expected"),
    [
        ("", "en"),
        ("*", "en"),
        ("en-US,en;q=0.9", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh_CN"),
        ("zh-Hant-TW", "zh_CN"),
        ("en;q=0.5, zh;q=0.7", "zh_CN"),
        ("fr-FR, fr;q=0.9, en;q=0.7, zh;q=0.1", "en"),
        ("de-DE,zh;q=broken,de", "en"),
        ("\x00;;,,q=1", "en"),
    ],
)
def test_the_browsers_first_known_language_is_spoken(accepted: str, expected: str) -> None:
    assert language_of(accepted) == expected


def test_in_english_no_translation_is_sent() -> None:
    assert set(data(appearance_html(AppearanceConfig(), "en"))) == {"language", "theme", "digest"}


def test_the_automatic_language_is_the_browsers() -> None:
    sent = data(appearance_html(AppearanceConfig(theme="dark"), "zh"))

    assert (sent["language"], sent["theme"]) == ("zh-CN", "dark")
    assert json.loads(sent["strings"]) == strings("zh_CN")


def test_a_chosen_language_goes_before_the_browsers() -> None:
    assert data(appearance_html(AppearanceConfig(language="en"), "zh"))["language"] == "en"
    assert data(appearance_html(AppearanceConfig(language="zh_CN"), "en"))["language"] == "zh-CN"


def test_the_digest_tells_any_change_from_the_last_time() -> None:
    choices = [AppearanceConfig(language=code, theme=theme) for code in NAMES for theme in ("light", "dark")]

    digests = {data(appearance_html(chosen))["digest"] for chosen in choices}

    assert len(digests) == len(choices)


def test_a_choice_is_kept_and_shown(studio: Any) -> None:
    page = Page(studio=cast(Any, studio))

    sent = data(choose(page, "zh_CN", "light"))

    assert sent["language"] == "zh-CN"
    assert page.remembered.config("appearance", AppearanceConfig) == AppearanceConfig(
        language="zh_CN", theme="light"
    )


def test_a_language_that_isnt_there_is_refused_and_not_kept(studio: Any) -> None:
    page = Page(studio=cast(Any, studio))

    with pytest.raises(ConfigError, match="Language"):
        choose(page, "../../etc/passwd", "light")
    assert page.remembered.values("appearance") == {}
