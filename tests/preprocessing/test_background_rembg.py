"""rembg brings hundreds of megabytes along: a small stand-in with its interface plays it here."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from PIL import Image

from traintab.configs import BackgroundConfig
from traintab.errors import InputError, ModelError, WorkError
from traintab.preprocessing.background import load_background_remover
from traintab.preprocessing.background_rembg import RembgBackground
from traintab.preprocessing.captioners import CaptionerMeans

# Modelled on rembg 2.0.86: `new_session(name, providers=…)`; classes tell their name and where they work.
REMBG = """
from .sessions import sessions_class
def new_session(name, providers):
    session = {kind.name(): kind for kind in sessions_class}[name]()
    session.providers = providers
    return session
"""
SESSIONS = """
from PIL import Image
class Session:
    local = True
    @classmethod
    def name(cls): return cls.called
    @classmethod
    def is_local(cls): return cls.local
    def predict(self, image):
        left, right = Image.new("L", image.size), Image.new("L", image.size)
        left.paste(255 * ("CPUExecutionProvider" in self.providers), (0, 0, 2, image.height))
        right.paste(200, (6, 0, 8, image.height))
        return [left, right]
class Clothes(Session): called = "u2net_cloth_seg"
class Service(Session):
    called = "cloud"
    local = False
class Custom(Session): called = "u2net_custom"
class Offline(Session):
    called = "offline"
    def __init__(self): raise OSError("HTTPSConnectionPool(host='github.com'): Max retries exceeded with url")
class Torn(Session):
    called = "torn"
    def __init__(self): raise ValueError("MD5 hash of downloaded file does not match")
class Failing(Session):
    called = "failing"
    def predict(self, image): raise RuntimeError("[ONNXRuntimeError] : 6 : RUNTIME_EXCEPTION : bad node")
sessions_class = [Clothes, Service, Custom, Offline, Torn, Failing]
"""


@pytest.fixture(autouse=True)
def rembg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Can be imported, and is forgotten afterwards."""
    folder = tmp_path / "packages" / "rembg"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text(REMBG)
    (folder / "sessions.py").write_text(SESSIONS)
    monkeypatch.syspath_prepend(folder.parent)
    for name in ("rembg", "rembg.sessions"):
        monkeypatch.setitem(sys.modules, name, object())  # so that what is there now comes back
        monkeypatch.delitem(sys.modules, name)


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def means(tmp_path: Path, told: list[str]) -> CaptionerMeans:
    return CaptionerMeans(models_dir=tmp_path, device="cpu", report=told.append, interrupted=lambda: False)


def test_a_name_is_looked_up_in_rembg_and_all_its_masks_count(means: CaptionerMeans, told: list[str]) -> None:
    config = BackgroundConfig(background="mask", background_model="u2net_cloth_seg")
    remover = load_background_remover(config, means)
    assert isinstance(remover, RembgBackground)
    mask = remover(Image.new("RGB", (8, 4), "red"))
    assert mask.mode == "L"
    assert [mask.getpixel((x, 2)) for x in (0, 4, 7)] == [255, 0, 200]
    assert told == [
        "Loading u2net_cloth_seg; rembg fetches it first where it isn't there, which can take minutes."
    ]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("u2nett", "is not known to this rembg"),
        ("cloud", "sends your pictures to a service on the internet"),
        ("u2net_custom", "wants more than a picture"),
    ],
)
def test_models_that_dont_suit_are_refused_with_those_that_do(
    means: CaptionerMeans, name: str, reason: str
) -> None:
    with pytest.raises(InputError, match=f"'{name}' {reason}. Choose one of failing, .*u2net_cloth_seg, or"):
        RembgBackground(name, means)


def test_a_model_that_cant_be_fetched_is_told_in_a_few_words(means: CaptionerMeans) -> None:
    with pytest.raises(ModelError, match=r"fetch its model 'offline': no connection to the server\. Check"):
        RembgBackground("offline", means)


def test_a_torn_model_is_told(means: CaptionerMeans) -> None:
    with pytest.raises(ModelError, match=r"^Loading torn by rembg failed: MD5 hash of downloaded file"):
        RembgBackground("torn", means)


def test_a_model_that_fails_is_told(means: CaptionerMeans) -> None:
    with pytest.raises(WorkError, match=r"^Running failing by rembg failed: bad node\."):
        RembgBackground("failing", means)(Image.new("RGB", (8, 4)))


def test_a_broken_rembg_is_told(tmp_path: Path, means: CaptionerMeans) -> None:
    (tmp_path / "packages" / "rembg" / "__init__.py").write_text("import a_module_it_lacks")
    with pytest.raises(InputError, match=r"rembg is installed but can't be loaded \(No module named 'a_mod"):
        RembgBackground("u2net", means)


def test_a_closed_remover_lets_go_of_its_model(means: CaptionerMeans) -> None:
    remover = RembgBackground("u2net_cloth_seg", means)
    remover.close()
    with pytest.raises(WorkError, match="closed"):
        remover(Image.new("RGB", (8, 4)))
