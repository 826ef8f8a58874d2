"""The HTTP endpoints: one JSON object in, one JSON value out, by the names of design and command line."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from functools import wraps
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import gradio as gr

from ..answers import error_answer, job_answer, queue_answer
from ..configs import CreateConfig, GenerationConfig, PreprocessConfig, TrainingConfig, from_mapping
from ..errors import ConfigError
from ..studio import Studio
from .gradio_compat import listen
from .messages import sentence_of
from .queue_request import asked_of_queue
from .request_schema import request_schema
from .sent_picture import sent_picture

if TYPE_CHECKING:
    from ..sampling.txt2img import GeneratedImage

__all__ = ["ENDPOINT_NAMES", "Endpoints", "add_endpoints"]

ENDPOINT_NAMES = (
    "create_embedding",
    "preprocess",
    "train",
    "train_status",
    "interrupt",
    "resume",
    "queue",
    "sample_now",
    "save_now",
    "txt2img",
    "img2img",
    "list_embeddings",
)


_PICTURE = {"prompt": "a photo of mira", "seed": 1}
_EXAMPLES: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "create_embedding": {"name": "mira", "initialization_text": "girl", "num_vectors": 2},
        "preprocess": {"source": "pictures", "destination": "prepared"},
        "train": {
            "embedding_name": "mira",
            "dataset": {"data_dir": "prepared"},
            "optimization": {"steps": 500},
        },
        "txt2img": _PICTURE,
        "img2img": {"image": "pictures/mira.png", **_PICTURE},
    }
)
"""What *Use via API* shows; the others can be asked without anything."""


class Endpoints:
    """Each method is an endpoint: it takes a JSON object and answers with plain JSON values."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio

    def create_embedding(self, request: Mapping[str, Any]) -> Any:
        """Make an embedding by its name, initialization_text, num_vectors and so on; its row."""
        name = self._studio.create_embedding(from_mapping(CreateConfig, request)).name
        return next((row for row in self._studio.list_embeddings() if row["name"] == name), None)

    def preprocess(self, request: Mapping[str, Any]) -> Any:
        """Start preprocessing by source, destination, width, flip and so on; the job."""
        return job_answer(self._studio.preprocess(from_mapping(PreprocessConfig, request)))

    def train(self, request: Mapping[str, Any]) -> Any:
        """Start training by run.yaml's fields, on the selected model unless one is named; the job."""
        config = from_mapping(TrainingConfig, {"model": self._studio.model_status.spec, **request})
        return job_answer(self._studio.train(config))

    def train_status(self, request: Mapping[str, Any]) -> Any:
        """Look at the job; takes nothing."""
        del request
        return job_answer(self._studio.snapshot())

    def interrupt(self, request: Mapping[str, Any]) -> Any:
        """Let the job save and stop at its next step; takes nothing, gives the job."""
        del request
        return job_answer(self._studio.interrupt())

    def resume(self, request: Mapping[str, Any]) -> Any:
        """Go on with a training: takes nothing, or embedding_name, from_step, changed settings; the job."""
        changes = {key: value for key, value in request.items() if key not in ("embedding_name", "from_step")}
        go_on, step = self._studio.resuming.go_on, request.get("from_step")
        if step is not None and (isinstance(step, bool) or not isinstance(step, int)):
            raise ConfigError(f"from_step must be a whole number of steps, but it is {step!r}.")
        return job_answer(go_on(request.get("embedding_name"), changes=changes, from_step=step))

    def queue(self, request: Mapping[str, Any]) -> Any:
        """Look at the queue, or do an action (add, cancel, move, hold, …) and what it needs; the queue."""
        return queue_answer(asked_of_queue(self._studio, request))

    def sample_now(self, request: Mapping[str, Any]) -> Any:
        """Let the running training draw its previews now; takes nothing, gives their files."""
        del request
        return _written("preview_saved", self._studio.training_requests.sample())

    def save_now(self, request: Mapping[str, Any]) -> Any:
        """Let the running training save the embedding and a copy now; takes nothing, gives their files."""
        del request
        return _written("checkpoint_saved", self._studio.training_requests.save())

    def txt2img(self, request: Mapping[str, Any]) -> Any:
        """Draw by prompt, seed, num_inference_steps and so on; path, seed and infotext of each picture."""
        return self._saved("txt2img", self._studio.txt2img(from_mapping(GenerationConfig, request)))

    def img2img(self, request: Mapping[str, Any]) -> Any:
        """Draw from image, a file's path or a data: URL, with txt2img's fields; answers as txt2img."""
        settings = {name: value for name, value in request.items() if name != "image"}
        config, image = from_mapping(GenerationConfig, settings), sent_picture(request.get("image"))
        return self._saved("img2img", self._studio.img2img(config, image))

    def _saved(self, kind: str, drawn: Sequence[GeneratedImage]) -> list[dict[str, Any]]:
        rows = zip(self._studio.save_images(drawn, kind), drawn, strict=True)
        return [{"path": str(path), "seed": one.seed, "infotext": one.infotext} for path, one in rows]

    def list_embeddings(self, request: Mapping[str, Any]) -> Any:
        """List the files of the embeddings folder; takes nothing, gives a row for each."""
        del request
        return self._studio.list_embeddings()


def _written(event: str, asked: Future[list[Path]]) -> dict[str, Any]:
    """Waits; raises why there is nothing."""
    paths = [str(path) for path in asked.result()]
    return {"event": event, "path": paths[-1], "paths": paths}


def answered(endpoint: Callable[[Mapping[str, Any]], Any]) -> Callable[[Any], Any]:
    """The boundary: a request that is no JSON object, or whatever goes wrong, is answered with an error."""

    @wraps(endpoint)  # its docstring is what the page's API view and gradio's tools tell of it
    def call(request: Any) -> Any:
        try:
            if not isinstance(request or {}, Mapping):
                raise ConfigError("The request must be one JSON object of field names and values.")
            return endpoint(request or {})
        except Exception as error:  # noqa: BLE001 - the last place that can tell the caller
            return error_answer(sentence_of(error))

    return call


def add_endpoints(studio: Studio) -> None:
    """Make the endpoints; they hang on components that nobody sees, as every gradio version wants."""
    endpoints = Endpoints(studio)
    with gr.Row(visible=False):
        for name in ENDPOINT_NAMES:
            request, answer, button = _request(name), gr.JSON(label="answer"), gr.Button(name)
            listen(button.click, answered(getattr(endpoints, name)), [request], [answer], api_name=name)


def _request(name: str) -> Any:
    """What the endpoint takes; gradio's view of the API shows our example of it, not a foo and a bar."""
    example = dict(_EXAMPLES.get(name, {}))
    request = gr.JSON(None if example else {}, label="request")
    schema = request_schema(name)
    # gradio's own is no valid schema, so that programs refuse to call the endpoint as a tool.
    vars(request).update(example_payload=lambda: example, api_info_as_input=lambda: schema)
    return request
