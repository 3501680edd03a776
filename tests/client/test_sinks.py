from __future__ import annotations

import asyncio
import codecs
import functools
import gzip
import io
import queue
import re
import tempfile
from typing import TYPE_CHECKING, Any

import ipywidgets
import pytest

from chatwidget.client.errors import StreamError
from chatwidget.client.events import Data, Error, Finish, StreamEvent
from chatwidget.client.sinks import as_async_sink, as_sink
from chatwidget.client.throttle import Throttle
from chatwidget.client.wire.types import (
    ChatCompletion,
    ChatCompletionChunk,
    ChatCompletionMessage,
    Choice,
    ChoiceDelta,
    ChunkChoice,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def data(text: str | None) -> Data:
    return Data(ChatCompletionChunk(choices=[ChunkChoice(delta=ChoiceDelta(content=text))]))


def completion(text: str) -> ChatCompletion:
    return ChatCompletion(choices=[Choice(message=ChatCompletionMessage(content=text))])


def finish(text: str) -> Finish:
    return Finish(completion(text))


EVENTS: list[StreamEvent] = [data("Hel"), data(None), data("lo"), finish("Hello")]
FAILURE = Error(StreamError("broken"), completion("Hel"))


class Recorder:
    """Keeps what it hears, in every shape that a sink may have."""

    def __init__(self) -> None:
        self.heard: list[Any] = []

    def take(self, event: StreamEvent) -> None:
        self.heard.append(event)

    async def take_later(self, event: StreamEvent) -> None:
        await asyncio.sleep(0)
        self.heard.append(event)


class Handler(Recorder):
    def handle_data(self, event: Data) -> None:
        self.heard.append(("data", event))

    def handle_error(self, event: Error) -> None:
        self.heard.append(("error", event))

    def handle_finish(self, event: Finish) -> None:
        self.heard.append(("finish", event))


class AsyncHandler(Recorder):
    async def handle_data(self, event: Data) -> None:
        self.heard.append(("data", event))

    async def handle_error(self, event: Error) -> None:
        self.heard.append(("error", event))

    async def handle_finish(self, event: Finish) -> None:
        self.heard.append(("finish", event))


class Callable_:  # noqa: N801 - Callable is taken
    def __init__(self) -> None:
        self.heard: list[StreamEvent] = []

    def __call__(self, event: StreamEvent) -> None:
        self.heard.append(event)


class AsyncCallable(Callable_):
    async def __call__(self, event: StreamEvent) -> None:
        self.heard.append(event)


class AsyncWriter:
    def __init__(self) -> None:
        self.written = ""

    async def write(self, text: str) -> None:
        self.written += text


def feed(target: Any, *events: StreamEvent) -> None:
    sink = as_sink(target)
    for event in events:
        sink(event)


def afeed(target: Any, *events: StreamEvent) -> None:
    async def main() -> None:
        sink = as_async_sink(target)
        for event in events:
            await sink(event)

    asyncio.run(main())


both = pytest.mark.parametrize("feed", [feed, afeed], ids=["sync", "async"])


@both
def test_a_function_hears_every_event(feed: Callable[..., None]) -> None:
    recorder = Recorder()
    feed(recorder.take, *EVENTS, FAILURE)
    assert recorder.heard == [*EVENTS, FAILURE]


@both
def test_an_object_that_can_be_called_is_a_function(feed: Callable[..., None]) -> None:
    target = Callable_()
    feed(target, *EVENTS)
    assert target.heard == EVENTS


@both
@pytest.mark.parametrize(
    "function",
    [
        lambda event: None,
        lambda event, more=1: None,
        lambda *events: None,
        functools.partial(lambda first, event: None, 1),
        print,
        [].append,
    ],
)
def test_functions_of_one_event(feed: Callable[..., None], function: Any) -> None:
    feed(function, finish(""))


@both
@pytest.mark.parametrize(
    "function",
    [lambda: None, lambda a, b: None, lambda *, event: None, lambda **events: None],
    ids=["none", "two", "keyword", "keywords"],
)
def test_a_function_of_any_other_number_of_arguments_is_refused(
    feed: Callable[..., None], function: Any
) -> None:
    with pytest.raises(TypeError, match=r"^stream_to takes a function of one event\.$"):
        feed(function)


@both
@pytest.mark.parametrize("kind", [queue.Queue, queue.SimpleQueue, queue.LifoQueue])
def test_a_queue_gets_every_event(feed: Callable[..., None], kind: Any) -> None:
    target = kind()
    feed(target, *EVENTS)
    got = [target.get() for _ in EVENTS]
    assert got == (EVENTS[::-1] if kind is queue.LifoQueue else EVENTS)
    assert target.empty()


@both
def test_a_handler_hears_each_kind_by_its_own_method(feed: Callable[..., None]) -> None:
    handler = Handler()
    feed(handler, data("a"), FAILURE)
    feed(handler, finish("a"))
    assert handler.heard == [("data", data("a")), ("error", FAILURE), ("finish", finish("a"))]


@both
def test_a_text_stream_gets_the_text_alone(feed: Callable[..., None]) -> None:
    stream = io.StringIO()
    feed(stream, *EVENTS)
    assert stream.getvalue() == "Hello"


@both
def test_a_text_stream_gets_nothing_of_an_error(feed: Callable[..., None]) -> None:
    stream = io.StringIO()
    feed(stream, data("Hel"), FAILURE)
    assert stream.getvalue() == "Hel"


def test_standard_output_is_a_text_stream(capsys: pytest.CaptureFixture[str]) -> None:
    import sys

    feed(sys.stdout, *EVENTS)
    assert capsys.readouterr().out == "Hello"


@both
def test_a_tuple_feeds_all_its_targets_in_order(feed: Callable[..., None]) -> None:
    stream, handler, recorder = io.StringIO(), Handler(), Recorder()
    feed((stream, (handler, recorder.take)), *EVENTS)
    assert stream.getvalue() == "Hello"
    assert recorder.heard == EVENTS
    assert [kind for kind, _ in handler.heard] == ["data", "data", "data", "finish"]


@both
def test_every_target_of_a_tuple_gets_the_event_when_one_raises_F52(
    feed: Callable[..., None],
) -> None:
    before, after = Recorder(), Recorder()

    def fail(event: StreamEvent) -> None:
        raise KeyError(event)

    with pytest.raises(KeyError):
        feed((before.take, fail, after.take), data("a"))
    assert before.heard == after.heard == [data("a")]


@both
@pytest.mark.parametrize("wrong", [7, "text", b"bytes", {}, [print], object(), 1.5], ids=repr)
def test_anything_else_is_refused_with_what_would_do(feed: Callable[..., None], wrong: Any) -> None:
    for target in (wrong, (print, wrong)):
        with pytest.raises(TypeError, match=f"stream_to cannot feed '{type(wrong).__name__}'"):
            feed(target)


class Pipe(asyncio.StreamWriter):
    """The writer of a connection, without one."""

    def __init__(self) -> None: ...

    def __del__(self) -> None: ...


BINARY: dict[str, Callable[[Path], Any]] = {
    "bytes in memory": lambda _: io.BytesIO(),
    "file": lambda path: path.open("wb"),
    "file without a buffer": lambda path: path.open("wb", buffering=0),
    "compressed file": lambda path: gzip.open(path, "wb"),  # noqa: SIM115 - the test closes it
    "temporary file": lambda _: tempfile.NamedTemporaryFile(),  # noqa: SIM115 - the test closes it
    "temporary file in memory": lambda _: tempfile.SpooledTemporaryFile(),  # noqa: SIM115 - the test closes it
    "asyncio.StreamWriter": lambda _: Pipe(),
    "asyncio.WriteTransport": lambda _: asyncio.WriteTransport(),
}
OTHER: dict[str, Callable[[Path], Any]] = {
    "closed": lambda path: closed(path.open("w")),
    "for reading": lambda path: path.open(),
}
TEXT: dict[str, Callable[[Path], Any]] = {
    "file": lambda path: path.open("w"),
    "compressed file": lambda path: gzip.open(path, "wt"),  # noqa: SIM115 - the test closes it
    "temporary file": lambda _: tempfile.NamedTemporaryFile("w+"),  # noqa: SIM115 - the test closes it
    "file with a codec": lambda path: codecs.open(str(path), "w", "utf-8"),  # noqa: SIM115 - the test closes it
    "text in memory": lambda _: io.StringIO(),
}


def closed(stream: Any) -> Any:
    stream.close()
    return stream


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "answer"
    path.touch()
    return path


@both
@pytest.mark.parametrize("make", [*BINARY.values(), *OTHER.values()], ids=[*BINARY, *OTHER])
def test_a_stream_that_takes_no_text_is_refused_before_anything_is_sent(
    feed: Callable[..., None], make: Callable[[Path], Any], path: Path
) -> None:
    stream = make(path)
    with pytest.raises(TypeError, match=f"cannot feed '{type(stream).__name__}': it "):
        feed((print, stream))
    if isinstance(stream, io.IOBase) or hasattr(stream, "seek"):
        stream.close()


@both
@pytest.mark.parametrize("make", TEXT.values(), ids=TEXT)
@pytest.mark.filterwarnings("ignore:codecs.open:DeprecationWarning")
def test_a_text_stream_of_any_kind_gets_the_text(
    feed: Callable[..., None], make: Callable[[Path], Any], path: Path
) -> None:
    with make(path) as stream:
        feed(stream, *EVENTS)
        if not hasattr(stream, "getvalue"):
            stream.flush()
        else:
            assert stream.getvalue() == "Hello"


@both
@pytest.mark.parametrize(
    "make",
    [
        lambda: ipywidgets.Dropdown(options=["a", "b"]),
        lambda: ipywidgets.Select(options=["a", "b"]),
        lambda: ipywidgets.RadioButtons(options=["a", "b"], value="b"),
        lambda: ipywidgets.ToggleButtons(options=["a"]),
        lambda: ipywidgets.SelectionSlider(options=["a", "b"]),
        lambda: ipywidgets.ColorPicker(value="red"),
    ],
)
def test_a_widget_that_takes_certain_texts_alone_is_refused_and_stays(
    feed: Callable[..., None], make: Callable[[], Any]
) -> None:
    widget = make()
    before = widget.value
    with pytest.raises(TypeError, match=f"cannot feed '{type(widget).__name__}': its value"):
        feed(widget, data("Hello"))
    assert widget.value == before


@both
def test_half_a_handler_is_refused(feed: Callable[..., None]) -> None:
    class Half:
        def handle_data(self, event: Data) -> None: ...

    with pytest.raises(TypeError, match="handle_data, handle_error and handle_finish"):
        feed(Half())


@both
def test_what_a_sink_raises_comes_through(feed: Callable[..., None]) -> None:
    def fail(event: StreamEvent) -> None:
        raise KeyError(event)

    with pytest.raises(KeyError):
        feed(fail, data("a"))


# Asynchronous targets

ASYNCHRONOUS: dict[str, Callable[[], Any]] = {
    "coroutine function": lambda: Recorder().take_later,
    "partial of a coroutine function": lambda: functools.partial(Recorder().take_later),
    "object": AsyncCallable,
    "asyncio.Queue": asyncio.Queue,
    "handler": AsyncHandler,
    "writer": AsyncWriter,
}


@pytest.mark.parametrize("make", ASYNCHRONOUS.values(), ids=ASYNCHRONOUS)
def test_an_asynchronous_target_is_refused_by_the_plain_call_with_advice_F54(
    make: Callable[[], Any],
) -> None:
    for target in (make(), (print, make())):
        with pytest.raises(TypeError, match="Await acreate_chat_completion"):
            as_sink(target)


def test_asynchronous_targets_are_awaited_one_event_after_the_other() -> None:
    recorder, called, handler, writer = Recorder(), AsyncCallable(), AsyncHandler(), AsyncWriter()

    async def main() -> list[StreamEvent]:
        events: asyncio.Queue[StreamEvent] = asyncio.Queue()
        sink = as_async_sink((recorder.take_later, called, handler, writer, events))
        for event in EVENTS:
            await sink(event)
        return [events.get_nowait() for _ in EVENTS]

    assert asyncio.run(main()) == recorder.heard == called.heard == EVENTS
    assert [kind for kind, _ in handler.heard] == ["data", "data", "data", "finish"]
    assert writer.written == "Hello"


def test_a_full_asyncio_queue_holds_the_stream_back_F53() -> None:
    async def main() -> None:
        events: asyncio.Queue[StreamEvent] = asyncio.Queue(1)
        sink = as_async_sink(events)
        await sink(data("a"))
        second = asyncio.ensure_future(sink(data("b")))
        await asyncio.sleep(0)
        assert not second.done()
        assert events.get_nowait() == data("a")
        await second
        assert events.get_nowait() == data("b")

    asyncio.run(main())


# Widgets


@both
@pytest.mark.parametrize("kind", [ipywidgets.Text, ipywidgets.Textarea, ipywidgets.Label])
def test_a_text_widget_shows_the_text(feed: Callable[..., None], kind: Any) -> None:
    widget = kind()
    feed(widget, *EVENTS)
    assert widget.value == "Hello"


class OwnLabel(ipywidgets.Label):  # type: ignore[misc]
    """A widget derived by the user."""


@both
@pytest.mark.parametrize("kind", [ipywidgets.Label, OwnLabel, ipywidgets.HTMLMath])
def test_the_front_end_typesets_no_text_of_a_widget(feed: Callable[..., None], kind: Any) -> None:
    widget = kind().add_class("mine")
    classes: list[set[str]] = []
    widget.observe(lambda _: classes.append(set(widget._dom_classes)), "value")
    feed(widget, data(r"\(\href{javascript:x}{y}\) $z$"), finish(r"$z$"))
    assert {"mine", "mathjax_ignore", "tex2jax_ignore"} <= classes[0]


@both
@pytest.mark.parametrize("kind", [ipywidgets.HTML, ipywidgets.HTMLMath])
def test_nothing_in_an_html_widget_begins_a_formula(feed: Callable[..., None], kind: Any) -> None:
    widget = kind()
    feed(widget, finish(r"\(x\) $y$ \begin{z}"))
    assert not re.search(r"\$\w|\\[(\[a-z]", widget.value)
    assert re.sub(r"<[^>]*>", "", widget.value) == r"\(x\) $y$ \begin{z}"


class OwnHTML(ipywidgets.HTML):  # type: ignore[misc]
    """A widget derived by the user."""


@both
@pytest.mark.parametrize("kind", [ipywidgets.HTML, ipywidgets.HTMLMath, OwnHTML])
def test_an_html_widget_shows_the_text_escaped_S16(feed: Callable[..., None], kind: Any) -> None:
    widget = kind()
    values: list[str] = []
    widget.observe(lambda change: values.append(change["new"]), "value")
    evil = '<img src=x onerror="alert(1)">&amp;\n<script>'
    feed(widget, data(evil), finish(evil))
    for value in values:
        assert "<img" not in value
        assert "<script" not in value
    assert (
        values[-1]
        == widget.value
        == (
            '<div style="white-space: pre-wrap">&lt;img src=x onerror=&quot;alert(1)&quot;&gt;'
            "&amp;amp;\n&lt;script&gt;</div>"
        )
    )


@both
def test_an_output_widget_shows_the_text(feed: Callable[..., None]) -> None:
    widget = ipywidgets.Output()
    feed(widget, *EVENTS)
    assert widget.outputs == ({"output_type": "stream", "name": "stdout", "text": "Hello"},)


@both
def test_a_widget_keeps_the_partial_text_of_an_error(feed: Callable[..., None]) -> None:
    widget = ipywidgets.Textarea()
    feed(widget, data("H"), data("el"), FAILURE)
    assert widget.value == "Hel"


@both
def test_a_widget_without_a_value_is_refused(feed: Callable[..., None]) -> None:
    with pytest.raises(TypeError, match="cannot feed 'Button'"):
        feed(ipywidgets.Button())


def test_a_widget_is_set_only_now_and_then_and_the_last_value_is_exact_F53_F66() -> None:
    widget = ipywidgets.Textarea()
    values: list[str] = []
    widget.observe(lambda change: values.append(change["new"]), "value")
    sink: Any = as_sink(widget)
    now = [0.0]
    sink._throttle = Throttle(clock=lambda: now[0])
    for _ in range(10_000):
        now[0] += 0.001
        sink(data("x"))
    assert values[0] == "x"
    assert 50 < len(values) <= 101
    sink(finish("x" * 10_000))
    assert values[-1] == "x" * 10_000
    assert sum(map(len, values)) < 27 * 10_000 * 2


def test_one_widget_can_show_one_answer_after_the_other() -> None:
    widget = ipywidgets.Textarea()
    feed(widget, data("first"), finish("first"))
    feed(widget, data("second"), finish("second"))
    assert widget.value == "second"
