"""What the tests of hostile files share."""

from __future__ import annotations

import io
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from traintab.embeddings.formats import read_embedding
from traintab.errors import EmbeddingFileError

HEADER = b"".join(
    pickle.dumps(value, protocol=2)
    for value in (0x1950A86A20F9469CFC6C, 1001, {"protocol_version": 1001, "little_endian": True})
)
NO_STORAGES = pickle.dumps([], protocol=2)


def legacy_file(pickled: bytes, rest: bytes = NO_STORAGES) -> bytes:
    return HEADER + pickled + rest


def zip_file(members: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return stream.getvalue()


@pytest.fixture(scope="session")
def legacy() -> Callable[..., bytes]:
    """Makes a file in torch's legacy layout: a pickle, and what comes behind it."""
    return legacy_file


@pytest.fixture(scope="session")
def zipped() -> Callable[..., bytes]:
    """Makes a zip file of members."""
    return zip_file


@pytest.fixture(scope="session")
def layouts() -> Callable[[bytes], list[bytes]]:
    """Makes a file in both of torch's layouts from a pickle."""
    return lambda pickled: [legacy_file(pickled), zip_file({"a/data.pkl": pickled, "a/version": b"3\n"})]


@pytest.fixture(scope="session")
def refused() -> Callable[[Path, bytes], str]:
    """Writes a file, sees it refused, and gives the message."""

    def write_and_read(path: Path, data: bytes) -> str:
        path.write_bytes(data)
        with pytest.raises(EmbeddingFileError) as caught:
            read_embedding(path)
        message = str(caught.value)
        assert message.startswith(f"{path} was refused: found ")
        assert ", expected " in message
        assert len(message) < 800 + len(str(path))
        return message

    return write_and_read
