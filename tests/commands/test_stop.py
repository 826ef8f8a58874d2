from __future__ import annotations

import os
import signal
import threading

import pytest

from traintab.commands.stop import StopRequest

SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


def send(number: int) -> None:
    os.kill(os.getpid(), number)


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_breaks_off_what_can_lose_nothing(number: int) -> None:
    stop = StopRequest(lambda _: None)
    with stop.installed(), pytest.raises(KeyboardInterrupt):
        send(number)
    assert stop()


@pytest.mark.parametrize("number", SIGNALS)
def test_while_working_a_signal_only_asks(number: int) -> None:
    said: list[str] = []
    stop = StopRequest(said.append)
    with stop.installed(), stop.deferred():
        assert not stop()
        send(number)
        assert stop()
    assert len(said) == 1
    assert signal.Signals(number).name in said[0]


def test_the_third_signal_breaks_off_in_any_case() -> None:
    said: list[str] = []
    stop = StopRequest(said.append)
    with stop.installed(), stop.deferred():
        send(signal.SIGINT)
        send(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            send(signal.SIGINT)
    assert len(said) == 2


def test_after_the_first_signal_the_second_waits_for_the_saving() -> None:
    stop = StopRequest(lambda _: None)
    with stop.installed():
        with pytest.raises(KeyboardInterrupt):
            send(signal.SIGINT)
        send(signal.SIGTERM)


def test_work_does_not_begin_once_a_stop_was_asked_for() -> None:
    stop = StopRequest(lambda _: None)
    with stop.installed():
        with pytest.raises(KeyboardInterrupt):
            send(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt), stop.deferred():
            pytest.fail("the work began")


def test_an_ignored_sigint_is_handled_and_given_back_as_it_was() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        stop = StopRequest(lambda _: None)
        with stop.installed(), stop.deferred():
            send(signal.SIGINT)
        assert stop()
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def test_other_threads_do_without_handlers() -> None:
    before = signal.getsignal(signal.SIGINT)
    seen = []

    def work() -> None:
        with StopRequest(lambda _: None).installed():
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [before]


def test_what_nohup_protects_outlives_its_terminal() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        stop = StopRequest(lambda _: None)
        with stop.installed():
            send(signal.SIGHUP)
        assert not stop()
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_signal_while_the_handlers_are_given_back_hides_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    real = signal.signal
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}

    def disturbed(number: int, _handler: object) -> None:
        os.kill(os.getpid(), number)

    stop = StopRequest(lambda _: None)
    try:
        with stop.installed():
            monkeypatch.setattr(signal, "signal", disturbed)
    finally:
        for number, handler in before.items():
            real(number, handler)
    assert not stop()
