"""The table of fields of *Train*."""

from __future__ import annotations

from collections import Counter

from traintab.configs import LoadingConfig, TrainingConfig, all_options, options_of
from traintab.ui.train_groups import GROUPS, IN_SETTINGS, IN_SIGHT

# Chosen at the top of the page, and with it in Settings how it is loaded.
OF_THE_MODEL = ("model", *options_of(LoadingConfig))


def test_every_setting_of_a_training_has_exactly_one_place() -> None:
    folded = [name for group in GROUPS for name in group.names]
    placed = Counter([*IN_SIGHT, *folded, *IN_SETTINGS, *OF_THE_MODEL])
    assert placed == Counter(dict.fromkeys(all_options(TrainingConfig), 1))


def test_ten_are_in_sight_and_the_others_in_the_folds_people_look_for() -> None:
    assert len(IN_SIGHT) == 10
    assert [group.label for group in GROUPS] == [
        *("Dataset", "Vectors", "Optimisation", "Loss", "Memory", "Saving", "Preview")
    ]


def test_every_fold_is_known_to_styles_and_scripts_by_an_id_of_its_own() -> None:
    ids = [group.elem_id for group in GROUPS]
    assert len(set(ids)) == len(GROUPS) and all(elem_id.startswith("train_group_") for elem_id in ids)
