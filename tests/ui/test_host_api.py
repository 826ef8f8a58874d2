"""Routes in a web UI's HTTP server."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from traintab.ui.host_api import PREFIX, add_host_routes


def client(studio: Any, logins: dict[str, str] | None = None, with_endpoints: bool = True) -> TestClient:
    app = FastAPI()
    add_host_routes(app, studio, logins=logins or {}, with_endpoints=with_endpoints)
    return TestClient(app)


def test_the_status_is_what_the_page_polls(studio: Any) -> None:
    answer = client(studio, with_endpoints=False).get(f"{PREFIX}/status")
    assert (answer.status_code, answer.json()["status"]) == (200, "idle")


def test_an_endpoint_takes_one_json_object(studio: Any) -> None:
    asked = client(studio).post(f"{PREFIX}/create_embedding", json={"name": "zoe", "num_vectors": 2})
    assert (asked.status_code, asked.json()) == (200, {"name": "zoe", "status": "ok"})
    listed = client(studio).post(f"{PREFIX}/list_embeddings")
    assert [row["name"] for row in listed.json()] == ["ben", "mira", "zoe"]


def test_what_is_wrong_with_a_request_is_its_answer(studio: Any) -> None:
    answer = client(studio).post(f"{PREFIX}/create_embedding", json={"nme": "mira"}).json()
    assert answer["event"] == "error" and "nme" in answer["message"]
    answer = client(studio).post(f"{PREFIX}/interrupt", json=[1]).json()
    assert answer["message"] == "The request must be one JSON object of field names and values."


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded"])
def test_a_page_of_another_site_cannot_send_what_the_browser_would_not_ask_about(
    studio: Any, content_type: str
) -> None:
    sent = {"content": '{"name": "mira"}', "headers": {"content-type": content_type}}
    client(studio).post(f"{PREFIX}/create_embedding", **sent)
    assert studio.calls == []


def test_a_host_that_was_started_without_its_api_has_the_status_alone(studio: Any) -> None:
    without = client(studio, with_endpoints=False)
    assert without.post(f"{PREFIX}/interrupt").status_code == 404
    assert without.get(f"{PREFIX}/status").status_code == 200


@pytest.mark.parametrize(
    ("auth", "status"),
    [(None, 401), (("ann", "wrong"), 401), (("bob", ""), 401), (("eve", ""), 401), (("ann", "secret"), 200)],
)
def test_where_the_host_asks_for_a_password_so_do_the_routes(
    studio: Any, auth: tuple[str, str] | None, status: int
) -> None:
    guarded = client(studio, {"ann": "secret", "bob": ""})
    assert guarded.get(f"{PREFIX}/status", auth=auth).status_code == status
    assert guarded.post(f"{PREFIX}/list_embeddings", auth=auth).status_code == status
