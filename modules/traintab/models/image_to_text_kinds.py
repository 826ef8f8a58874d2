"""How the kinds of image-to-text models are asked, and what of their answer is the caption."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from PIL import Image

from ..errors import ModelError

__all__ = ["Asking", "Kind", "answers", "kind_for"]

_CONTINUING = ("blip", "git", "blip-2")
_DEFAULT_TASK = "<CAPTION>"
_DEFAULT_REQUEST = "Describe this picture in one sentence."
_DEFAULT_PALIGEMMA = "caption en"


@dataclass(frozen=True, kw_only=True)
class Asking:
    """What is asked of a model, and how its words are searched; lengths in tokens.

    `prompt` is a question, a task, or what a caption goes on from, as the kind of model has it.
    """

    prompt: str = ""
    num_beams: int = 1
    min_length: int = 0
    max_length: int = 48


class Kind(Protocol):
    """One way to ask: pictures to what `generate` takes, and what it gave to captions."""

    @property
    def processor(self) -> Any:
        """What has the model's `image_processor` and `tokenizer`."""

    def inputs(self, images: Sequence[Image.Image], prompt: str) -> dict[str, Any]:
        """Tensors by name for RGB `images`, on the CPU."""

    def lengths(self, asking: Asking) -> dict[str, int]:
        """The arguments of `generate` that bound the caption."""

    def captions(self, output: torch.Tensor, inputs: dict[str, Any], prompt: str) -> list[str]:
        """`[batch, tokens]` of token ids to one caption each."""


def kind_for(model_type: str, processor: Any, name: str) -> Kind:
    """How a model of transformers' `model_type` is asked; `name` is for the sentences of its errors."""
    if model_type in _CONTINUING:
        return _Continuing(processor=processor, model_type=model_type, name=name)
    if model_type == "vision-encoder-decoder":
        return _PictureOnly(processor=processor, name=name)
    if model_type == "florence2":
        return _Tasks(processor=processor)
    if getattr(processor, "chat_template", None) or getattr(processor.tokenizer, "chat_template", None):
        return _Chat(processor=processor)
    return _Request(
        processor=processor, default=_DEFAULT_PALIGEMMA if model_type == "paligemma" else _DEFAULT_REQUEST
    )


@dataclass(frozen=True, kw_only=True)
class _Continuing:
    """BLIP, GIT, BLIP-2: the prompt is the caption's beginning, or a question that ends with : or ?."""

    processor: Any
    model_type: str
    name: str

    def inputs(self, images: Sequence[Image.Image], prompt: str) -> dict[str, Any]:
        if not prompt:
            return dict(self.processor.image_processor(images=list(images), return_tensors="pt"))
        if self.model_type == "git":
            return self._git_inputs(images, prompt)
        texts = [prompt] * len(images)
        return dict(self.processor(images=list(images), text=texts, return_tensors="pt"))

    def _git_inputs(self, images: Sequence[Image.Image], prompt: str) -> dict[str, Any]:
        """A closing token after the prompt would end the caption there: only the opening one is put."""
        tokenizer = self.processor.tokenizer
        ids = [tokenizer.cls_token_id, *tokenizer(prompt, add_special_tokens=False)["input_ids"]]
        pictures = dict(self.processor.image_processor(images=list(images), return_tensors="pt"))
        return {**pictures, "input_ids": torch.tensor([ids] * len(images))}

    def lengths(self, asking: Asking) -> dict[str, int]:
        if self.model_type != "blip":
            return {"max_new_tokens": asking.max_length}
        # As in the old panel both count the prompt, which is a part of the caption.
        least = min(asking.min_length, asking.max_length)
        return {"min_length": least, "max_length": asking.max_length}

    def captions(self, output: torch.Tensor, inputs: dict[str, Any], prompt: str) -> list[str]:
        texts = [text.strip() for text in _decoded(self.processor, output)]
        if not prompt:
            return texts
        # Some give the prompt back and others, by their version, don't: in the tokenizer's own spelling.
        ids = self.processor.tokenizer(prompt, add_special_tokens=False)["input_ids"]
        given_back = _decoded(self.processor, [ids])[0].strip()
        beginning = "" if prompt.endswith((":", "?")) else prompt
        return [f"{beginning}{_after(given_back, text)}".strip() for text in texts]


@dataclass(frozen=True, kw_only=True)
class _PictureOnly:
    """ViT-GPT2 and its like: they know a picture and nothing else."""

    processor: Any
    name: str

    def inputs(self, images: Sequence[Image.Image], prompt: str) -> dict[str, Any]:
        if prompt:
            raise ModelError(
                f"The caption model {self.name} takes no prompt, and {prompt!r} was given. Leave 'Caption"
                " prompt' empty, or choose another model."
            )
        return dict(self.processor.image_processor(images=list(images), return_tensors="pt"))

    def lengths(self, asking: Asking) -> dict[str, int]:
        return {"max_new_tokens": asking.max_length}

    def captions(self, output: torch.Tensor, inputs: dict[str, Any], prompt: str) -> list[str]:
        return [text.strip() for text in _decoded(self.processor, output)]


