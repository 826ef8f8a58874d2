"""The demo world's tokenizer, learned once."""

from __future__ import annotations

from pathlib import Path

import pytest

from traintab.demo.tokenizer import build_tokenizer


@pytest.fixture(scope="session")
def tokenizer_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "tokenizer"
    build_tokenizer(folder)
    return folder
