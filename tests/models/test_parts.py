from __future__ import annotations

import pytest
import torch

from traintab.errors import ModelError
from traintab.models import parts
from traintab.models.discovery import Checkpoint

HUB = Checkpoint(name="owner/name", path=None, kind="hub")


def test_a_hub_that_cannot_be_reached_says_what_to_check(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(source: str, subfolder: str, *, local_files_only: bool) -> None:
        assert (source, local_files_only) == ("owner/name", False)
        raise OSError("We couldn't connect to the hub.\nCheck your connection.")

    monkeypatch.setattr(parts, "is_sdxl", lambda checkpoint: False)
    monkeypatch.setattr(parts, "load_tokenizer", fail)

    with pytest.raises(ModelError, match=r"tokenizer/ of owner/name .* connect to the hub\. Check the name"):
        parts.load_parts(HUB, unet_dtype=torch.float32, say=lambda line: None)


def test_running_out_of_memory_is_not_taken_for_a_broken_file(monkeypatch: pytest.MonkeyPatch) -> None:
    def run_out(source: str, subfolder: str, *, local_files_only: bool) -> None:
        raise torch.cuda.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(parts, "is_sdxl", lambda checkpoint: False)
    monkeypatch.setattr(parts, "load_tokenizer", run_out)

    with pytest.raises(torch.cuda.OutOfMemoryError):
        parts.load_parts(HUB, unet_dtype=torch.float32, say=lambda line: None)


def test_an_error_without_words_is_told_by_its_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(source: str, subfolder: str, *, local_files_only: bool) -> None:
        raise KeyError

    monkeypatch.setattr(parts, "is_sdxl", lambda checkpoint: False)
    monkeypatch.setattr(parts, "load_tokenizer", fail)

    with pytest.raises(ModelError, match="KeyError"):
        parts.load_parts(HUB, unet_dtype=torch.float32, say=lambda line: None)
