"""A page that others can reach: only with the password, only in its own folders."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from .conftest import Server, Tab, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.timeout(1500)]


@pytest.fixture
def public_server(tiny_model_dir: Path, tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path / "data", str(tiny_model_dir), ("--listen", "--auth", "ann:secret"))
    server.start()
    yield server
    server.end()


def test_a_visitor_gives_the_password_and_names_no_other_folder_and_no_other_model(
    public_server: Server, browser: object, new_tab: Callable[[Server], Tab], pictures: Path
) -> None:
    context = browser.new_context()  # type: ignore[attr-defined]
    page = context.new_page()
    page.goto(public_server.url)
    sign_in(page, "ann", "wrong")
    page.get_by_text("Incorrect Credentials").wait_for()
    sign_in(page, "ann", "secret")
    page.locator("#ti_progress .traintab-job").wait_for()
    tab = Tab(page, public_server.url)
    tab.type("train_new_embedding_name", "mira")
    tab.click("train_create_embedding")
    tab.read("Created mira")
    tab.train_panel()
    tab.fill_in({"train_dataset_directory": str(pictures), "train_steps": "3"})
    tab.click("train_train_embedding")
    page.get_by_text("lies outside the folders").first.wait_for()
    assert tab.job("status") == "idle"

    tab.fill_in({"train_dataset_directory": str(own_pictures(public_server, pictures))})
    tab.click("train_train_embedding")
    tab.wait_for_status("finished")
    tab.type("setting_sd_model_checkpoint", "/etc")
    page.get_by_text("lies outside the folders").first.wait_for()
    wait_until(lambda: "is ready" in page.locator("#traintab_model [data-state]").inner_text())
    context.close()


def sign_in(page: object, name: str, password: str) -> None:
    fields = page.locator("form input, .form input, input")  # type: ignore[attr-defined]
    fields.first.wait_for()
    fields.nth(0).fill(name)
    fields.nth(1).fill(password)
    page.get_by_role("button", name="Login").click()  # type: ignore[attr-defined]


def own_pictures(server: Server, pictures: Path) -> Path:
    """The same pictures in the data directory."""
    folder = server.data_dir / "pictures"
    folder.mkdir()
    for picture in pictures.iterdir():
        (folder / picture.name).write_bytes(picture.read_bytes())
    return folder
