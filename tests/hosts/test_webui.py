"""The adapter in each web UI: folders, models, the device on loan, embeddings read again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from traintab.hosts.host import Host
from traintab.hosts.webui import WebUIHost

SECONDS = 20.0


def until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + SECONDS
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.005)


def with_checkpoints(host: Any, *names: str) -> list[str]:
    """The paths of checkpoints that the host has then."""
    paths = [host.root / "models" / "Stable-diffusion" / f"{name}.safetensors" for name in names]
    for path in paths:
        path.write_bytes(b"")
        host.add_checkpoint(path, f"{path.name} [abc]")
    return [str(path) for path in paths]


def save_embedding(host: Any, content: bytes) -> None:
    (host.embeddings_dir / "mira.pt").write_bytes(content)


def test_it_is_a_host(host: Any) -> None:
    adapter: Host = WebUIHost()
    assert (adapter.name, adapter.shares_device) == (host.name, True)


def test_the_tab_is_told_apart_from_the_hosts_own_train_tab(host: Any) -> None:
    assert ("Train Tab" if WebUIHost().has_train_tab else "Train") == host.label


def test_the_hosts_embeddings_folder_is_ours_and_runs_lie_below_its_data(host: Any) -> None:
    paths = WebUIHost().paths
    assert paths.embeddings_dir == host.embeddings_dir
    assert paths.log_dir == host.root / "textual_inversion"
    assert paths.data_dir == host.root / "train_tab"
    assert host.root / "models" / "Stable-diffusion" in paths.checkpoint_dirs
    assert host.root / "models" / "VAE" in paths.vae_dirs
    assert host.root / "models" / "Lora" in paths.lora_dirs
    assert host.root / "textual_inversion_templates" in paths.template_dirs


def test_the_folder_of_the_runs_can_be_chosen_in_the_hosts_settings(host: Any, tmp_path: Path) -> None:
    host.settings["traintab_log_dir"] = str(tmp_path / "runs")
    assert WebUIHost().paths.log_dir == tmp_path / "runs"


def test_the_checkpoint_that_is_selected_comes_first(host: Any) -> None:
    one, two = with_checkpoints(host, "one", "two")
    adapter = WebUIHost()
    host.select("two.safetensors [abc]")
    assert adapter.checkpoints() == [two, one]
    host.select("one.safetensors [abc]")
    assert adapter.checkpoints() == [one, two]


def test_a_host_that_tells_of_every_choice_in_its_log_is_asked_once_for_each(host: Any) -> None:
    with_checkpoints(host, "one")
    adapter = WebUIHost()
    for _ in range(5):
        adapter.checkpoints()
    assert host.selections == 1


def test_a_host_without_checkpoints_has_none_for_us(host: Any) -> None:
    assert WebUIHost().checkpoints() == []


def test_a_checkpoint_that_is_gone_is_left_out(host: Any) -> None:
    one, two = with_checkpoints(host, "one", "two")
    Path(one).unlink()
    assert WebUIHost().checkpoints() == [two]


def test_the_model_is_out_of_the_way_while_the_device_is_borrowed_and_back_afterwards(host: Any) -> None:
    model = host.load_model()
    with WebUIHost().borrow_gpu():
        assert host.lock.is_held
        assert host.model_data.sd_model is None or model.device == "cpu"
    assert not host.lock.is_held
    assert host.model_data.sd_model is None or host.model_data.sd_model is model
    assert [event for event in host.events if event.startswith(("begin", "end"))] == [
        "begin Train Tab",
        "end",
    ]


@pytest.mark.parametrize("name", ["a1111", "reforge"])
def test_a_host_that_does_not_move_its_model_by_itself_has_it_moved_back(enter: Any, name: str) -> None:
    host = enter(name)
    model = host.load_model()
    with pytest.raises(RuntimeError, match="crash"), WebUIHost().borrow_gpu():
        raise RuntimeError("crash")
    assert model.device == "cuda" and host.model_data.sd_model is model and not host.lock.is_held


def test_everything_is_given_back_after_a_crash(host: Any) -> None:
    host.load_model()
    adapter = WebUIHost()
    with pytest.raises(RuntimeError, match="crash"), adapter.borrow_gpu():
        raise RuntimeError("crash")
    assert host.events[-1] == "end" and not host.lock.is_held and not adapter.interrupted()


def test_a_host_that_has_loaded_no_model_is_left_without_one(host: Any) -> None:
    before = host.model_data.sd_model
    with WebUIHost().borrow_gpu():
        pass
    assert host.model_data.sd_model is before
    assert host.events == ["begin Train Tab", "end"]


def test_a_host_that_fails_to_make_room_is_borrowed_nevertheless(
    host: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def unload(op: Any = None) -> None:
        raise RuntimeError("another extension broke this")

    host.load_model()
    monkeypatch.setattr(host.modules["sd_models"], "unload_model_weights", unload)
    with WebUIHost().borrow_gpu():
        assert host.lock.is_held
    assert not host.lock.is_held
    assert "failed to give the device's memory free" in caplog.text


def test_interrupt_counts_while_the_device_is_borrowed_only(host: Any) -> None:
    state, adapter = host.modules["shared"].state, WebUIHost()
    state.interrupted = True  # left by a picture that the user gave up
    assert not adapter.interrupted()
    with adapter.borrow_gpu():
        assert not adapter.interrupted()
        state.interrupted = True
        assert adapter.interrupted()
    assert not adapter.interrupted()


def test_a_new_embedding_is_known_and_old_encodings_are_forgotten_at_once(host: Any) -> None:
    host.load_model()
    host.fill_caches()
    save_embedding(host, b"new")
    WebUIHost().embeddings_changed()
    assert host.databases and all(database.known == {"mira": b"new"} for database in host.databases)
    assert all(value is None for cache in host.caches() for value in cache)


@pytest.mark.parametrize(("name", "length"), [("a1111", 2), ("forge", 3)])
def test_the_caches_keep_the_length_that_the_host_gave_them(enter: Any, name: str, length: int) -> None:
    host = enter(name)
    WebUIHost().embeddings_changed()
    assert [len(cache) for cache in host.caches()] == [length] * 4


def test_what_is_saved_during_a_training_is_read_once_it_has_ended(host: Any) -> None:
    host.load_model()
    adapter = WebUIHost()
    with adapter.borrow_gpu():
        for content in (b"1", b"2"):
            save_embedding(host, content)
            adapter.embeddings_changed()
        assert all(database.reads == 0 for database in host.databases)
    living = [database for database in host.databases if host.model_data.sd_model is not None]
    assert all((database.known, database.reads) == ({"mira": b"2"}, 1) for database in living)


def test_while_the_host_draws_nobody_waits_and_the_embeddings_are_read_after_it(host: Any) -> None:
    host.load_model()
    adapter = WebUIHost()
    with host.lock:
        save_embedding(host, b"new")
        adapter.embeddings_changed()
        assert all(database.reads == 0 for database in host.databases)
    until(lambda: all(database.known == {"mira": b"new"} for database in host.databases))
    until(lambda: not host.lock.is_held)


def test_a_database_that_fails_costs_neither_the_others_nor_the_caches(
    enter: Any, caplog: pytest.LogCaptureFixture
) -> None:
    host = enter("forge neo")
    host.load_model()
    host.fill_caches()
    _listed, first, second = host.databases
    first.read = lambda: 1 / 0
    save_embedding(host, b"new")
    WebUIHost().embeddings_changed()
    assert second.known == {"mira": b"new"}
    assert all(value is None for cache in host.caches() for value in cache)
    assert "failed to read its embeddings again" in caplog.text


def test_two_who_borrow_come_one_after_the_other(host: Any) -> None:
    adapter, order = WebUIHost(), []

    def borrow(name: str) -> None:
        with adapter.borrow_gpu():
            order.extend([name, name])

    threads = [threading.Thread(target=borrow, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SECONDS)
    assert sorted(order[:2]) in (["a", "a"], ["b", "b"])


def test_device_and_precision_are_those_the_host_was_started_with(host: Any) -> None:
    adapter, devices = WebUIHost(), host.modules["devices"]
    assert (adapter.device, adapter.precision) == (devices.device, "auto")
    devices.has("device/dtype", device="privateuseone:0", dtype="torch.float32")
    assert (adapter.device, adapter.precision) == (None, "fp32")


def test_settings_are_those_that_the_user_has_changed(host: Any) -> None:
    adapter, opts = WebUIHost(), host.modules["shared"].opts
    opts.add_option("save_optimizer_state", host.modules["shared"].OptionInfo(False, "Save it"))
    assert "save_optimizer_state" not in adapter.settings
    host.settings["save_optimizer_state"] = True
    assert adapter.settings["save_optimizer_state"] is True
