"""When a preprocessing has ended and there are pictures, *Train* uses their folder, and that is told."""

from __future__ import annotations

from typing import Any

from .gradio_compat import hidden_text, skip
from .messages import done
from .page import Page
from .preprocess_result import can_use_result

__all__ = ["follow_end", "note_start", "tell_end"]

_SECTION = "preprocess_started"


def note_start(page: Page) -> None:
    """Keep which folder *Train* has now: another one that is chosen meanwhile stays."""
    page.remembered.remember(_SECTION, {"data_dir": _folder_in_train(page)})


def tell_end(page: Page) -> tuple[Any, ...]:
    """A message, the folder for *Train*, and whose it is; all stay while there is nothing to train on."""
    job = page.studio.snapshot()
    if not can_use_result(job):
        return skip(), skip(), skip()
    folder, noted = job.result_folder, page.remembered.values(_SECTION)
    if noted.get("data_dir") == _folder_in_train(page):
        page.remembered.remember(page.train.section, {"data_dir": folder})
    page.remembered.forget([_SECTION])
    if _folder_in_train(page) != folder:
        return skip(), skip(), skip()
    return done(f"Train uses {folder} now."), folder, job.id


def follow_end(page: Page, message: Any) -> Any:
    """Tell it in every page once the job has ended; gives the event that happens when the folder is there."""
    told = hidden_text()

    def version() -> object:
        job = page.studio.snapshot()
        return (job.id, job.result_folder) if can_use_result(job) else None

    page.pulse.follow(version, lambda: tell_end(page), None, [message, page.train["data_dir"], told])
    return told.change


def _folder_in_train(page: Page) -> str:
    return str(page.remembered.values(page.train.section).get("data_dir") or "")
