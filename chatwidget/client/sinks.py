"""Sinks: whatever a user passes as ``stream_to`` becomes one callable of one event."""

from __future__ import annotations

import html
import inspect
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, ExitStack
from types import FunctionType
from typing import Any, Protocol, TypeAlias, TypeVar, Union

from chatwidget.client.events import (
    Data,
    Error,
    Finish,
    ProgressEvent,
    StreamEvent,
    ToolProgress,
    Wait,
)
from chatwidget.client.text_targets import check_takes_text, shows_text
from chatwidget.client.throttle import Throttle

__all__ = [
    "AsyncSink",
    "Sink",
    "StreamTo",
    "as_async_sink",
    "as_sink",
    "progress_listener",
]

Sink: TypeAlias = Callable[[StreamEvent], object]
AsyncSink: TypeAlias = Callable[[StreamEvent], Awaitable[object]]


class Handler(Protocol):
    """An object with a method for each kind of event."""

    def handle_data(self, event: Data, /) -> object:
        """Take a chunk."""

    def handle_error(self, event: Error, /) -> object:
        """Take the failure that ended the answer."""

    def handle_finish(self, event: Finish, /) -> object:
        """Take the complete answer."""


class Queue(Protocol):
    """Anything that events can be put into."""

    @property
    def put(self) -> Callable[[Any], object]:
        """Take an event."""


class TextStream(Protocol):
    """Anything that text can be written to."""

    @property
    def write(self) -> Callable[[str], object]:
        """Take a piece of text."""


class ValueWidget(Protocol):
    """An ipywidget that shows a value."""

    value: Any

    @property
    def has_trait(self) -> Callable[[str], bool]:
        """Tell whether there is a trait of this name."""


class OutputWidget(Protocol):
    """An ipywidget that shows outputs."""

    outputs: Any

    @property
    def append_stdout(self) -> Callable[[str], object]:
        """Take a piece of text."""


StreamTo: TypeAlias = Union[
    Sink, Handler, Queue, TextStream, ValueWidget, OutputWidget, "tuple[StreamTo, ...]"
]
"""What ``stream_to`` takes; see `as_sink`."""


def as_sink(stream_to: StreamTo) -> Sink:
    """Return a function of one event that feeds the target.

    Parameters
    ----------
    stream_to
        A function of one event; a queue, or anything with ``put``; an object with
        ``handle_data``, ``handle_error`` and ``handle_finish``; a text stream, which gets the
        text; an ipywidget with a ``value``, or an ``Output``; a tuple of these.

    Raises
    ------
    TypeError
        If it is none of these, or one that only the asynchronous client can feed.
    """
    if isinstance(stream_to, tuple):
        return _all_of(list(map(as_sink, stream_to)))
    if type(stream_to) is FunctionType and _takes_one_event(stream_to):
        return stream_to
    sink = _sink(stream_to)
    if _is_asynchronous(stream_to):
        raise TypeError(
            "stream_to is asynchronous, and this call is not. "
            "Await acreate_chat_completion(...) instead."
        )
    return sink


def as_async_sink(stream_to: StreamTo) -> AsyncSink:
    """Return a coroutine function of one event that feeds the target.

    It takes what `as_sink` takes, and coroutine functions and ``asyncio.Queue`` as well.

    Raises
    ------
    TypeError
        If the target is none of these.
    """
    if isinstance(stream_to, tuple):
        return _all_of_async([as_async_sink(target) for target in stream_to])
    sink = _sink(stream_to)

    async def dispatch(event: StreamEvent) -> None:
        result = sink(event)
        if inspect.isawaitable(result):
            await result

    return dispatch


_PROGRESS_HANDLERS: dict[type[ProgressEvent], str] = {
    Wait: "handle_wait",
    ToolProgress: "handle_tools",
}

_Progress = TypeVar("_Progress", Wait, ToolProgress)
_Event = TypeVar("_Event")


def progress_listener(
    stream_to: StreamTo | None, kind: type[_Progress]
) -> Callable[[_Progress], None]:
    """Return a function that tells all parts of a target that can hear it of a kind of progress."""
    method = _PROGRESS_HANDLERS[kind]
    listeners: list[Callable[[_Progress], object]] = []
    targets: list[Any] = [stream_to]
    for target in targets:
        if isinstance(target, tuple):
            targets.extend(target)
        elif callable(heard := getattr(target, method, None)):
            listeners.append(heard)

    return _all_of(listeners)


