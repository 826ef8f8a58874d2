"""Every text of the page is in each translation: found in the sources, so that none can be forgotten."""

from __future__ import annotations

import dataclasses
import json
import re

import pytest
import yaml

from traintab import configs, job_progress
from traintab.configs.validation import _range_words
from traintab.paths import PACKAGE_DIR, REPOSITORY_DIR
from traintab.ui.languages import ENGLISH, NAMES, strings

from ..visible_strings import in_package, in_scripts, of_options, of_source, pieces, sentences

LANGUAGES = [code for code in NAMES if code != ENGLISH]
CONFIGS = [kind for name in configs.__all__ if dataclasses.is_dataclass(kind := getattr(configs, name))]
# What stays as it is in every language: names of models, methods, formats and keys, and what isn't text.
SAME_EVERYWHERE = re.compile(
    r"AdamW|AdamW8bit|Adafactor|Lion|Prodigy|D[DP]IM|DPM.*|Euler( a)?|Heun|LCM|LMS|UniPC|Karras|Exponential"
    r"|Normal|alpha|bf16|blip|epsilon|fp16|fp32|huber|jpe?g|mse|png|smooth_l1|snr|txt|v_prediction\w*|webp"
    r"|((Ctrl|Alt)\+\w+ ?)+|Home End|Esc(ape)?|Enter|Tab|Notification|Poll|False"
    r"|Segoe UI|Roboto|Helvetica Neue|Menlo|Consolas|M\{x\}.*|\w+/[\w-]+|data:.*|http:.*|embedding:\{\}"
    r"|extension\.py .*|\{\}/file=|(previous|next|pages)\{\}|/pictures/more: 2|1girl, blue hair"
    r"|a (photo|portrait) of .*|dog, woman, painting, …|\{\}.?(_\w+|\.\w+)"
)
# Errors and notices of the layers below the page: how many of their sentences a translation has at least.
LOWER = [
    path.name
    for path in PACKAGE_DIR.iterdir()
    if path.name not in ("ui", "configs", "commands", "cli.py", "demo", "recipes", "__init__.py")
]
LOWER_SHARE = 0.9


