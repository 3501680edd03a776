"""The clients that are compared, each with one way to ask: hand every chunk to a function.

A client is built once; what it is built from is imported only then, in the process that uses it.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

__all__ = ["ASYNC_CLIENTS", "CLIENTS", "Ask", "AsyncAsk", "AsyncClient", "Client", "importable"]

Listener = Callable[[Any], object]
Ask = Callable[[str, Listener], object]
AsyncAsk = Callable[[str, Listener], Awaitable[object]]

_MESSAGES = [{"role": "user", "content": "Hi"}]
_DONE = b"data: [DONE]"


@dataclass(frozen=True)
class Client:
    """A client to measure.

    Attributes
    ----------
    title
        Its column in a table.
    package
        What must be importable.
    connect
        Takes the server's address and returns the function that asks.
    share
        A slow client streams only one chunk in so many.
    """

    title: str
    package: str
    connect: Callable[[str], Ask]
    share: int = 1


@dataclass(frozen=True)
class AsyncClient:
    """The same, asynchronous; it is built inside a running loop."""

    title: str
    connect: Callable[[str], AsyncAsk]
    share: int = 1


def importable() -> dict[str, Client]:
    """The clients that can be measured here."""
    return {name: client for name, client in CLIENTS.items() if find_spec(client.package)}


def _floor(url: str) -> Ask:
    """The least that a client on httpx can do: split, decode into the same types, call."""
    import httpx

    http, decode = httpx.Client(), _decoder()

    def ask(model: str, listen: Listener) -> None:
        with http.stream("POST", f"{url}/chat/completions", json=_request(model)) as response:
            rest = b""
            for received in response.iter_raw():
                *events, rest = (rest + received).split(b"\n\n")
                for event in events:
                    if event != _DONE:
                        listen(decode(event[6:]))

    return ask


def _chatwidget(url: str) -> Ask:
    import chatwidget

    def ask(model: str, listen: Listener) -> object:
        return chatwidget.create_chat_completion("Hi", model, server=url, stream_to=listen)

    return ask


def _chatwidget_on_httpx2(url: str) -> Ask:
    import httpx2

    import chatwidget

    client = chatwidget.ChatClient(url, http_client=httpx2.Client())

    def ask(model: str, listen: Listener) -> object:
        return client.create_chat_completion("Hi", model, stream_to=listen)

    return ask


def _openai(url: str) -> Ask:
    import openai

    client = openai.OpenAI(base_url=url, api_key="none")

    def ask(model: str, listen: Listener) -> None:
        for chunk in client.chat.completions.create(model=model, messages=_MESSAGES, stream=True):
            listen(chunk)

    return ask


def _openai_helper(url: str) -> Ask:
    import openai

    client = openai.OpenAI(base_url=url, api_key="none")

    def ask(model: str, listen: Listener) -> object:
        with client.chat.completions.stream(model=model, messages=_MESSAGES) as stream:
            for event in stream:
                listen(event)
            return stream.get_final_completion()

    return ask


def _litellm(url: str) -> Ask:
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # or its import asks the network
    litellm = import_module("litellm")

    def ask(model: str, listen: Listener) -> None:
        for chunk in litellm.completion(
            f"openai/{model}", _MESSAGES, api_base=url, api_key="none", stream=True
        ):
            listen(chunk)

    return ask


def _async_floor(url: str) -> AsyncAsk:
    import httpx

    http, decode = httpx.AsyncClient(), _decoder()

    async def ask(model: str, listen: Listener) -> None:
        posted = http.stream("POST", f"{url}/chat/completions", json=_request(model))
        async with posted as response:
            rest = b""
            async for received in response.aiter_raw():
                *events, rest = (rest + received).split(b"\n\n")
                for event in events:
                    if event != _DONE:
                        listen(decode(event[6:]))

    return ask


def _async_chatwidget(url: str) -> AsyncAsk:
    import chatwidget

    async def ask(model: str, listen: Listener) -> object:
        return await chatwidget.acreate_chat_completion("Hi", model, server=url, stream_to=listen)

    return ask


def _async_chatwidget_on_httpx(url: str) -> AsyncAsk:
    """On the transport of httpx, as where httpx-aiohttp is not installed."""
    import httpx

    import chatwidget

    many = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    client = chatwidget.AsyncChatClient(
        url, http_client=httpx.AsyncClient(limits=many, timeout=None)
    )

    async def ask(model: str, listen: Listener) -> object:
        return await client.create_chat_completion("Hi", model, stream_to=listen)

    return ask


def _async_openai(url: str) -> AsyncAsk:
    import openai

    client = openai.AsyncOpenAI(base_url=url, api_key="none")

    async def ask(model: str, listen: Listener) -> None:
        asked = client.chat.completions.create(model=model, messages=_MESSAGES, stream=True)
        async with await asked as stream:
            async for chunk in stream:
                listen(chunk)

    return ask


def _decoder() -> Callable[[bytes], Any]:
    import msgspec

    from chatwidget.client.wire.types import ChatCompletionChunk

    return msgspec.json.Decoder(ChatCompletionChunk).decode


def _request(model: str) -> dict[str, Any]:
    return {"model": model, "messages": _MESSAGES, "stream": True}


CLIENTS = {
    "floor": Client("httpx + msgspec (floor)", "httpx", _floor),
    "chatwidget": Client("chatwidget", "chatwidget", _chatwidget),
    "httpx2": Client("chatwidget on httpx2", "httpx2", _chatwidget_on_httpx2),
    "openai": Client("openai", "openai", _openai, share=2),
    "helper": Client("openai .stream()", "openai", _openai_helper, share=4),
    "litellm": Client("litellm", "litellm", _litellm, share=10),
}

ASYNC_CLIENTS = {
    "floor": AsyncClient("httpx + msgspec (floor)", _async_floor),
    "chatwidget": AsyncClient("chatwidget", _async_chatwidget),
    "on httpx": AsyncClient("chatwidget on httpx's own transport", _async_chatwidget_on_httpx),
    "openai": AsyncClient("openai", _async_openai, share=4),
}
