"""What the server refuses before the page sees it: requests that other pages trick a browser into.

A browser sends any page's requests to this computer too. Two headers tell them apart, and pages can't change
them: `Host` (a foreign name that was pointed at this computer, "DNS rebinding") and `Origin` (the page that
sends something).
"""

from __future__ import annotations

import ipaddress
import json
import os
import re
import socket
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePath
from typing import Any
from urllib.parse import urlsplit

from .outside_paths import OutsidePaths

__all__ = ["GuardRules", "RequestGuard"]

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_LOOPBACK_NAMES = ("localhost",)
_SHARE_DOMAIN = ".gradio.live"
_HARMLESS_METHODS = ("GET", "HEAD", "OPTIONS")
# gradio has the second one for old clients.
_FILE_ROUTES = re.compile(r"/file[=/](.*)", re.S)
# Some of these ask no visitor for the password.
_UNUSED_ROUTES = ("/proxy=", "/process_recording", "/run-history/", "/vibe-")
_PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".avif")
_MIB = 2**20
_BODY_LIMIT = 100 * _MIB


@dataclass(frozen=True, kw_only=True)
class GuardRules:
    """What is let through.

    `is_public`: other computers may come, by this computer's addresses and names, or by `hosts` (lower case);
    `is_shared`: over gradio's tunnel too. Of files below `picture_folders` only pictures are given out.
    `inside` are the folders whose paths visitors of a public page may name, `uploads` those where gradio puts
    what they send. A request may have `body_limit` bytes.
    """

    is_public: bool = False
    is_shared: bool = False
    hosts: tuple[str, ...] = ()
    picture_folders: tuple[Path, ...] = ()
    inside: tuple[Path, ...] = ()
    uploads: tuple[Path, ...] = ()
    body_limit: int = _BODY_LIMIT

    def knows_host(self, name: str) -> bool:
        """Whether a page may come by this name."""
        address = _address(name)
        if address is not None:
            return self.is_public or address.is_loopback
        if name in _LOOPBACK_NAMES or name in self.hosts:
            return True
        return self.is_public and (name in _own_names() or (self.is_shared and name.endswith(_SHARE_DOMAIN)))


