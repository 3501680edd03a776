"""What a forked child of the test's process does, within a limit of time."""

from __future__ import annotations

import multiprocessing
import traceback
import warnings
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["can_fork", "in_children"]

PATIENCE = 20.0

can_fork = pytest.mark.skipif(
    "fork" not in multiprocessing.get_all_start_methods(), reason="there are no forks here"
)


def in_children(*works: Callable[[], Any]) -> list[Any]:
    """Call each function in a child of its own, all at once, and return what they return."""
    fork = multiprocessing.get_context("fork")
    pipes = [fork.Pipe(duplex=False) for _ in works]
    children = [
        fork.Process(target=_tell, args=(sender, work))
        for work, (_, sender) in zip(works, pipes, strict=True)
    ]
    with warnings.catch_warnings():
        # Python warns of what is tested here: the process that forks has threads.
        warnings.simplefilter("ignore", DeprecationWarning)
        for child in children:
            child.start()
    try:
        return [_heard(receiver) for receiver, _ in pipes]
    finally:
        for child in children:
            child.kill()
            child.join()
            child.close()
        for end in (end for pipe in pipes for end in pipe):
            end.close()


def _tell(sender: Any, work: Callable[[], Any]) -> None:
    try:
        sender.send((work(), ""))
    except BaseException:  # noqa: BLE001 - the parent fails with it
        sender.send((None, traceback.format_exc()))


def _heard(receiver: Any) -> Any:
    assert receiver.poll(PATIENCE), f"a child said nothing within {PATIENCE} s"
    result, failure = receiver.recv()
    assert not failure, failure
    return result
