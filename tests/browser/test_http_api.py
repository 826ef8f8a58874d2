"""The HTTP endpoints from outside, by nothing but HTTP."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from gradio_client import Client

from .conftest import SECONDS, Server, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1500)]


def ask(server: Server, endpoint: str, **request: Any) -> Any:
    """Post a request, then read its answer from the stream of events."""
    call = f"{server.url}/gradio_api/call/{endpoint}"
    body = json.dumps({"data": [request]}).encode()
    headers = {"Content-Type": "application/json"}
    with urlopen(Request(call, body, headers), timeout=SECONDS) as posted:
        event = json.load(posted)["event_id"]
    with urlopen(f"{call}/{event}", timeout=SECONDS) as stream:
        lines = stream.read().decode().splitlines()
    (data,) = (line.removeprefix("data: ") for line in lines if line.startswith("data: ["))
    return json.loads(data)[0]


def test_an_embedding_is_made_trained_and_drawn(tiny_server: Server, pictures: Path) -> None:
    created = ask(tiny_server, "create_embedding", name="mira", initialization_text="girl", num_vectors=2)
    assert (created["status"], created["encoders"]) == ("ok", {"clip_l": [2, 32]})
    ready = str(tiny_server.data_dir / "ready")
    assert ask(tiny_server, "preprocess", source=str(pictures), destination=ready)["kind"] == "preprocess"
    wait_until(lambda: ask(tiny_server, "train_status")["event"] == "preprocess_finished")

    run = {"embedding_name": "mira", "dataset": {"data_dir": ready}, "optimization": {"steps": 1_000_000}}
    assert ask(tiny_server, "train", **run)["event"] == "training_started"
    wait_until(lambda: ask(tiny_server, "train_status")["step"] >= 2)
    refused = ask(tiny_server, "train", **run)
    assert refused["event"] == "error" and "Training of mira is running at step" in refused["message"]
    ask(tiny_server, "interrupt")
    wait_until(lambda: ask(tiny_server, "train_status")["event"] == "training_interrupted")
    step = ask(tiny_server, "train_status")["step"]
    ask(tiny_server, "resume")
    wait_until(lambda: ask(tiny_server, "train_status")["step"] > step)
    ask(tiny_server, "interrupt")
    wait_until(lambda: ask(tiny_server, "train_status")["event"] == "training_interrupted")

    (drawn,) = ask(tiny_server, "txt2img", prompt="mira", seed=3, num_inference_steps=2)
    assert drawn["seed"] == 3 and Path(drawn["path"]).is_file()
    (row,) = ask(tiny_server, "list_embeddings")
    assert row["name"] == "mira" and row["step"] >= step


def test_the_example_for_gradios_client_works_as_it_is_written(tiny_server: Server, pictures: Path) -> None:
    guide = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
    example = guide.partition("```python\n")[2].partition("```")[0]
    changes = {
        "http://127.0.0.1:7860": tiny_server.url,
        '"prepared"': repr(str(pictures)),
        '"steps": 500': '"steps": 3',
        '"seed": 1': '"seed": 1, "num_inference_steps": 2',
        "sleep(5)": "sleep(0.2)",
    }
    for written, here in changes.items():
        assert written in example, written
        example = example.replace(written, here)
    names: dict[str, Any] = {}
    exec(compile(example, "docs/api.md", "exec"), names)
    assert names["job"]["event"] == "training_finished" and names["job"]["step"] == 3
    assert Path(names["pictures"][0]["path"]).is_file()
    names["page"].close()


def status_of(request: Request) -> int:
    try:
        with urlopen(request, timeout=SECONDS) as answer:
            return int(answer.status)
    except HTTPError as refused:
        return refused.code


def test_bad_requests_are_answered_with_sentences_and_foreign_ones_refused(tiny_server: Server) -> None:
    answer = ask(tiny_server, "train", stepz=3)
    assert answer["event"] == "error" and "stepz" in answer["message"]
    client = Client(tiny_server.url, verbose=False)
    assert client.predict({}, api_name="/train_status")["status"] == "idle"
    client.close()

    url = tiny_server.url
    assert status_of(Request(url)) == 200
    assert status_of(Request(url, headers={"Host": "evil.example"})) == 403
    assert status_of(Request(f"{url}/config", headers={"Origin": "http://evil.example"})) == 403
    call = f"{url}/gradio_api/call/interrupt"
    for address in (call, f"{url}/gradio_api/upload"):
        foreign = Request(address, b'{"data": [{}]}', {"Origin": "http://evil.example"})
        assert status_of(foreign) == 403, address
    body, headers = b'{"data": [{}]}', {"Origin": url, "Content-Type": "application/json"}
    assert status_of(Request(call, body, headers)) == 200
    log = tiny_server.data_dir / "textual_inversion" / "2024-02-29" / "mira"
    log.mkdir(parents=True)
    for name, status in (("run.yaml", 403), ("preview.png", 200)):
        (log / name).write_bytes(b"x")
        for sign in "=/":
            assert status_of(Request(f"{url}/gradio_api/file{sign}{log / name}")) == status
    assert status_of(Request(f"{url}/gradio_api/file=http://127.0.0.1:9/a.png")) == 403
