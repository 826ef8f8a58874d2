"""Dataset config files of kohya's scripts."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traintab.configs import TrainingConfig, all_options, check, replace_fields
from traintab.datasets.kohya_keys import DATASET_KEYS, FOLDER_KEYS, SUBSET_KEYS, UNUSED_KEYS
from traintab.datasets.kohya_toml import KohyaDataset, kohya_dataset, read_kohya_toml
from traintab.errors import ConfigError
from traintab.paths import REPOSITORY_DIR

Read = Callable[[str], KohyaDataset]

# What TOML can hold, and files with keys that mean something and values that often don't.
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)
KEYS = st.sampled_from(sorted({*FOLDER_KEYS, *SUBSET_KEYS, *DATASET_KEYS, *UNUSED_KEYS, "oops"}))
TABLES = st.dictionaries(KEYS, VALUES, max_size=3)
DATASETS = st.builds(
    lambda own, subsets: {**own, "subsets": subsets}, TABLES, VALUES | st.lists(TABLES, max_size=3)
)

# The example of the scripts' own documentation in its shape, with most of what people write.
WHOLE = """
[general]
shuffle_caption = true
caption_extension = 'txt'
keep_tokens = 1

[[datasets]]
resolution = 512
batch_size = 2
enable_bucket = true
bucket_no_upscale = true
min_bucket_reso = 256
max_bucket_reso = 1024
bucket_reso_steps = 64

  [[datasets.subsets]]
  image_dir = 'hats'
  class_tokens = 'zq hat'
  num_repeats = 10

  [[datasets.subsets]]
  is_reg = true
  image_dir = '/far/away'
  class_tokens = 'hat'
  keep_tokens = 3
"""


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Reads a text as the file `data.toml` beside the folder `hats`."""
    (tmp_path / "hats").mkdir()

    def make(text: str) -> KohyaDataset:
        path = tmp_path / "data.toml"
        path.write_text(text, encoding="utf-8")
        return read_kohya_toml(path)

    return make


def subset(lines: str = "", *, general: str = "", dataset: str = "") -> str:
    return f"{general}\n[[datasets]]\n{dataset}\n[[datasets.subsets]]\nimage_dir = 'hats'\n{lines}\n"


@pytest.mark.option("dataset_config")
def test_a_whole_file_becomes_folders_and_settings(read: Read, tmp_path: Path) -> None:
    found = read(WHOLE)
    hats, far = found.folders
    assert (hats.path, hats.repeats, hats.class_tokens) == (tmp_path / "hats", 10, "zq hat")
    assert (hats.caption_extension, hats.is_class) == (".txt", False)
    assert (far.path, far.repeats, far.is_class) == (Path("/far/away"), 1, True)
    assert found.settings == {
        "shuffle_tags": True,
        "keep_tags": 1,
        "width": 512,
        "height": 512,
        "batch_size": 2,
        "resize_mode": "buckets",
        "bucket_no_upscale": True,
        "bucket_min": 256,
        "bucket_max": 1024,
        "bucket_step": 64,
    }
    assert found.notices == (
        "Of the is_reg subsets in data.toml not used: keep_tokens; the others' values go for all.",
    )


def test_the_settings_of_a_whole_file_can_be_trained_with(read: Read) -> None:
    settings = read(WHOLE).settings
    config = replace_fields(TrainingConfig(embedding_name="zq"), {"data_dir": "x", **settings})
    check(config)
    assert config.pictures.bucket_max == 1024


def test_every_key_has_a_setting_that_exists() -> None:
    options = all_options(TrainingConfig)
    examples = {"resolution": 512}
    for name, key in {**SUBSET_KEYS, **DATASET_KEYS}.items():
        settings = key.settings(examples.get(name, key.default))
        assert settings
        assert set(settings) <= set(options), name


