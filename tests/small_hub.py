"""A server that stands for the Hugging Face Hub, for what is asked of it when a model is fetched."""

from __future__ import annotations

import hashlib
import json
import re
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

CHUNK = 1 << 16
_COMMIT = "0123456789abcdef0123456789abcdef01234567"
_LARGE = 1_000_000
# Old versions of the library want these.
_ABOUT = {"private": False, "disabled": False, "downloads": 0, "likes": 0, "tags": []}


class SmallHub(ThreadingHTTPServer):
    """Repositories by id, each files by name; what was asked is in `asked`, with the range where one was."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.repositories: dict[str, dict[str, bytes]] = {}
        self.asked: list[str] = []
        self.pause = 0.0
        self.refusal: tuple[int, str] | None = None
        self.tells_sizes = True

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def fetched(self) -> list[str]:
        """The files that were sent, in order."""
        return [line.removeprefix("GET ") for line in self.asked if line.startswith("GET ")]


class _Answer(BaseHTTPRequestHandler):
    server: SmallHub

    def do_HEAD(self) -> None:
        self.answer(with_body=False)

    def do_GET(self) -> None:
        self.answer(with_body=True)

    def answer(self, *, with_body: bool) -> None:
        path = self.path.partition("?")[0]
        about = re.fullmatch(r"/api/models/([^/]+/[^/]+?)(/revision/\w+)?", path)
        file = re.fullmatch(r"/([^/]+/[^/]+)/resolve/[^/]+/(.+)", path)
        asked = about or file
        files = self.server.repositories.get(asked[1]) if asked else None
        if self.server.refusal or files is None:
            status, code = self.server.refusal or (404, "RepoNotFound")
            self.send({"X-Error-Code": code}, b"", status=status)
        elif about:
            siblings = [_listed(name, data) for name, data in files.items()]
            if not self.server.tells_sizes:
                siblings = [{"rfilename": name} for name in files]
            body = json.dumps(_ABOUT | {"id": about[1], "sha": _COMMIT, "siblings": siblings}).encode()
            self.send({"Content-Type": "application/json"}, body)
        elif file:
            self.send_file(file[2], files[file[2]], with_body)

    def send_file(self, name: str, data: bytes, with_body: bool) -> None:
        asked = self.headers.get("Range")
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked and with_body else 0
        if with_body:
            self.server.asked.append(f"GET {name}" + (f" from {start}" if start else ""))
        etag = hashlib.sha256(data).hexdigest()
        headers = {"ETag": f'"{etag}"', "X-Repo-Commit": _COMMIT, "Accept-Ranges": "bytes"}
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
        self.send(headers, data[start:], status=206 if start else 200, with_body=with_body)

    def send(
        self, headers: dict[str, str], body: bytes, *, status: int = 200, with_body: bool = True
    ) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        try:
            for start in range(0, len(body) if with_body else 0, CHUNK):
                self.wfile.write(body[start : start + CHUNK])
                time.sleep(self.server.pause)
        except (BrokenPipeError, ConnectionResetError):
            return  # the other side was interrupted

    def log_message(self, *_parts: Any) -> None:
        """Nothing on standard error."""


def _listed(name: str, data: bytes) -> dict[str, Any]:
    """A file as the hub lists it: large ones with a checksum."""
    lfs = {"size": len(data), "sha256": hashlib.sha256(data).hexdigest(), "pointerSize": 130}
    return {"rfilename": name, "size": len(data)} | ({"lfs": lfs} if len(data) > _LARGE else {})
