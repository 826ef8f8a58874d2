from typing import Any

import pytest

from traintab.errors import DatasetError
from traintab.ui.messages import done, failed, guarded


def test_a_sentence_is_escaped_and_marked_as_what_it_is() -> None:
    assert "&lt;b&gt;" in done("<b>") and 'role="status"' in done("x")
    assert 'role="alert"' in failed("x") and done("") == ""


def test_a_text_with_a_caret_keeps_its_lines() -> None:
    assert "traintab-lines" in failed("bad\n0.5:x\n    ^")
    assert "traintab-lines" not in failed("bad")


def test_a_handler_that_works_is_left_alone() -> None:
    assert guarded(lambda a, b: (a, b), outputs=2)(1, 2) == (1, 2)


def test_an_error_of_ours_is_its_sentence_and_the_rest_stays() -> None:
    def fail() -> tuple[Any, ...]:
        raise DatasetError("The folder is empty.")

    message, *others = guarded(fail, outputs=3)()
    assert "The folder is empty." in message and "traintab-failed" in message
    assert len(others) == 2 and all(other["__type__"] == "update" for other in others)


def test_an_unforeseen_error_is_told_and_its_traceback_logged(caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> tuple[Any, ...]:
        raise KeyError("field")

    (message,) = guarded(fail, outputs=1)()
    assert "KeyError" in message and "program&#x27;s output" in message
    assert "Traceback" in caplog.text
