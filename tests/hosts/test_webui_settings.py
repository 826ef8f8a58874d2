"""Who may come, by what a web UI was started with."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st

from traintab.hosts.webui_settings import logins_of

WORDS = st.text(st.characters(exclude_characters=":,", exclude_categories=("C", "Z")), min_size=1)


def test_without_logins_everybody_may_come() -> None:
    assert logins_of(SimpleNamespace(api_auth=None, gradio_auth="", auth=None)) == {}


@given(st.dictionaries(WORDS, WORDS, max_size=4))
def test_pairs_are_read_as_the_hosts_read_them(logins: dict[str, str]) -> None:
    told = ",".join(f"{user}:{password}" for user, password in logins.items())
    assert logins_of(SimpleNamespace(api_auth=told)) == logins


def test_a_password_may_hold_colons_and_files_are_read_too(tmp_path: Path) -> None:
    file = tmp_path / "logins"
    file.write_text("ann:a:b\n\nbob:c,")
    given_ = SimpleNamespace(gradio_auth="eve:d", gradio_auth_path=str(file))
    assert logins_of(given_) == {"eve": "d", "ann": "a:b", "bob": "c"}
