"""A reader that waits for a socket is woken when its time is up, and no other one."""

from __future__ import annotations

import math
import socket
import threading
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from chatwidget.client.deadlines import Clocks, Deadlines
from chatwidget.client.transport.watchdog import _watchdog, watched

if TYPE_CHECKING:
    from collections.abc import Iterator


class Pair:
    """A connection within this process, and the response that is read from it."""

    def __init__(self) -> None:
        self.ours, self.theirs = socket.socketpair()
        stream = SimpleNamespace(get_extra_info={"socket": self.ours}.get)
        self.response: Any = SimpleNamespace(extensions={"network_stream": stream})

    def read(self, clocks: Clocks) -> bytes:
        with watched(self.response, clocks):
            return self.ours.recv(1)


@pytest.fixture
def pair() -> Iterator[Pair]:
    pair = Pair()
    with pair.ours, pair.theirs:
        yield pair


def test_a_reader_is_woken_when_its_time_is_up(pair: Pair) -> None:
    clocks = Clocks(Deadlines(first_event=0.05))
    begun = time.monotonic()
    assert pair.read(clocks) == b""
    assert 0.05 <= time.monotonic() - begun < 0.5
    assert clocks.expired()


def test_a_reader_whose_data_comes_in_time_is_left_alone(pair: Pair) -> None:
    pair.theirs.send(b"x")
    assert pair.read(Clocks(Deadlines(first_event=0.02))) == b"x"
    time.sleep(0.05)
    pair.theirs.send(b"y")
    assert pair.ours.recv(1) == b"y"


def test_a_short_deadline_is_kept_while_a_long_one_is_slept_for(pair: Pair) -> None:
    other = Pair()
    with other.ours, other.theirs, watched(other.response, Clocks(Deadlines())):
        time.sleep(0.02)
        assert pair.read(Clocks(Deadlines(total=0.05))) == b""
        other.theirs.send(b"x")
        assert other.ours.recv(1) == b"x"


def test_a_deadline_that_has_moved_on_is_kept_at_its_new_place(pair: Pair) -> None:
    clocks = Clocks(Deadlines(first_event=0.03, idle=0.1))
    clocks.paused = True
    clocks.resume(content=True)
    begun = time.monotonic()
    assert pair.read(clocks) == b""
    assert 0.1 <= time.monotonic() - begun < 0.5


def test_a_reader_is_not_woken_while_it_holds_its_clocks_F53(pair: Pair) -> None:
    clocks = Clocks(Deadlines(first_event=0.02, idle=0.02))
    with watched(pair.response, clocks):
        clocks.paused = True
        time.sleep(0.1)
        pair.theirs.send(b"x")
        assert pair.ours.recv(1) == b"x"


def test_a_response_without_a_socket_is_not_watched() -> None:
    before = len(_watchdog._watches)
    for extensions in ({}, {"network_stream": SimpleNamespace(get_extra_info=lambda _: None)}):
        response: Any = SimpleNamespace(extensions=extensions)
        with watched(response, Clocks(Deadlines())):
            assert len(_watchdog._watches) == before


def test_a_closed_socket_troubles_nobody(pair: Pair) -> None:
    with watched(pair.response, Clocks(Deadlines(total=0.02))):
        pair.ours.close()
        time.sleep(0.06)
    assert _watchdog._watches == []


def test_many_readers_share_one_thread() -> None:
    pairs = [Pair() for _ in range(20)]
    limits = Deadlines(first_event=math.inf, total=0.1)
    threads = [threading.Thread(target=each.read, args=[Clocks(limits)]) for each in pairs]
    for thread in threads:
        thread.start()
    names = [thread.name for thread in threading.enumerate()]
    assert names.count("chatwidget-watchdog") == 1
    for thread, each in zip(threads, pairs, strict=True):
        thread.join(1.0)
        assert not thread.is_alive()
        each.ours.close()
        each.theirs.close()