@dataclass(frozen=True, kw_only=True)
class _Tasks:
    """Florence-2: the prompt is a task such as <DETAILED_CAPTION>."""

    processor: Any

    def inputs(self, images: Sequence[Image.Image], prompt: str) -> dict[str, Any]:
        texts = [prompt or _DEFAULT_TASK] * len(images)
        return dict(self.processor(images=list(images), text=texts, padding=True, return_tensors="pt"))

    def lengths(self, asking: Asking) -> dict[str, int]:
        return {"max_new_tokens": asking.max_length}

    def captions(self, output: torch.Tensor, inputs: dict[str, Any], prompt: str) -> list[str]:
        task = prompt or _DEFAULT_TASK
        texts = _decoded(self.processor, output, skip_special_tokens=False)
        return [self._caption(text.replace(self.processor.tokenizer.pad_token, ""), task) for text in texts]

    def _caption(self, text: str, task: str) -> str:
        """What the task's answer says; of one with places in the picture the names, each once."""
        answer = self.processor.post_process_generation(text=text, task=task, image_size=(1000, 1000))[task]
        if isinstance(answer, dict):
            return ", ".join(dict.fromkeys(str(name).strip() for name in answer.get("labels", ())))
        words = str(answer)
        for token in self.processor.tokenizer.all_special_tokens:
            words = words.replace(token, "")
        return words.strip()


@dataclass(frozen=True, kw_only=True)
class _Request:
    """Models that answer a text about a picture."""

    processor: Any
    default: str = _DEFAULT_REQUEST

    def inputs(self, images: Sequence[Image.Image], prompt: str) -> dict[str, Any]:
        texts = [self.request(prompt or self.default)] * len(images)
        # Answers of a batch begin at one place only if shorter requests are filled up before them.
        self.processor.tokenizer.padding_side = "left"
        try:
            return self._joined(list(images), texts)
        except ValueError:
            if len(texts) == 1:
                raise
            # Gemma 3 and its like take a plain list for the pictures of one text; others take nothing else.
            return self._joined([[image] for image in images], texts)

    def _joined(self, pictures: Sequence[Any], texts: list[str]) -> dict[str, Any]:
        return dict(self.processor(images=pictures, text=texts, padding=True, return_tensors="pt"))

    def request(self, prompt: str) -> str:
        return prompt

    def lengths(self, asking: Asking) -> dict[str, int]:
        return {"max_new_tokens": asking.max_length}

    def captions(self, output: torch.Tensor, inputs: dict[str, Any], prompt: str) -> list[str]:
        return [text.strip() for text in _decoded(self.processor, answers(output, inputs))]


class _Chat(_Request):
    """LLaVA, Qwen-VL and the like: the prompt is what a user says about the picture."""

    def request(self, prompt: str) -> str:
        words = [{"type": "image"}, {"type": "text", "text": prompt}]
        talk = [{"role": "user", "content": words}]
        tokenizer = self.processor.tokenizer
        # Some models keep the template with their tokenizer.
        template = None if getattr(self.processor, "chat_template", None) else tokenizer.chat_template
        text = str(
            self.processor.apply_chat_template(talk, chat_template=template, add_generation_prompt=True)
        )
        # Many templates write the opening token, and the tokenizer puts it once more.
        if tokenizer.bos_token and tokenizer("")["input_ids"][:1] == [tokenizer.bos_token_id]:
            return text.removeprefix(tokenizer.bos_token)
        return text


def answers(output: torch.Tensor, inputs: dict[str, Any]) -> torch.Tensor:
    """The tokens after the request, which some models give back and others don't."""
    request = inputs.get("input_ids")
    if request is None or output.shape[1] < request.shape[1]:
        return output
    length = request.shape[1]
    return output[:, length:] if torch.equal(output[:, :length].cpu(), request.cpu()) else output


def _after(beginning: str, text: str) -> str:
    """What follows `beginning`, with the space between them where there is one: cat, cats, cat sits."""
    return text[len(beginning) :] if beginning and text.startswith(beginning) else f" {text}"


def _decoded(
    processor: Any, output: torch.Tensor | list[list[int]], *, skip_special_tokens: bool = True
) -> list[str]:
    texts: list[str] = processor.tokenizer.batch_decode(output, skip_special_tokens=skip_special_tokens)
    return texts
