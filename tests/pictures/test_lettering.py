from __future__ import annotations

import pytest

from traintab.pictures import lettering
from traintab.pictures.lettering import font_of_size, shortened, text_size


def font_without(*missing: str) -> type:
    class Font:
        """Draws every letter as itself, those it misses as a box."""

        def getmask(self, letter: str) -> bytes:
            return b"box" if letter in missing or ord(letter) == 0x10FFFF else letter.encode()

    return Font


def test_the_first_font_that_has_all_letters_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    on_this_machine = {
        "": font_without("ä", "夏"),
        "arial.ttf": font_without("夏"),
        "DejaVuSans.ttf": font_without(),
    }

    def font(family: str, size: int) -> object:
        if family not in on_this_machine:
            raise OSError("no such font")
        return on_this_machine[family]()

    monkeypatch.setattr(lettering, "_font", font)
    families = [lettering._family(text) for text in ("mira", "é", "ä b", "夏")]
    assert families == ["", "", "arial.ttf", "DejaVuSans.ttf"]
    del on_this_machine["DejaVuSans.ttf"]
    assert lettering._family("夏") == ""


def test_a_text_is_cut_to_the_width_with_dots() -> None:
    font = font_of_size("mira", 14)
    short = shortened("mira walks in the forest at night", font, 80)
    assert short.startswith("mira") and short.endswith("...") and text_size(font, short)[0] <= 80
    assert shortened("mira", font, 80) == "mira"
    assert shortened("mira", font, 2) == ""
