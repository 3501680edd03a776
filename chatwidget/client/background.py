"""Answers that are generated in the background, on one thread with an event loop of its own."""

from __future__ import annotations

import asyncio
import contextvars
import os
import queue
import threading
from concurrent.futures import Future, wait
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from chatwidget.client.dispatch import adispatch
from chatwidget.client.errors import StoppedError
from chatwidget.client.events import Data
from chatwidget.client.forks import call_in_children, fork_safe
from chatwidget.client.sinks import as_async_sink, as_sink
from chatwidget.client.wire.types import ChatCompletion

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    from typing_extensions import Self

    from chatwidget.client.events import StreamEvent
    from chatwidget.client.sinks import AsyncSink, Sink, StreamTo
    from chatwidget.client.stream import AsyncChatStream

__all__ = ["ChatTask", "Task", "run_in_background"]

_Result = TypeVar("_Result")
# Who asks first makes the loop; others wait until it is there.
_lock = fork_safe(threading.Lock())


class Task:
    """An answer in the making: wait for it, or hear of its end."""

    _future: Future[ChatCompletion]

    def _await(self, future: Future[ChatCompletion]) -> None:
        """Take the future of the answer."""
        self._future = future
        self._is_over = is_over = threading.Event()
        future.add_done_callback(lambda _: is_over.set())
        call_in_children(self._leave)

    def _leave(self) -> None:
        """Leave an answer to the parent process: in a forked one nobody would ever complete it."""
        if not self._is_over.is_set():
            left = StoppedError("The answer goes on in the process that asked.", hint="Ask again.")
            left.completion = self.completion
            self._future = Future()
            self._future.set_exception(left)

    def cancel(self) -> bool:
        """Stop the answer and close its connection; false if it is over already."""
        raise NotImplementedError

    @property
    def completion(self) -> ChatCompletion:
        """The answer as far as it has arrived."""
        raise NotImplementedError

    def done(self) -> bool:
        """Tell whether the answer is complete, failed or stopped."""
        return self._future.done()

    def result(self, timeout: float | None = None) -> ChatCompletion:
        """Wait for the answer and return it.

        Parameters
        ----------
        timeout
            The seconds to wait at most.

        Raises
        ------
        TimeoutError
            If it is not there by then; it goes on.
        StoppedError
            If it was stopped; as all errors of the exchange, it holds the partial answer.
        """
        self._wait(timeout)
        return self._future.result()

    def exception(self, timeout: float | None = None) -> BaseException | None:
        """Wait for the answer and return what `result` would raise; None if it is complete.

        Parameters
        ----------
        timeout
            The seconds to wait at most.

        Raises
        ------
        TimeoutError
            If it has not ended by then; it goes on.
        """
        self._wait(timeout)
        return self._future.exception()

    def add_done_callback(self, call: Callable[[Self], object]) -> None:
        """Let a function be called with the task when it is over, or now if it is over already.

        It is called between other answers of the background, so it should be quick.
        """
        self._future.add_done_callback(lambda _: call(self))

    def _wait(self, timeout: float | None) -> None:
        if not wait([self._future], timeout).done:
            raise TimeoutError("The answer is not complete yet; it goes on.")


class ChatTask(Task):
    """An answer that is generated in the background.

    Parameters
    ----------
    open_stream
        Sends the request, and returns the stream when it begins.
    stream_to
        Where the answer goes. A coroutine function or an ``asyncio.Queue`` is fed on the event
        loop that runs where the task is started; everything else by a thread of the task, so that
        a slow listener holds nobody else up.
    """

    def __init__(
        self, open_stream: Callable[[], Awaitable[AsyncChatStream]], stream_to: StreamTo | None
    ) -> None:
        self._open_stream = open_stream
        self._stream: AsyncChatStream | None = None
        self._task: asyncio.Task[ChatCompletion] | None = None
        self._is_cancelled = False
        self._await(run_in_background(self._run(_background_sink(stream_to))))

    def cancel(self) -> bool:
        """Stop the answer and close its connection; false if it is over already."""
        if self.done():
            return False
        _loop().call_soon_threadsafe(self._cancel)
        return True

    @property
    def completion(self) -> ChatCompletion:
        """The answer as far as it has arrived."""
        return self._stream.completion if self._stream is not None else ChatCompletion(choices=[])

    def _cancel(self) -> None:
        # A second time would take from the listener that it was stopped.
        if self._task is not None and not self._is_cancelled:
            _cancel_begun(self._task)
        self._is_cancelled = True

    async def _run(self, sink: AsyncSink) -> ChatCompletion:
        self._task = asyncio.create_task(adispatch(self._opened, sink))
        if self._is_cancelled:
            _cancel_begun(self._task)
        try:
            return await self._task
        except asyncio.CancelledError:
            stopped = StoppedError("The answer was stopped.")
            stopped.completion = self.completion
            raise stopped from None

    async def _opened(self) -> AsyncChatStream:
        self._stream = await self._open_stream()
        return self._stream


def _cancel_begun(task: asyncio.Task[Any]) -> None:
    """Cancel a task after its first step: one that never began would tell no listener."""
    asyncio.get_running_loop().call_soon(task.cancel)


def run_in_background(coroutine: Coroutine[Any, Any, _Result]) -> Future[_Result]:
    """Run a coroutine on the background's event loop."""
    return asyncio.run_coroutine_threadsafe(coroutine, _loop())


def _loop() -> asyncio.AbstractEventLoop:
    with _lock:
        # A forked process has the loop, and no thread that runs it.
        return _loop_of_process(os.getpid())


@cache
def _loop_of_process(_: int) -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="chatwidget-background", daemon=True).start()
    return loop


def _background_sink(stream_to: StreamTo | None) -> AsyncSink:
    """Return a coroutine function of one event, for the background's event loop."""
    if stream_to is None:
        return _ignore
    try:
        return _on_a_thread(as_sink(stream_to))
    except TypeError:
        # It is asynchronous, or nothing that can be fed, which the next line says.
        return _on_the_callers_loop(as_async_sink(stream_to))


async def _ignore(event: StreamEvent) -> None:
    pass


def _on_the_callers_loop(sink: AsyncSink) -> AsyncSink:
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        return sink

    async def dispatch(event: StreamEvent) -> None:
        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(_await(sink(event)), loop))

    return dispatch


async def _await(awaitable: Awaitable[object]) -> None:
    await awaitable


def _on_a_thread(sink: Sink) -> AsyncSink:
    """Feed a sink from a thread of its own, which ends with the answer.

    It has the context of the caller, by which ipykernel knows the cell that output belongs to.
    """
    events: queue.SimpleQueue[tuple[StreamEvent, Future[object]]] = queue.SimpleQueue()

    def feed() -> None:
        event: StreamEvent | None = None
        while event is None or isinstance(event, Data):
            event, taken = events.get()
            if not taken.set_running_or_notify_cancel():
                continue
            try:
                taken.set_result(sink(event))
            except Exception as error:  # noqa: BLE001 - it is raised where the event came from
                taken.set_exception(error)

    context = contextvars.copy_context()
    thread = threading.Thread(target=context.run, args=(feed,), name="chatwidget-sink", daemon=True)

    async def dispatch(event: StreamEvent) -> None:
        if thread.ident is None:  # not before: a task that cannot even be sent has no events
            thread.start()
        taken: Future[object] = Future()
        events.put((event, taken))
        await asyncio.wrap_future(taken)

    return dispatch
