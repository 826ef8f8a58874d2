"""Every setting of a training can be found and reached."""

from __future__ import annotations

import re

from traintab.configs import LoadingConfig, TrainingConfig, all_options, options_of
from traintab.ui.setting_places import PLACES
from traintab.ui.setting_search import search_html
from traintab.ui.train_groups import GROUPS

OPTIONS = all_options(TrainingConfig)


def test_every_setting_has_one_line_that_leads_to_its_field() -> None:
    found = re.findall(r'data-setting="([^"]+)"', search_html())
    of_the_model = {"model", *options_of(LoadingConfig)}
    assert sorted(found) == sorted(o.elem_id for name, o in OPTIONS.items() if name not in of_the_model)


def test_a_folded_setting_is_known_with_its_fold() -> None:
    for group in GROUPS:
        assert {PLACES[name].fold for name in group.names} == {group.elem_id}
    assert PLACES["steps"].fold == "" and PLACES["write_csv_every"].tab == "tab_settings"


def test_a_setting_is_found_by_label_help_and_the_name_in_run_yaml() -> None:
    (words,) = re.findall(
        r'data-words="([^"]*)"><button type="button" data-setting="train_ema_decay"', search_html()
    )
    option = OPTIONS["ema_decay"]
    assert all(text in words for text in ("ema_decay", "ema decay", option.label.lower()))
    assert option.help.split(".")[0].lower() in words


def test_nothing_is_listed_before_one_looks_for_it() -> None:
    text = search_html()
    assert text.count("<li hidden") == text.count("<li ") and '<ul id="train_find_list" hidden>' in text
