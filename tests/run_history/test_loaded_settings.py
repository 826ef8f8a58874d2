"""Settings come back from a run as they were, from the web UI's file too; what can't is told."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from traintab.configs import TrainingConfig, all_options, replace_fields, to_mapping, to_yaml
from traintab.errors import ConfigError
from traintab.paths import Paths
from traintab.run_history import RunHistory
from traintab.run_history.loaded_settings import read_settings, settings_in

# As the web UI writes it.
WEB_UI: dict[str, Any] = {
    "datetime": "2023-01-02 03:04:05",
    "model_name": "v1-5-pruned-emaonly",
    "model_hash": "cc6cb27103",
    "num_of_dataset_images": 20,
    "num_vectors_per_token": 4,
    "embedding_name": "cat",
    "learn_rate": "0.005:100, 1e-3",
    "batch_size": 2,
    "gradient_step": 3,
    "data_root": "C:\\pictures\\cat",
    "log_directory": "textual_inversion/2023-01-02/cat",
    "training_width": 512,
    "training_height": 768,
    "steps": 3000,
    "clip_grad_mode": "norm",
    "clip_grad_value": "0.1",
    "latent_sampling_method": "random",
    "create_image_every": 250,
    "save_embedding_every": 500,
    "save_image_with_stored_embedding": True,
    "template_file": "D:\\webui\\textual_inversion_templates\\subject_filewords.txt",
    "initial_step": 0,
}


def test_a_run_s_settings_come_back_as_they_were(
    make_run: Callable[..., Any], history: RunHistory, paths: Paths
) -> None:
    made = make_run(batch_size=7, learning_rate="0.01:5, 0.001", seed=11, optimizer="AdamW", model="sd15")
    loaded = history.settings(history.runs()[0])
    assert to_yaml(loaded.config) == made.run_yaml.read_text()
    assert loaded.left_out == () and loaded.model == "sd15" and "model" not in loaded.values


def test_the_web_ui_s_settings_come_under_our_names() -> None:
    loaded = settings_in(json.dumps(WEB_UI), Paths.under(), is_json=True)
    assert loaded.left_out == ()
    assert loaded.model == "v1-5-pruned-emaonly"
    expected = {
        "embedding_name": "cat",
        "learning_rate": "0.005:100, 1e-3",
        "batch_size": 2,
        "gradient_accumulation_steps": 3,
        "data_dir": "C:\\pictures\\cat",
        "width": 512,
        "height": 768,
        "steps": 3000,
        "clip_grad_mode": "norm",
        "clip_grad_value": "0.1",
        "latent_sampling_method": "random",
        "preview_every": 250,
        "save_every": 500,
        "save_image_with_stored_embedding": True,
        "template": "subject_filewords.txt",
    }
    assert {name: loaded.values[name] for name in expected} == expected


def test_what_this_version_does_not_know_or_allow_is_left_out_and_told() -> None:
    text = json.dumps({**WEB_UI, "shuffle_socks": 1, "batch_size": -3, "steps": "many"})
    loaded = settings_in(text, Paths.under(), is_json=True)
    defaults = {name: option.default for name, option in all_options(TrainingConfig).items()}
    assert loaded.values["batch_size"] == defaults["batch_size"]
    assert loaded.values["steps"] == defaults["steps"]
    told = " ".join(loaded.left_out)
    assert len(loaded.left_out) == 3
    assert "shuffle_socks" in told and "-3" in told and "many" in told


def test_an_old_run_yaml_means_the_defaults_for_settings_it_never_heard_of() -> None:
    loaded = settings_in("embedding_name: cat\nsteps: 9\nforgotten: 1\n", Paths.under(), is_json=False)
    assert (
        loaded.values["steps"] == 9
        and loaded.values["batch_size"] == TrainingConfig().optimization.batch_size
    )
    assert loaded.left_out == ("forgotten isn't a setting of this version.",)


def test_settings_that_suit_the_machine_stay_unless_the_file_names_them() -> None:
    values = settings_in("steps: 9\n", Paths.under(), is_json=False).values
    assert "precision" not in values and "preview_steps" not in values
    values = settings_in("steps: 9\nmemory: {precision: fp32}\n", Paths.under(), is_json=False).values
    assert values["precision"] == "fp32"


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("run.yaml", b"- a\n- b\n", "no `name: value` lines"),
        ("run.yaml", b"[[[[", "no valid YAML"),
        ("run.yaml", b"colour: blue\n", "no settings of a training"),
        ("settings.json", b"{", "no valid JSON"),
        ("settings.json", b"[1]", "no settings"),
        ("settings.json", b'{"colour": 1}', "no settings of a training"),
        ("settings.json", b'{"hypernetwork_name": "x", "steps": 1}', "hypernetwork"),
        ("run.yaml", b"a: &a [x, x]\nsteps: *a\n", "reference"),
        ("run.yaml", b"a: &a {x: 1}\nb: {<<: [*a, *a]}\nsteps: 5\n", "reference"),
        ("run.yaml", b"\xff\xfe\x00", "isn't text"),
        ("run.yaml", b"steps: 1\n" + b"#" * 1_000_001, "too large"),
        ("run.yaml", None, "No such file"),
    ],
)
def test_a_file_that_holds_no_settings_is_refused(
    tmp_path: Path, paths: Paths, name: str, content: bytes | None, told: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError, match=told):
        read_settings(path, paths)


@settings(max_examples=40)
@given(
    st.dictionaries(
        st.sampled_from([*WEB_UI, "odd"]),
        st.integers() | st.text(max_size=20) | st.booleans() | st.none() | st.floats(),
    )
)
def test_whatever_a_json_file_says_the_values_that_come_of_it_are_allowed(found: dict[str, Any]) -> None:
    try:
        loaded = settings_in(json.dumps({**found, "steps": 5}), Paths.under(), is_json=True)
    except ConfigError:
        return
    flat = to_mapping(replace_fields(TrainingConfig(), loaded.values))
    assert flat["optimization"]["steps"] == 5
