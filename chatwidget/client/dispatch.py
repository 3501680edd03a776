"""Dispatch of events from a stream to a sink: Data for each chunk, then one Finish or Error."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from chatwidget.client.errors import ChatWidgetError, StoppedError, StreamError
from chatwidget.client.events import Data, Error, Finish
from chatwidget.client.wire.types import ChatCompletion

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from chatwidget.client.sinks import AsyncSink, Sink
    from chatwidget.client.stream import AsyncChatStream, ChatStream

__all__ = ["adispatch", "dispatch"]


def dispatch(open_stream: Callable[[], ChatStream], sink: Sink) -> ChatCompletion:
    """Dispatch the events of a stream to a sink, and return the completion.

    The sink hears of a failure or an interrupt, which is then raised again. What the sink itself
    raises ends the stream, closes the connection and reaches the caller as it is; the sink hears
    of that, too, since it may have parts that still wait for the end.
    """
    try:
        stream = open_stream()
    except (ChatWidgetError, KeyboardInterrupt) as error:
        sink(_error(error, ChatCompletion(choices=[])))
        raise
    except Exception as error:  # of what hears of a wait, say
        with suppress(Exception):
            sink(_error(_opening_failure(error), ChatCompletion(choices=[])))
        raise
    with stream:
        try:
            for chunk in stream:
                sink(Data(chunk))
            completion = stream.result()
        except (Exception, KeyboardInterrupt) as error:
            stream.close()
            if error is stream.error or isinstance(error, KeyboardInterrupt):
                sink(_error(error, stream.completion))
            else:
                with suppress(Exception):
                    sink(_error(_sink_failure(error), stream.completion))
            raise
    sink(Finish(completion))
    return completion


async def adispatch(
    open_stream: Callable[[], Awaitable[AsyncChatStream]], sink: AsyncSink
) -> ChatCompletion:
    """Do as `dispatch` does, asynchronously; the cancelling of the task counts as an interrupt."""
    try:
        stream = await open_stream()
    except (ChatWidgetError, KeyboardInterrupt, asyncio.CancelledError) as error:
        await sink(_error(error, ChatCompletion(choices=[])))
        raise
    except Exception as error:
        with suppress(Exception):
            await sink(_error(_opening_failure(error), ChatCompletion(choices=[])))
        raise
    async with stream:
        try:
            async for chunk in stream:
                await sink(Data(chunk))
            completion = stream.result()
        except (Exception, KeyboardInterrupt, asyncio.CancelledError) as error:
            await stream.aclose()
            if error is stream.error or not isinstance(error, Exception):
                await sink(_error(error, stream.completion))
            else:
                with suppress(Exception):
                    await sink(_error(_sink_failure(error), stream.completion))
            raise
    await sink(Finish(completion))
    return completion


def _opening_failure(error: Exception) -> StreamError:
    return StreamError(f"No answer: {type(error).__name__}.")


def _sink_failure(error: Exception) -> StreamError:
    return StreamError(f"What the answer was streamed to failed: {type(error).__name__}.")


def _error(error: BaseException, completion: ChatCompletion) -> Error:
    if isinstance(error, ChatWidgetError):
        return Error(error, completion)
    stopped = StoppedError("The answer was stopped.")
    stopped.completion = completion
    return Error(stopped, completion)
