from __future__ import annotations

import shutil
from typing import Any

import pytest

from traintab.configs import GridConfig, TrainingConfig, from_mapping, replace_fields
from traintab.errors import ModelError
from traintab.grids.prompts import grid_prompts, weighted
from traintab.grids.rows import Subject, grid_rows
from traintab.paths import Paths

RUN = TrainingConfig(embedding_name="mira")
SUBJECT = Subject(name="mira", widths={"clip_l": 32}, run=RUN)


def grid(**values: object) -> GridConfig:
    return from_mapping(GridConfig, {"embedding_name": "mira", **values})


def run_with(**values: object) -> TrainingConfig:
    return replace_fields(RUN, values)


def test_prompts_of_ones_own_are_drawn_as_written() -> None:
    rows = grid_rows(
        grid(grid_prompts="[name] in snow\n\n  a drawing of MIRA \n"), SUBJECT, Paths.under(), "tiny"
    )
    assert [row.prompt for row in rows] == ["mira in snow", "a drawing of MIRA"]
    assert [row.title for row in rows] == [row.prompt for row in rows]


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        (
            {"template": "subject.txt"},
            (
                "a photo of [name]",
                "a photo of [name], forest background",
                "a photo of [name], at the beach, sunset",
            ),
        ),
        (
            {"template": "subject.txt", "preview_prompt": "[name], portrait"},
            (
                "[name], portrait",
                "[name], portrait, forest background",
                "[name], portrait, at the beach, sunset",
            ),
        ),
        (
            {"template": "style_filewords.txt"},
            (
                "a girl in the style of [name]",
                "a house in the style of [name]",
                "a forest at sunset in the style of [name]",
            ),
        ),
        (
            {"template": "style.txt", "preview_prompt": "a cat in the style of [name]"},
            (
                "a cat in the style of [name]",
                "a girl in the style of [name]",
                "a house in the style of [name]",
            ),
        ),
        (
            {"preview_prompts": "[name] by day --s 5\n# a remark\n[name] by night --d 3"},
            ("[name] by day", "[name] by night"),
        ),
        (
            {"preview_prompts_file": "/nowhere/lost.txt", "template": "subject.txt"},
            (
                "a photo of [name]",
                "a photo of [name], forest background",
                "a photo of [name], at the beach, sunset",
            ),
        ),
    ],
)
def test_without_prompts_they_suit_what_was_trained(run: Any, expected: tuple[str, ...]) -> None:
    assert grid_prompts(grid(), run_with(**run)) == expected


@pytest.mark.parametrize(
    ("prompt", "weight", "expected"),
    [
        ("a photo of [name]", 0.6, "a photo of (mira:0.6)"),
        ("a photo of [name]", 1, "a photo of mira"),
        ("Mira and mirage, mira", 1.4, "(mira:1.4) and mirage, (mira:1.4)"),
        ("a cat", 1.4, "a cat"),
    ],
)
def test_a_weight_is_put_on_the_name_alone(prompt: str, weight: float, expected: str) -> None:
    assert weighted(prompt, "mira", weight) == expected


def test_rows_of_weights_are_those_asked_for_or_the_usual() -> None:
    usual = grid_rows(grid(grid_rows="weights", grid_prompts="[name]"), SUBJECT, Paths.under(), "tiny")
    asked = grid_rows(
        grid(grid_rows="weights", grid_prompts="[name]", grid_values="0.5, 1, 0.5"),
        SUBJECT,
        Paths.under(),
        "tiny",
    )
    assert [row.title for row in usual] == [
        f"weight {weight}" for weight in ("0.6", "0.8", "1", "1.2", "1.4")
    ]
    assert [row.prompt for row in asked] == ["(mira:0.5)", "mira"]


def test_rows_of_scales_change_the_scale_alone() -> None:
    rows = grid_rows(grid(grid_rows="CFG", grid_values="2 4.5"), SUBJECT, Paths.under(), "tiny")
    assert [(row.title, row.guidance_scale) for row in rows] == [("CFG 2", 2), ("CFG 4.5", 4.5)]
    assert len({row.prompt for row in rows}) == 1


def test_rows_of_models_are_the_family_with_the_selected_first(paths: Paths, tiny_families: Any) -> None:
    models = paths.checkpoint_dirs[0]
    shutil.copytree(tiny_families.folder("sd2"), models / "second")
    (models / "broken.safetensors").write_bytes(b"nothing")
    rows = grid_rows(grid(grid_rows="models"), SUBJECT, paths, "tiny")
    assert [row.model for row in rows] == ["tiny", "other"]


@pytest.mark.parametrize(
    ("model", "said"),
    [("second", r"vectors have the widths \{'clip_l': 32\}"), ("lost", "There is no model called 'lost'")],
)
def test_a_model_that_does_not_fit_is_refused(
    paths: Paths, tiny_families: Any, model: str, said: str
) -> None:
    shutil.copytree(tiny_families.folder("sd2"), paths.checkpoint_dirs[0] / "second")
    with pytest.raises(ModelError, match=said):
        grid_rows(grid(grid_rows="models", grid_values=f"tiny, {model}"), SUBJECT, paths, "tiny")