def test_the_guide_tells_every_key() -> None:
    guide = (REPOSITORY_DIR / "docs" / "folders.md").read_text(encoding="utf-8")
    keys = {*FOLDER_KEYS, *SUBSET_KEYS, *DATASET_KEYS, *UNUSED_KEYS}
    assert [key for key in keys if f"`{key}`" not in guide] == []


def test_no_key_is_both_honoured_and_unused() -> None:
    assert not set(UNUSED_KEYS) & {*FOLDER_KEYS, *SUBSET_KEYS, *DATASET_KEYS}


@pytest.mark.parametrize(
    ("line", "settings"),
    [
        ("shuffle_caption = true", {"shuffle_tags": True}),
        ("keep_tokens = 2", {"keep_tags": 2}),
        ("caption_separator = ';'", {"tag_separator": ";"}),
        ("caption_dropout_rate = 0.1", {"caption_drop_out": 0.1}),
        ("caption_tag_dropout_rate = 1", {"tag_drop_out": 1.0}),
        ("enable_wildcard = true", {"wildcards": True}),
        ("flip_aug = true", {"flip_augmentation": True}),
        ("color_aug = true", {"color_jitter": 0.1}),
        ("random_crop = false", {"random_crop": 0.0}),
        ("alpha_mask = true", {"loss_mask": "alpha"}),
    ],
)
def test_a_key_of_a_subset_is_a_setting(read: Read, line: str, settings: dict[str, object]) -> None:
    assert read(subset(line)).settings == settings
    assert read(subset(dataset=line)).settings == settings
    assert read(subset(general=f"[general]\n{line}")).settings == settings


def test_a_subset_goes_before_its_dataset_and_that_before_general(read: Read) -> None:
    everything = subset("keep_tokens = 3", dataset="keep_tokens = 2", general="[general]\nkeep_tokens = 1")
    assert read(everything).settings == {"keep_tags": 3}
    assert read(everything.replace("keep_tokens = 3", "")).settings == {"keep_tags": 2}


@pytest.mark.parametrize(
    ("resolution", "size"), [("512", (512, 512)), ("[512, 768]", (512, 768)), ("'640,512'", (640, 512))]
)
def test_a_resolution_is_one_side_or_two(read: Read, resolution: str, size: tuple[int, int]) -> None:
    settings = read(subset(dataset=f"resolution = {resolution}")).settings
    assert (settings["width"], settings["height"]) == size


def test_everything_wrong_is_told_at_once(read: Read) -> None:
    text = """
[general]
shuffle_captions = true
[[datasets]]
batch_size = 0
resolution = "large"
[[datasets.subsets]]
num_repeats = "ten"
"""
    with pytest.raises(ConfigError) as caught:
        read(text)
    told = str(caught.value)
    assert "[general] has an unknown key 'shuffle_captions'; did you mean shuffle_caption?" in told
    assert "batch_size in [[datasets]] 1 is 0, it must be a whole number of at least 1" in told
    assert "resolution in [[datasets]] 1 is 'large', it must be a size in pixels" in told
    assert "num_repeats in subset 1 of [[datasets]] 1 is 'ten'" in told
    assert "subset 1 of [[datasets]] 1 has no image_dir" in told
    assert caught.value.field == "dataset_config"


@pytest.mark.parametrize("line", ["image_dir = ' '", "caption_extension = '.'", "caption_extension = 'a/b'"])
def test_what_is_no_folder_or_ending_is_told(read: Read, line: str) -> None:
    with pytest.raises(ConfigError, match=r"in subset 1 of .* it must be (a folder|the ending of)"):
        read(f"[[datasets]]\n[[datasets.subsets]]\n{line}\n")


def test_a_key_in_the_wrong_table_is_told(read: Read) -> None:
    with pytest.raises(ConfigError, match="unknown key 'resolution'; it belongs into another table"):
        read(subset("resolution = 512"))