def lacking(language: str, texts: dict[str, str]) -> dict[str, str]:
    table = strings(language)
    return {
        text: place
        for text, place in texts.items()
        if text not in table and not SAME_EVERYWHERE.fullmatch(text)
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_of_the_page_is_missing(language: str) -> None:
    assert lacking(language, in_package(PACKAGE_DIR / "ui")) == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_of_the_scripts_is_missing(language: str) -> None:
    assert lacking(language, in_scripts(REPOSITORY_DIR / "javascript")) == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_label_help_or_choice_of_an_option_is_missing(language: str) -> None:
    assert lacking(language, dict.fromkeys(of_options(CONFIGS), "configs")) == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_range_that_a_number_must_lie_in_is_missing(language: str) -> None:
    """With its unit: what stands behind "it must be" is looked up as a whole."""
    bounded = [
        option
        for kind in CONFIGS
        for option in configs.all_options(kind).values()
        if (option.minimum, option.maximum) != (None, None)
    ]
    ranges = [re.sub(r"-?\d[\d.e+-]*", "{}", _range_words(option)) for option in bounded]

    assert len(set(ranges)) > 5
    assert lacking(language, dict.fromkeys(ranges, "configs")) == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_shipped_preset_is_missing(language: str) -> None:
    files = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in (PACKAGE_DIR / "recipes").iterdir()]
    texts = [" ".join(str(file[key]).split()) for file in files for key in ("title", "about")]

    assert len(texts) > 20
    assert lacking(language, dict.fromkeys(texts, "recipes")) == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_most_sentences_of_lower_layers_are_there(language: str) -> None:
    told = sentences(PACKAGE_DIR, LOWER)
    missing = lacking(language, dict.fromkeys(told, ""))

    share = 1 - len(missing) / len(told)

    print(
        f"{language}: {len(told) - len(missing)} of {len(told)} sentences of errors and notices, {share:.0%}"
    )
    assert share >= LOWER_SHARE, sorted(missing)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_check_folder_finds_is_there_for_one_and_for_many(language: str) -> None:
    """Titles are put together of a number and what is found, and a full stop follows where they are shown."""
    source = (PACKAGE_DIR / "preprocessing" / "folder_check" / "findings.py").read_text(encoding="utf-8")
    titles = re.findall(r'title=f"{_(pictures|files|captions)[(].*?[)]} (.+)",', source)
    assert len(titles) == 11
    wanted = {"1 picture is", "{} pictures are"}
    for kind, told in titles:
        found = re.sub(r"{.*?}", "{}", told) + "."
        counted = ("{}",) if kind == "pictures" else (f"1 {kind.removesuffix('s')}", f"{{}} {kind}")
        wanted |= {f"{number} {found}" for number in counted}
    assert lacking(language, dict.fromkeys(wanted, "findings.py")) == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_preprocessing_counts_is_there(language: str) -> None:
    counts = (job_progress._WRITTEN, job_progress._UNCHANGED, job_progress._SKIPPED)
    assert lacking(language, {what[:1].upper() + what[1:]: "job_progress.py" for what in counts}) == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_uses_only_what_its_text_has(language: str) -> None:
    for key, translation in strings(language).items():
        count = key.count("{}")
        used = re.findall(r"\{(\d*)(?::t)?\}", translation)
        places = [int(number) if number else place for place, number in enumerate(used, 1)]
        assert translation.strip(), key
        assert all(1 <= place <= count for place in places), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_holes_that_touch_in_a_text_touch_in_its_translation(language: str) -> None:
    """Nothing tells where the one ends and the other begins: all may be in either."""
    for key, translation in strings(language).items():
        holes = list(re.finditer(r"\{(\d*)(?::t)?\}", translation))
        order = [int(hole[1]) if hole[1] else place for place, hole in enumerate(holes, 1)]
        for first in (key[: match.end()].count("{}") + 1 for match in re.finditer(r"(?=\{\}\{\})", key)):
            at = order.index(first)
            assert order[at + 1 : at + 2] == [first + 1], key
            assert holes[at].end() == holes[at + 1].start(), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_value_must_be_stands_apart_from_the_words_before(language: str) -> None:
    """`from 1 to 75` must not become `是1 到 75`: what begins with a number needs a space or a colon."""
    table = strings(language)
    assert re.search(r"[\s:：]\{2?:t\}\S*$", table["{} is {}; it must be {}."])


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_file_is_one_that_the_web_ui_reads(language: str) -> None:
    text = (PACKAGE_DIR / "ui" / "languages" / f"{language}.json").read_text(encoding="utf-8")
    pairs = json.loads(text, object_pairs_hook=list)

    keys = [key for key, _ in pairs]

    assert keys == sorted(set(keys)), "each text once, in order, so that changes can be read"
    assert all(isinstance(value, str) and key == key.strip() for key, value in pairs)


@pytest.mark.parametrize(
    ("text", "translation"),
    [
        ("Embedding", "嵌入（Embedding）"),
        ("Initialization text", "初始化文本"),
        ("Number of vectors per token", "每个词元的向量数"),
        ("Embedding Learning rate", "嵌入（Embedding）学习率"),
        ("Batch size", "批处理数量"),
        ("Gradient accumulation steps", "梯度累积步数"),
        ("Prompt template", "提示词模板"),
        ("Max steps", "最大步数"),
        ("Resume", "断点续训"),
    ],
)
def test_chinese_says_what_chinese_users_of_web_uis_know(text: str, translation: str) -> None:
    assert strings("zh_CN")[text] == translation


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('gr.Button("Press me", elem_id="the_button")', ["Press me"]),
        ('told = f"{count} pictures of {name}."', ["{} pictures of {}."]),
        ("f(f\"Save {n} {'picture' if n == 1 else 'pictures'}\")", ["Save {} picture", "Save {} pictures"]),
        (
            'told = f\'<p class="a b">Step <b title="The best">{x}</b> of 3 steps</p>\'',
            ["The best", "Step", "of 3 steps"],
        ),
        ('told = "Two lines" + f" and {more}"', ["Two lines and {}"]),
        ('"""The docstring of a module."""', []),
        ('found = facts["Some key"]', []),
        ('_LOGGER.warning("Nobody sees this here.")', []),
        ('gr.Markdown("### The folders of `x` and **all** the rest")', ["The folders of", "the rest"]),
    ],
)
def test_what_counts_as_visible_text(source: str, expected: list[str]) -> None:
    assert list(of_source(source)) == expected


def test_texts_between_tags_are_found_one_by_one() -> None:
    html = '<p class="x y">Nothing is wrong.<br>Go on</p><img alt="A picture" src="z.png">'

    assert list(pieces(html)) == ["A picture", "Nothing is wrong.", "Go on"]
