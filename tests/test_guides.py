"""The guides name every flag of kohya's script, only settings that exist, and every shipped preset."""

from __future__ import annotations

import re
from pathlib import Path

from traintab.configs import TrainingConfig, all_options
from traintab.paths import REPOSITORY_DIR, Paths
from traintab.presets import find_presets

DOCS = REPOSITORY_DIR / "docs"
# Those of train_textual_inversion.py and its SDXL sibling in kohya-ss/sd-scripts of February 2026.
FLAGS = Path(__file__).with_name("kohya_flags.txt").read_text(encoding="utf-8").split()


def test_every_flag_of_kohyas_script_has_its_row() -> None:
    named = re.findall(r"`(--[a-z0-9_]+)`", (DOCS / "from-kohya.md").read_text(encoding="utf-8"))
    assert sorted(set(FLAGS) - set(named)) == []
    assert len(FLAGS) > 150


def test_the_middle_column_names_settings_that_exist() -> None:
    rows = [line.split("|") for line in (DOCS / "from-kohya.md").read_text(encoding="utf-8").splitlines()]
    fields = {
        name for row in rows if len(row) > 3 for name in re.findall(r"`([a-z][a-z0-9_]+)(?:=[^`]*)?`", row[2])
    }
    assert fields - {"create", "train"} <= set(all_options(TrainingConfig)) and len(fields) > 50


def test_every_shipped_preset_is_in_the_recipes() -> None:
    text = (DOCS / "recipes.md").read_text(encoding="utf-8")
    assert [name for name in find_presets(Paths.under())[0] if f"`{name}`" not in text] == []
