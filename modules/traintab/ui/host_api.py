"""Routes in a web UI's own HTTP server: the job's status, and the endpoints of the page by the same names."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from typing import Any

from fastapi import Body, Depends, HTTPException
from fastapi.security import HTTPBasic, HTTPBasicCredentials

from ..answers import job_answer
from ..studio import Studio
from .api import ENDPOINT_NAMES, Endpoints, answered

__all__ = ["PREFIX", "add_host_routes"]

PREFIX = "/traintab/v1"


def add_host_routes(app: Any, studio: Studio, *, logins: Mapping[str, str], with_endpoints: bool) -> None:
    """Add `GET /traintab/v1/status` and, `with_endpoints`, `POST /traintab/v1/<endpoint>` to a FastAPI `app`.

    An endpoint takes one JSON object and answers with JSON. Where the web UI asks for `logins`, names and
    passwords, so do these, by HTTP Basic. A body that isn't declared as JSON is no JSON object here, so a
    page of another site can't send one without the browser asking first.
    """
    guard = [Depends(_guard(logins))] if logins else []

    def status() -> Any:
        """The job, as `train_status` answers."""
        return job_answer(studio.snapshot())

    app.add_api_route("/".join((PREFIX, "status")), status, methods=["GET"], dependencies=guard)
    endpoints = Endpoints(studio)
    for name in ENDPOINT_NAMES if with_endpoints else ():
        route = _route(answered(getattr(endpoints, name)))
        path = f"{PREFIX}/{name}"
        app.add_api_route(path, route, methods=["POST"], dependencies=guard, name=f"traintab_{name}")


def _route(endpoint: Callable[[Any], Any]) -> Callable[..., Any]:
    """A plain function, which FastAPI runs on a thread: endpoints may wait for the model."""

    def post(request: Any = Body(default=None)) -> Any:  # noqa: B008 - FastAPI reads it from the signature
        return endpoint(request)

    return post


def _guard(logins: Mapping[str, str]) -> Callable[[HTTPBasicCredentials], None]:
    def check(sent: HTTPBasicCredentials = Depends(HTTPBasic())) -> None:  # noqa: B008 - as above
        password = logins.get(sent.username, "")
        if not (password and secrets.compare_digest(password.encode(), sent.password.encode())):
            raise HTTPException(401, "Wrong name or password.", {"WWW-Authenticate": "basic"})

    return check
