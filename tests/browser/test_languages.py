"""The page in another language: how texts are looked up, and that no English is left on the Chinese page."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from traintab.paths import REPOSITORY_DIR

from .conftest import Server, Tab, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1500)]

SCRIPTS = [REPOSITORY_DIR / "javascript" / f"traintab{name}.js" for name in ("", "_dictionary", "_language")]
TABLE = {
    "Train": "训练",
    "Batch size": "批处理数量",
    "built in": "内置",
    "Press Train.": "点“训练”。",
    "{} of {} steps": "共 {2} 步中的第 {1} 步",
    "{} is {}; it must be {}.": "{:t}是 {}；必须是{:t}。",
    "a whole number": "整数",
    "{} more": "还有 {} 个",
    "{} is ready on {}.": "{} 已就绪，运行在 {} 上。",
    "Wrote {} (all of it).": "写出了 {}（全部）。",
    "Try again when {} is there. Then go on.": "等有了 {} 再试。然后继续。",
    "It starts from {}.": "从 {} 开始。",
    "{} places are left.": "还有 {} 个位置。",
    "{}. {}": "{}。{:t}",
}
# What a visitor reads of the page that is in no other language: names, formats and what the user wrote.
SAME = re.compile(
    r"Train Tab|English|png|jpe?g|webp|txt|blip|alpha|huber|mse|smooth_l1|snr|bf16|fp16|fp32|Min SNR gamma"
    r"|SD VAE|VAE|ComfyUI|CFG|demo|.*[\\/].*|a photo of .*|dog, woman, painting, …|1girl, blue hair"
    r"|[\d.,%×/ -]+|(Ctrl|Alt|Esc|Home|End|Tab|Enter|\+| |[A-Z])+|v_prediction\w*|epsilon|AdamW.*"
    r"|style_filewords.txt|tiny.*|model"
)
ENGLISH_LEFT = """() => {
  const left = new Set();
  const isLeft = (text) => text && /[A-Za-z]{2}/.test(text) && !/[\\u4e00-\\u9fff]/.test(text);
  const add = (text) => isLeft(text) && left.add(text.replace(/\\s+/g, " ").trim());
  const skipped = "script, style, code, pre, textarea, [translate=no], #traintab_appearance";
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.nodeType === Node.TEXT_NODE ? node.parentElement : node;
    if (!element.getClientRects().length || (node === element ? false : element.closest(skipped))) continue;
    if (node === element) {
      ["placeholder", "title", "aria-label", "alt"].forEach((name) => add(element.getAttribute(name)));
    } else {
      add(node.nodeValue);
    }
  }
  return [...left];
}"""


@pytest.fixture
def speaking(browser: Any) -> Iterator[Any]:
    """An empty page that speaks by `TABLE`."""
    page = browser.new_page()
    page.set_content("<main></main>")
    for script in SCRIPTS:
        page.add_script_tag(path=str(script))
    speak(page, "zh-CN", TABLE)
    yield page
    page.close()


def speak(page: Any, language: str, table: dict[str, str] | None) -> None:
    page.evaluate(
        "detail => document.dispatchEvent(new CustomEvent('traintab:language', { detail }))",
        {"language": language, "table": table},
    )


def shown(page: Any, markup: str) -> str:
    """What becomes of HTML that is put into the page."""
    return str(
        page.evaluate(
            """async (markup) => {
              const main = document.querySelector("main");
              main.innerHTML = markup;
              await new Promise((done) => setTimeout(done, 0));
              return main.innerHTML;
            }""",
            markup,
        )
    )


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("<b> Train </b>", "<b> 训练 </b>"),
        ("<b>Train\n   </b>", "<b>训练\n   </b>"),
        ("3 of 10 steps", "共 10 步中的第 3 步"),
        ("Batch size is 0.5; it must be a whole number.", "批处理数量是 0.5；必须是整数。"),
        (
            "Batch size is x; it must be a whole number. Press Train.",
            "批处理数量是 x；必须是整数。点“训练”。",
        ),
        ("Nobody knows this. Press Train.", "Nobody knows this. 点“训练”。"),
        ("12 more", "还有 12 个"),
        ("demo is ready on cpu.", "demo 已就绪，运行在 cpu 上。"),
        ("Search for more", "Search for more"),
        ("Wrote a.png (all of it).", "写出了 a.png（全部）。"),
        ("Try again when Train is there. Then go on.", "等有了 Train 再试。然后继续。"),
        ('<input placeholder="Train" title="Batch size">', '<input placeholder="训练" title="批处理数量">'),
        ('<b translate="no" title="Train">Train</b>', '<b translate="no" title="Train">Train</b>'),
        ("<code>Train</code>", "<code>Train</code>"),
        (
            '<div class="traintab-infotext"><p>Train</p></div>',
            '<div class="traintab-infotext"><p>Train</p></div>',
        ),
        (
            '<div id="train_embedding"><b role="option">Train</b></div><b role="option">Train</b>',
            '<div id="train_embedding"><b role="option">Train</b></div><b role="option">训练</b>',
        ),
        (
            '<p id="setting_sd_model_checkpoint"><b role="option" title="Train · built in">x</b></p>',
            '<p id="setting_sd_model_checkpoint"><b role="option" title="Train · 内置">x</b></p>',
        ),
        (
            '<p id="setting_sd_model_checkpoint"><b role="option">Train · built in</b> Train</p>',
            '<p id="setting_sd_model_checkpoint"><b role="option">Train · 内置</b> 训练</p>',
        ),
        (
            '<p id="setting_sd_model_checkpoint"><b role="option">Train</b> Train</p>',
            '<p id="setting_sd_model_checkpoint"><b role="option">Train</b> 训练</p>',
        ),
        ('<textarea placeholder="Train">Train</textarea>', '<textarea placeholder="训练">Train</textarea>'),
        ("<b>Trainer</b> 77", "<b>Trainer</b> 77"),
        ("It starts from a. 74 places are left.", "从 a 开始。还有 74 个位置。"),
    ],
)
def test_texts_are_looked_up(speaking: Any, english: str, chinese: str) -> None:
    assert shown(speaking, english) == chinese


def test_a_text_that_changes_is_looked_up_again_and_english_comes_back(speaking: Any) -> None:
    assert shown(speaking, '<b title="Train">1 of 9 steps</b>') == '<b title="训练">共 9 步中的第 1 步</b>'

    speaking.evaluate("document.querySelector('b').firstChild.nodeValue = '2 of 9 steps'")
    wait_until(lambda: speaking.inner_text("b") == "共 9 步中的第 2 步")
    assert speaking.evaluate("document.documentElement.lang") == "zh-CN"

    speak(speaking, "en", None)
    assert speaking.inner_html("main") == '<b title="Train">2 of 9 steps</b>'
    assert shown(speaking, "<i>Train</i>") == "<i>Train</i>", "in English nothing is watched"


def test_a_choice_is_shown_in_chinese_and_typed_in_english(speaking: Any) -> None:
    shown(speaking, '<div class="traintab-choices"><input value="Train"></div><button>x</button>')
    field = speaking.locator("input")
    wait_until(lambda: field.input_value() == "训练")

    field.focus()
    assert field.input_value() == "Train"
    speaking.locator("button").focus()
    wait_until(lambda: field.input_value() == "训练")


def test_what_is_told_behind_a_models_name_is_shown_in_chinese(speaking: Any) -> None:
    shown(speaking, '<div id="setting_sd_model_checkpoint"><input value="Train · built in"></div>')
    wait_until(lambda: speaking.locator("input").input_value() == "Train · 内置")


def test_a_long_text_that_fits_nothing_costs_next_to_nothing(speaking: Any) -> None:
    took = speaking.evaluate(
        """async () => {
          const begin = performance.now();
          const text = "It is a; it must be. Wrote of steps (all. ".repeat(90);
          document.querySelector("main").innerHTML = text;
          await new Promise((done) => setTimeout(done, 0));
          return performance.now() - begin;
        }"""
    )
    assert took < 2000


@pytest.mark.parametrize(
    "order", [("appearance", "dictionary", "language"), ("dictionary", "language", "appearance")]
)
def test_a_page_that_was_in_chinese_is_so_at_once_whichever_script_comes_first(
    browser: Any, tmp_path: Path, order: tuple[str, ...]
) -> None:
    (tmp_path / "page.html").write_text("<!DOCTYPE html><meta charset=utf-8><main><b>Train</b></main>")
    page = browser.new_page()
    page.goto((tmp_path / "page.html").as_uri())
    last = {"language": "zh-CN", "theme": "automatic", "digest": "d", "table": TABLE}
    page.evaluate("last => localStorage.setItem('traintab_appearance', JSON.stringify(last))", last)
    page.reload()
    for name in ("", *(f"_{one}" for one in order)):
        page.add_script_tag(path=str(SCRIPTS[0].with_name(f"traintab{name}.js")))
    wait_until(lambda: page.inner_text("b") == "训练", 10.0)
    assert page.evaluate("document.documentElement.lang") == "zh-CN"
    page.close()


def unfold(tab: Tab) -> None:
    """Open all that is folded in the panel that is shown."""
    tab.page.wait_for_timeout(700)
    tab.page.evaluate(
        """() => {
          const folds = [...document.querySelectorAll("button.label-wrap:not(.open)")];
          folds.filter((fold) => fold.getClientRects().length).forEach((fold) => fold.click());
          document.querySelectorAll("details").forEach((fold) => { fold.open = true; });
        }"""
    )
    tab.page.wait_for_timeout(700)


def english_left(tab: Tab) -> set[str]:
    """What is in English on all tabs and panels, but for what stays as it is."""
    left: set[str] = set()
    for outer in ("文生图", "图生图", "PNG 信息", "训练", "嵌入", "设置"):
        tab.page.locator("#tabs").get_by_role("tab", name=outer, exact=True).first.click()
        panels = tab.page.locator(":is(#train_tabs, #embeddings_tabs) > .tab-wrapper [role=tab]:visible")
        for index in range(max(1, panels.count())):
            if panels.count():
                panels.nth(index).click()
            unfold(tab)
            left |= set(tab.page.evaluate(ENGLISH_LEFT))
    return {text for text in left if not SAME.fullmatch(text)}


def choose_language(tab: Tab, name: str) -> None:
    tab.page.locator("#setting_localization").get_by_text(name, exact=True).click()


@pytest.mark.long
def test_the_chinese_page_has_no_english_and_stays_chinese(
    tiny_server: Server, new_tab: Callable[[Server], Tab]
) -> None:
    tab = new_tab(tiny_server)
    tab.go_to("Settings", tabs="tabs")
    tab.page.set_default_timeout(60_000)
    choose_language(tab, "简体中文")
    tab.page.locator("html[lang=zh-CN]").wait_for()
    assert tab.page.locator("#tabs").get_by_role("tab", name="训练", exact=True).first.is_visible()

    assert english_left(tab) == set()

    tab.open(tiny_server.url)
    tab.page.locator("html[lang=zh-CN]").wait_for()
    tab.page.locator("#tabs").get_by_role("tab", name="设置", exact=True).first.click()
    tab.page.locator("#setting_gradio_theme label").filter(has_text="深色").click()
    tab.page.locator("body.dark").wait_for()
    tab.open(tiny_server.url)
    tab.page.locator("body.dark").wait_for()

    tab.page.locator("#tabs").get_by_role("tab", name="设置", exact=True).first.click()
    choose_language(tab, "English")
    tab.page.locator("html[lang=en]").wait_for()
    assert tab.page.locator("#tabs").get_by_role("tab", name="Settings", exact=True).first.is_visible()
