"""Styles that reach into the tab and nowhere else."""

from __future__ import annotations

import re

import pytest

from traintab.ui.host_look import HOST_TAB, host_style, scoped


@pytest.mark.parametrize(
    ("rule", "below"),
    [
        (".a { color: red; }", f"{HOST_TAB} .a {{ color: red; }}"),
        ("#x > p, .b:is(.c, .d) { top: 0 }", f"{HOST_TAB} #x > p, {HOST_TAB} .b:is(.c, .d) {{ top: 0 }}"),
        (".dark .a { top: 0 }", f".dark {HOST_TAB} .a {{ top: 0 }}"),
        ("#tabs .block { top: 0 }", f"{HOST_TAB} .block {{ top: 0 }}"),
        ("#tabs:has(#x) .a { top: 0 }", f"{HOST_TAB}:has(#x) .a {{ top: 0 }}"),
        (".gradio-container input { top: 0 }", f"{HOST_TAB} input {{ top: 0 }}"),
        (".gradio-container, .a { top: 0 }", f"{HOST_TAB} .a {{ top: 0 }}"),
        (
            "#tabs .info-text { top: 0 }",
            f"{HOST_TAB} :is(.info-text,.has-info+div,.traintab-checkbox>.wrap+div) {{ top: 0 }}",
        ),
        ("footer { top: 0 }", ""),
        (".tab-container button { top: 0 }", ""),
        ("@keyframes k { from { top: 0 } }", "@keyframes k { from { top: 0 } }"),
        (
            "@media (max-width: 9px) { .a { top: 0 } }",
            f"@media (max-width: 9px) {{ {HOST_TAB} .a {{ top: 0 }} }}",
        ),
        ("/* .a { } */ .b { top: 0 }", f"{HOST_TAB} .b {{ top: 0 }}"),
    ],
)
def test_a_rule_is_moved_below_the_tab(rule: str, below: str) -> None:
    assert " ".join(scoped(rule).split()) == " ".join(below.split())


def test_no_rule_of_ours_concerns_anything_of_the_web_ui() -> None:
    css = re.sub(r"@keyframes [^{]+\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}", "", host_style())
    heads = re.findall(r"(?:^|[{}])\s*([^{}@]+?)\s*(?=\{)", css)
    assert len(heads) > 200
    assert [head for head in heads if HOST_TAB not in head] == []
    assert not re.search(r"#tabs\b|gradio-container", css), "the web UI's own"


def test_every_brace_is_closed() -> None:
    css = host_style()
    assert css.count("{") == css.count("}")