def _sink(target: Any) -> Sink:
    if _is_handler(target):
        return _handler_sink(target)
    if callable(getattr(target, "put", None)):
        put: Sink = target.put
        return put
    if callable(getattr(target, "append_stdout", None)) or shows_text(target):
        return _WidgetSink(target)
    if callable(getattr(target, "write", None)):
        check_takes_text(target)
        return lambda event: target.write(event.chunk.text) if isinstance(event, Data) else None
    if callable(target):
        return _validated_function(target)
    raise TypeError(
        f"stream_to cannot feed {type(target).__name__!r}: give a function of one event, a queue, "
        "an object with handle_data, handle_error and handle_finish, a text stream or a widget."
    )


_HANDLER_METHODS = ("handle_data", "handle_error", "handle_finish")
_FED = ("__call__", "put", "write", *_HANDLER_METHODS)


def _is_handler(target: object) -> bool:
    """Tell whether a target has a method for each kind of event."""
    return all(callable(getattr(target, name, None)) for name in _HANDLER_METHODS)


def _handler_sink(handler: Handler) -> Sink:
    handlers: dict[type[StreamEvent], Callable[[Any], object]] = {
        Data: handler.handle_data,
        Error: handler.handle_error,
        Finish: handler.handle_finish,
    }
    return lambda event: handlers[type(event)](event)


def _takes_one_event(function: FunctionType) -> bool:
    """Tell whether a function takes one event and has nothing else that events are fed to.

    Most do, and asking for the signature would be a tenth of the wait for the first event.
    """
    if function.__dict__:
        return False
    code, defaults = function.__code__, function.__defaults__ or ()
    takes_one = code.co_argcount - len(defaults) <= 1 <= code.co_argcount
    return takes_one and not code.co_kwonlyargcount and not code.co_flags & inspect.CO_COROUTINE


def _validated_function(function: Callable[..., Any]) -> Sink:
    try:
        inspect.signature(function).bind("event")
    except TypeError:
        raise TypeError("stream_to takes a function of one event.") from None
    except ValueError:
        # Some built-in functions do not tell their signature.
        pass
    return function


def _is_asynchronous(target: object) -> bool:
    if inspect.isfunction(target):
        return inspect.iscoroutinefunction(target)
    functions = [target, *[getattr(target, name, None) for name in _FED]]
    return any(map(inspect.iscoroutinefunction, functions))


def _all_of(sinks: list[Callable[[_Event], object]]) -> Callable[[_Event], None]:
    """Feed several sinks; each gets the event, also if one before it raises."""

    def dispatch(event: _Event) -> None:
        with ExitStack() as remaining:
            for sink in reversed(sinks):
                remaining.callback(sink, event)

    return dispatch


def _all_of_async(sinks: list[AsyncSink]) -> AsyncSink:
    async def dispatch(event: StreamEvent) -> None:
        async with AsyncExitStack() as remaining:
            for sink in reversed(sinks):
                remaining.push_async_callback(sink, event)

    return dispatch


_NO_FORMULAS = str.maketrans({each: f"<span>{each}</span>" for each in "\\$"})
"""What begins formulas stands apart from what follows it, and so begins none."""


class _WidgetSink:
    """Show the growing text in an ipywidget.

    A widget sends its whole value at each change, so that it is set only now and then; the last
    value is exact. A model's text is no markup: widgets that take HTML get it escaped, and the
    front end finds no formula in it, neither in a Label nor in an HTMLMath.
    """

    def __init__(self, widget: Any) -> None:
        self._widget = widget
        if callable(add_class := getattr(widget, "add_class", None)):
            add_class("mathjax_ignore").add_class("tex2jax_ignore")  # of MathJax 3 and 2
        self._is_html = any(kind.__name__ in ("HTML", "HTMLMath") for kind in type(widget).__mro__)
        self._pieces: list[str] = []
        self._size = 0
        self._throttle = Throttle()

    def __call__(self, event: StreamEvent) -> None:
        if isinstance(event, Data):
            self._pieces.append(event.chunk.text)
            self._size += len(event.chunk.text)
            if self._throttle.due(self._size):
                self._show("".join(self._pieces))
        else:
            self._show(event.completion.text)

    def _show(self, text: str) -> None:
        if hasattr(self._widget, "append_stdout"):
            self._widget.outputs = ({"output_type": "stream", "name": "stdout", "text": text},)
        elif self._is_html:
            shown = html.escape(text).translate(_NO_FORMULAS)
            self._widget.value = f'<div style="white-space: pre-wrap">{shown}</div>'
        else:
            self._widget.value = text