class RefusedRequest(Exception):
    """A request that gets an answer of this HTTP `status` and a sentence."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


class RequestGuard:
    """An ASGI application around `app` that keeps to `rules`."""

    def __init__(self, app: Callable[[Scope, Receive, Send], Awaitable[None]], rules: GuardRules) -> None:
        self._app = app
        self._rules = rules
        self._outside = OutsidePaths(rules.inside, rules.uploads)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer it with a refusal."""
        if scope["type"] not in ("http", "websocket"):
            return await self._app(scope, receive, send)
        try:
            self._check_headers(scope)
            if scope["type"] == "http":
                self._check_file(scope)
                receive = await self._checked_body(scope, receive)
            return await self._app(scope, receive, send)
        except RefusedRequest as refusal:  # also while the body comes in, before anything was answered
            return await _answer(scope, send, refusal)

    def _check_headers(self, scope: Scope) -> None:
        host, origin = _header(scope, b"host"), _header(scope, b"origin")
        name = _host_name(host)
        if not self._rules.knows_host(name):
            raise RefusedRequest(
                403,
                f"This page is not to be reached as {host!r}: open it by the address that the program"
                " printed at its start, or start it with --allow-host and that name.",
            )
        # gradio lets any page read its answers but where it is called localhost, so this goes for GET too.
        if origin and _netloc(origin) != host.lower():
            raise RefusedRequest(403, f"A page of {origin!r} may not ask anything of this one.")
        size = _header(scope, b"content-length")
        if size.isdecimal() and int(size) > self._rules.body_limit:
            raise self._too_large()

    def _check_file(self, scope: Scope) -> None:
        """gradio gives out any file of the folders it is allowed, and fetches what has an address."""
        if any(route in scope["path"] for route in _UNUSED_ROUTES):
            raise RefusedRequest(
                403, f"{scope['path']!r} belongs to a part of gradio that this page doesn't use."
            )
        found = _FILE_ROUTES.search(scope["path"])
        if found is None:
            return
        named = found.group(1)
        if "://" in named:
            raise RefusedRequest(403, "This page fetches nothing from elsewhere.")
        if PurePath(named).suffix.lower() in _PICTURES or "\0" in named:  # which gradio refuses
            return
        # As gradio reads it, which takes `..` for the folder above even where there is no folder.
        file = Path(os.path.abspath(named)).resolve()  # noqa: PTH100
        if any(file.is_relative_to(folder.resolve()) for folder in self._rules.picture_folders):
            raise RefusedRequest(
                403, f"{PurePath(named).name!r} is no picture; only pictures are shown here."
            )

    async def _checked_body(self, scope: Scope, receive: Receive) -> Receive:
        """The body within the limit; on a public page without paths that are none of a visitor's business."""
        if scope["method"] in _HARMLESS_METHODS:
            return receive
        if not self._rules.is_public or _is_form(scope):
            return self._limited(receive)
        body = b"".join([chunk async for chunk in _chunks(self._limited(receive))])
        try:
            outside = self._outside.first_in(json.loads(body or b"null"))
        except (ValueError, RecursionError):
            raise RefusedRequest(400, "The request is no JSON.") from None
        if outside:
            raise RefusedRequest(
                403,
                f"{outside!r} lies outside the folders that a page which others can reach may use:"
                f" {', '.join(map(str, self._rules.inside))}. Start the program with --allow-dir to add one.",
            )
        return _replayed(body, receive)

    def _limited(self, receive: Receive) -> Receive:
        left = self._rules.body_limit

        async def counted() -> MutableMapping[str, Any]:
            nonlocal left
            message = await receive()
            left -= len(message.get("body", b""))
            if left < 0:
                raise self._too_large()
            return message

        return counted

    def _too_large(self) -> RefusedRequest:
        return RefusedRequest(
            413,
            f"The request is too large: this page takes {self._rules.body_limit / _MIB:.0f} MiB at once. Send"
            " less at a time.",
        )


async def _chunks(receive: Receive) -> Any:
    more = True
    while more:
        message = await receive()
        yield message.get("body", b"")
        more = message.get("more_body", False) and message["type"] == "http.request"


def _replayed(body: bytes, receive: Receive) -> Receive:
    """The body once more, then whatever comes after it."""
    left = [body]

    async def again() -> MutableMapping[str, Any]:
        if left:
            return {"type": "http.request", "body": left.pop(), "more_body": False}
        return await receive()

    return again


async def _answer(scope: Scope, send: Send, refusal: RefusedRequest) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    body = json.dumps({"error": str(refusal)}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _header(scope: Scope, name: bytes) -> str:
    """The header's text; empty where there is none, and where there are several, which is a trick."""
    found: Iterable[bytes] = [value for key, value in scope["headers"] if key == name]
    values = list(found)
    return values[0].decode("latin-1") if len(values) == 1 else ""


def _is_form(scope: Scope) -> bool:
    """Whether nobody will read the body as JSON: gradio does so with many content types, and with none."""
    kind = _header(scope, b"content-type")
    is_login = scope["path"].rstrip("/").endswith("/login")
    return kind.startswith("multipart/form-data") or (
        is_login and kind.startswith("application/x-www-form-urlencoded")
    )


def _netloc(origin: str) -> str:
    """`http://localhost:7860` as `localhost:7860`; what is no address has none."""
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""


def _host_name(host: str) -> str:
    """`[::1]:7860` as `::1`."""
    try:
        return (urlsplit(f"//{host}").hostname or "").rstrip(".").lower()
    except ValueError:
        return ""


def _address(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(name)
    except ValueError:
        return None


@cache  # asking the network can take seconds
def _own_names() -> set[str]:
    name = socket.gethostname().lower()
    return {name, f"{name.partition('.')[0]}.local", socket.getfqdn().lower()} - {"", ".local"}