def test_subsets_that_differ_are_refused_by_the_key(read: Read) -> None:
    two = subset("flip_aug = true") + "[[datasets.subsets]]\nimage_dir = 'b'\n"
    with pytest.raises(
        ConfigError, match=r"flip_aug differs between subsets \(True and False\).*\[general\]"
    ):
        read(two)


def test_datasets_of_two_resolutions_are_told_what_there_is_instead(read: Read) -> None:
    two = subset(dataset="resolution = 512") + subset(dataset="resolution = [768, 768]")
    with pytest.raises(ConfigError, match=r"resolution differs .*\(512 and \[768, 768\]\).*Resolutions"):
        read(two)


def test_a_missing_key_is_what_the_scripts_take_for_it(read: Read) -> None:
    two = subset("flip_aug = false") + "[[datasets.subsets]]\nimage_dir = 'b'\n"
    assert read(two).settings == {"flip_augmentation": False}


def test_subsets_may_differ_in_what_belongs_to_a_folder(read: Read) -> None:
    own = "caption_extension = '.cap'\nnum_repeats = 2\ncaption_prefix = 'anime'\ncaption_suffix = 'best '"
    two = subset(own) + "[[datasets.subsets]]\nimage_dir = 'b'\n"
    found = [(f.caption_extension, f.repeats, f.caption_prefix, f.caption_suffix) for f in read(two).folders]
    assert found == [(".cap", 2, "anime", "best"), ("", 1, "", "")]


def test_what_has_no_effect_is_said_with_what_happens_instead(read: Read) -> None:
    found = read(subset("token_warmup_step = 10\nsecondary_separator = ''\ncache_info = false"))
    assert found.notices == ("Not used of data.toml: token_warmup_step (all tags are shown from the start).",)


def test_a_metadata_file_is_looked_for_beside_the_file_too(read: Read, tmp_path: Path) -> None:
    (tmp_path / "meta.json").write_text("{}", encoding="utf-8")
    assert read(subset("metadata_file = 'meta.json'")).folders[0].metadata_file == tmp_path / "meta.json"
    assert read(subset("metadata_file = 'no.json'")).folders[0].metadata_file == Path("no.json")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (subset("is_reg = true"), "all its subsets are is_reg, so there is nothing to learn"),
        ("[general", "failed: "),
        ("a = " + "[" * 100_000, "failed: "),
        ("", r"has no \[\[datasets\]\] with \[\[datasets.subsets\]\]"),
        ("[[datasets]]" + subset(), r"\[\[datasets\]\] 1 has no \[\[datasets.subsets\]\] with an image_dir"),
        ("datasets = 3", r"datasets is no array of tables; write \[\[datasets\]\]"),
        ("general = 3", r"general is no table; write \[general\]"),
    ],
)
def test_what_is_no_such_file_is_told(read: Read, text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        read(text)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"Reading the dataset config .*nowhere\.toml failed: No such file"):
        read_kohya_toml(tmp_path / "nowhere.toml")


def test_an_old_python_is_told_what_to_install(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 10))
    monkeypatch.setitem(sys.modules, "tomli", None)
    with pytest.raises(ConfigError, match=r"needs Python 3\.11, or `pip install tomli`"):
        read(subset())


@given(general=TABLES | VALUES, datasets=VALUES | st.lists(DATASETS, max_size=3))
def test_whatever_a_file_holds_it_is_understood_or_refused(general: object, datasets: object) -> None:
    try:
        found = kohya_dataset({"general": general, "datasets": datasets}, Path("any.toml"))
    except ConfigError as error:
        assert str(error).startswith("The dataset config any.toml can't be used: ")
    else:
        assert found.folders


def test_a_caption_is_no_dataset_config_whatever_it_says(tmp_path: Path) -> None:
    caption = tmp_path / "a.txt"
    caption.write_text('datasets = [{subsets = [{image_dir = "\\u002ffar/away"}]}]', encoding="utf-8")
    with pytest.raises(ConfigError, match=r"a\.txt; it must be .* ends with \.toml"):
        read_kohya_toml(caption)
