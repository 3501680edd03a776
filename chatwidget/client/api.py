"""`create_chat_completion` and `acreate_chat_completion`: a client made ready behind one call."""

from __future__ import annotations

import asyncio
import sys
import warnings
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, overload
from weakref import WeakKeyDictionary

from chatwidget.client.auth.servers import PROFILES, Server, default_notice, find_server
from chatwidget.client.base import bound_key, hide_headers
from chatwidget.client.client import AsyncChatClient, ChatClient
from chatwidget.client.signature import names_options

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from typing_extensions import Unpack

    from chatwidget.client.background import ChatTask
    from chatwidget.client.request.prepared import CallOptions
    from chatwidget.client.sinks import StreamTo
    from chatwidget.client.stream import AsyncChatStream, ChatStream
    from chatwidget.client.wire.types import ChatCompletion, Messages

__all__ = [
    "DefaultServerWarning",
    "PracticeModelWarning",
    "acreate_chat_completion",
    "create_chat_completion",
    "start_chat_completion",
    "warn_of_default",
]

_async_clients: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[Server, AsyncChatClient]] = (
    WeakKeyDictionary()
)
_endings: WeakKeyDictionary[asyncio.AbstractEventLoop, list[AsyncGenerator[None, None]]] = (
    WeakKeyDictionary()
)


class DefaultServerWarning(UserWarning):
    """No server and no key are set, so that a model of this machine answers."""


class PracticeModelWarning(DefaultServerWarning):
    """No server and no key are set, so that the practice model answers."""


@overload
def create_chat_completion(
    messages: Messages,
    model: str | None = None,
    *,
    stream: Literal[True],
    stream_to: None = None,
    server: str | Server | None = None,
    **options: Unpack[CallOptions],
) -> ChatStream: ...


@overload
def create_chat_completion(
    messages: Messages,
    model: str | None = None,
    *,
    stream: Literal[False] | None = None,
    stream_to: None = None,
    server: str | Server | None = None,
    **options: Unpack[CallOptions],
) -> ChatCompletion: ...


@overload
def create_chat_completion(
    messages: Messages,
    model: str | None = None,
    *,
    stream: bool | None = None,
    stream_to: StreamTo,
    server: str | Server | None = None,
    **options: Unpack[CallOptions],
) -> ChatCompletion: ...


@names_options
def create_chat_completion(
    messages: Messages,
    model: str | None = None,
    *,
    stream: bool | None = None,
    stream_to: StreamTo | None = None,
    server: str | Server | None = None,
    **options: Unpack[CallOptions],
) -> ChatCompletion | ChatStream:
    """Ask a chat model and return its answer.

    It is `ChatClient.create_chat_completion` of a client that is made once for each server. With
    no key and no server set, the local model answers if it is installed, else the practice model;
    a warning says so.

    Parameters
    ----------
    messages, model, stream, stream_to, **options
        As in `ChatClient.create_chat_completion`.
    server
        A profile, an address or a `Server`, as in `ChatClient`.
    """
    client: Any = _client(_prepared(server, options))
    answer: ChatCompletion | ChatStream = client.create_chat_completion(
        messages, model, stream=stream, stream_to=stream_to, **options
    )
    return answer


@overload
async def acreate_chat_completion(
    messages: Messages,
    model: str | None = None,
    *,
    stream: Literal[True],
    stream_to: None = None,
    server: str | Server | None = None,
    **options: Unpack[CallOptions],
) -> AsyncChatStream: ...


@overload
async def acreate_chat_completion(
    messages: Messages,
    model: str | None = None,
    *,
    stream: Literal[False] | None = None,
    stream_to: None = None,
    server: str | Server | None = None,
    **options: Unpack[CallOptions],
) -> ChatCompletion: ...


@overload
async def acreate_chat_completion(
    messages: Messages,
    model: str | None = None,
    *,
    stream: bool | None = None,
    stream_to: StreamTo,
    server: str | Server | None = None,
    **options: Unpack[CallOptions],
) -> ChatCompletion: ...


@names_options
async def acreate_chat_completion(
    messages: Messages,
    model: str | None = None,
    *,
    stream: bool | None = None,
    stream_to: StreamTo | None = None,
    server: str | Server | None = None,
    **options: Unpack[CallOptions],
) -> ChatCompletion | AsyncChatStream:
    """Ask a chat model and return its answer, as `create_chat_completion` does, awaited."""
    client: Any = await _async_client(_prepared(server, options))
    answer: ChatCompletion | AsyncChatStream = await client.create_chat_completion(
        messages, model, stream=stream, stream_to=stream_to, **options
    )
    return answer


@names_options
def start_chat_completion(
    messages: Messages,
    model: str | None = None,
    *,
    stream_to: StreamTo | None = None,
    server: str | Server | None = None,
    **options: Unpack[CallOptions],
) -> ChatTask:
    """Ask a chat model in the background, and return at once.

    It is `ChatClient.start_chat_completion` of the client behind `create_chat_completion`.
    """
    client: Any = _client(_prepared(server, options))
    task: ChatTask = client.start_chat_completion(messages, model, stream_to=stream_to, **options)
    return task


def _prepared(given: str | Server | None, options: CallOptions) -> Server:
    """Find the server, and hide its key in the options, so that no frame shows it."""
    try:
        found = _server(given, options)
    except BaseException:
        options.pop("openai_api_key", None)
        raise
    options["openai_api_key"] = bound_key(options, found)
    hide_headers(options, found)
    return found


def _server(given: str | Server | None, options: CallOptions) -> Server:
    """Find the server; a key that comes without one is for the vendor."""
    found = find_server(given)
    notice = default_notice(found) if given is None else ""
    if not notice:
        return found
    if options.get("openai_api_key") is not None:
        return PROFILES["openai"]
    warn_of_default(found, stacklevel=5)
    return found


def warn_of_default(found: Server, *, stacklevel: int) -> None:
    """Say which server answers, if none was set and none was given."""
    if notice := default_notice(found):
        warnings.warn(
            f"{notice} Set OPENAI_API_KEY or OPENAI_BASE_URL, or give server=; "
            f'server="{found.name}" is silent.{_session_hint()}',
            PracticeModelWarning if found == PROFILES["practice"] else DefaultServerWarning,
            stacklevel=stacklevel,
        )


def _session_hint() -> str:
    """Say how to ask the session, in a shell with our magics; IPython is not loaded for that."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    if shell is None or "chatwidget" not in shell.extension_manager.loaded:
        return ""
    return (
        " This function does not follow %chat use: chatwidget.current_session().ask(...) asks as "
        "%%chat does."
    )


@lru_cache(maxsize=16)
def _client(server: Server) -> ChatClient:
    return ChatClient(server)


async def _async_client(server: Server) -> AsyncChatClient:
    """Return the client of the running loop, for connections belong to one loop."""
    loop = asyncio.get_running_loop()
    clients = _async_clients.setdefault(loop, {})
    if server not in clients:
        clients[server] = AsyncChatClient(server)
        # Begun and left so, it is run to its end when the loop ends, as asyncio.run does.
        ending = _closing(clients[server])
        await anext(ending)
        _endings.setdefault(loop, []).append(ending)
    return clients[server]


async def _closing(client: AsyncChatClient) -> AsyncGenerator[None, None]:
    try:
        yield
    finally:
        await client.aclose()
