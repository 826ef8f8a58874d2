"""What the server refuses: pages that trick a browser, and computers that others' names point at."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from traintab.ui.request_guard import GuardRules, RequestGuard

LOCAL = "127.0.0.1:7860"


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """An application that reads the whole body, and answers how long it is."""
    size, more = 0, True
    while more:
        message = await receive()
        size += len(message.get("body", b""))
        more = message.get("more_body", False)
    body = str(size).encode()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body})


def answer(rules: GuardRules, method: str = "GET", path: str = "/", **details: Any) -> httpx.Response:
    headers = {"host": LOCAL, **details.pop("headers", {})}

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app=RequestGuard(echo, rules))  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url=f"http://{LOCAL}") as client:
            return await client.request(method, path, headers=headers, **details)

    return asyncio.run(ask())


@pytest.mark.parametrize("host", [LOCAL, "localhost:7860", "LOCALHOST", "[::1]:7860", "localhost."])
def test_this_computer_s_own_names_are_let_in(host: str) -> None:
    assert answer(GuardRules(), headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "192.168.1.5", "", "a@b:c:d", "["]
)
def test_a_foreign_name_that_points_here_is_refused(host: str) -> None:
    refused = answer(GuardRules(), headers={"host": host})
    assert refused.status_code == 403 and "--allow-host" in refused.json()["error"]


def test_a_public_page_is_reached_by_addresses_its_own_name_and_names_that_were_given() -> None:
    rules = GuardRules(is_public=True, hosts=("studio.lan",))
    for host in ("192.168.1.5:7860", "10.0.0.2", socket.gethostname(), "studio.lan"):
        assert answer(rules, headers={"host": host}).status_code == 200, host
    for host in ("evil.example", "x.gradio.live"):
        assert answer(rules, headers={"host": host}).status_code == 403, host


def test_over_the_tunnel_its_own_name_is_known() -> None:
    rules = GuardRules(is_public=True, is_shared=True)
    assert answer(rules, headers={"host": "abc.gradio.live"}).status_code == 200


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "http://localhost:3000", "null", "http://127.0.0.1", "http://["]
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_another_page_may_neither_send_nor_read(origin: str, method: str) -> None:
    assert answer(GuardRules(), method, headers={"origin": origin}).status_code == 403


def test_the_page_itself_and_programs_may_send() -> None:
    for method in ("GET", "POST"):
        assert answer(GuardRules(), method, headers={"origin": f"http://{LOCAL}"}).status_code == 200
    assert answer(GuardRules(), "POST").status_code == 200


def test_a_request_that_is_too_large_is_refused_by_what_it_says_and_by_what_it_sends() -> None:
    rules = GuardRules(body_limit=1000)

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(3):
            yield b"x" * 400

    assert answer(rules, "POST", content=b"x" * 1000).text == "1000"
    assert answer(rules, "POST", content=b"x" * 1001).status_code == 413
    assert answer(rules, "POST", content=chunks()).status_code == 413


@pytest.mark.parametrize("sign", "=/")
def test_of_the_picture_folders_only_pictures_are_given_out(tmp_path: Path, sign: str) -> None:
    rules = GuardRules(picture_folders=(tmp_path,))
    route = f"/gradio_api/file{sign}{tmp_path}"
    assert answer(rules, path=f"{route}/images/mira-10.png").status_code == 200
    names = ("run.yaml", "state/10.pt", "a.png/../run.yaml", "run%2Eyaml", "picture", "run.yaml/x.png/..")
    for name in (*names, "a%252F..%252F..%252F..%252F..%252F..%252F..%252F../../run.yaml"):
        assert answer(rules, path=f"{route}/{name}").status_code == 403, name
    assert answer(rules, path="/gradio_api/file=/elsewhere/mira.safetensors").status_code == 200
    assert answer(rules, path=f"{route}/%00").status_code == 200, "gradio refuses it"


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/file=http://evil.example/a.png",
        "/gradio_api/file/http://evil.example/a.png",
        "/gradio_api/proxy=http://x/y",
        "/gradio_api/run-history/connect",
        "/gradio_api/process_recording",
    ],
)
def test_nothing_is_fetched_from_elsewhere(path: str) -> None:
    assert answer(GuardRules(), path=path).status_code == 403


def test_visitors_of_a_public_page_name_no_paths_of_their_own(tmp_path: Path) -> None:
    rules = GuardRules(is_public=True, inside=(tmp_path,))
    sent = {"data": ["mira", str(tmp_path / "photos")]}
    assert answer(rules, "POST", json=sent).status_code == 200
    refused = answer(rules, "POST", json={"data": ["mira", "/etc/passwd"]})
    assert refused.status_code == 403
    assert "/etc/passwd" in refused.json()["error"] and str(tmp_path) in refused.json()["error"]


@pytest.mark.parametrize("kind", ["", "Application/JSON", "application/vnd.api+json", "text/plain"])
def test_paths_are_found_whatever_the_content_is_called(tmp_path: Path, kind: str) -> None:
    rules = GuardRules(is_public=True, inside=(tmp_path,))
    refused = answer(rules, "POST", content=b'["/etc/passwd"]', headers={"content-type": kind})
    assert refused.status_code == 403


def test_forms_are_no_json(tmp_path: Path) -> None:
    rules = GuardRules(is_public=True, inside=(tmp_path,))
    assert answer(rules, "POST", "/login", data={"username": "ann"}).status_code == 200
    assert answer(rules, "POST", "/gradio_api/upload", files={"files": b"x"}).status_code == 200
    assert answer(rules, "POST", "/gradio_api/queue/join", data={"a": "b"}).status_code == 400


def test_what_was_looked_at_reaches_the_page_whole(tmp_path: Path) -> None:
    rules = GuardRules(is_public=True, inside=(tmp_path,))
    sent = b'{"data": ["a photo of mira"]}'
    headers = {"content-type": "application/json"}
    assert answer(rules, "POST", content=sent, headers=headers).text == str(len(sent))
    assert answer(rules, "POST", content=b"{", headers=headers).status_code == 400


def test_on_this_computer_its_user_names_what_he_likes() -> None:
    assert answer(GuardRules(), "POST", json={"data": ["/etc/passwd"]}).status_code == 200
