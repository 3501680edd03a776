"""Asking: a request of a study goes to its server at the shared pace, and is timed."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from chatwidget.client.auth.keys import ApiKey
from chatwidget.client.client import AsyncChatClient
from chatwidget.client.deadlines import Deadlines
from chatwidget.client.errors import APIError, ConfigurationError
from chatwidget.client.limits import Limits
from chatwidget.client.pace.asking import ask_at_pace
from chatwidget.client.request.token_estimate import estimate_tokens
from chatwidget.client.timing import Stopwatch
from chatwidget.client.transport.retry import RetryPolicy
from chatwidget.client.wire.ledger import LIMITS
from chatwidget.tuning.store_rows import StoredAnswer

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from chatwidget.client.auth.servers import Server
    from chatwidget.client.pace.pace import Pace, Turn
    from chatwidget.client.wire.types import ChatCompletionChunk
    from chatwidget.tuning.requests import StudyRequest

__all__ = ["AskListener", "AskOptions", "Asker", "RefusedParameterError", "keys_for", "paces_of"]


class RefusedParameterError(APIError):
    """A server does not take a parameter that varies, so that its answers would compare nothing."""


def paces_of(requests: Iterable[StudyRequest], keys: Sequence[ApiKey]) -> dict[str, Pace]:
    """Return the paces at which requests are asked in this process, by model and server."""
    asker = Asker(AskOptions(), keys)
    places = {f"{each.model} of {each.server.name}": each for each in requests}
    return {name: asker.pace(request) for name, request in places.items()}


class AskListener(Protocol):
    """Who hears how the asking of one call goes."""

    def sent(self) -> None:
        """Hear that the request is sent, perhaps not for the first time."""

    def held(self) -> None:
        """Hear that it failed; it may be sent again."""

    def received(self, chunk: ChatCompletionChunk) -> None:
        """Hear what has come of the answer."""


def keys_for(
    servers: Collection[Server], given: str | ApiKey | Sequence[ApiKey] | None
) -> list[ApiKey]:
    """Return keys for some servers.

    Raises
    ------
    ConfigurationError
        If a key is for none of them, or it is not said for which.
    """
    try:
        origins = {server.origin for server in servers}
        if isinstance(given, str):
            if len(origins) > 1:
                raise ConfigurationError(
                    "One key does not do for several servers.",
                    hint="Give a list of ApiKey(…, origin=…, source=…), or set their variables.",
                )
            return [ApiKey(given, origin=origin, source="openai_api_key=") for origin in origins]
        given = [given] if isinstance(given, ApiKey) else given or []
        if not isinstance(given, Sequence) or not all(isinstance(each, ApiKey) for each in given):
            raise ConfigurationError("openai_api_key= takes a key, or a list of ApiKey(…).")
        keys = [*given]
    finally:
        del given  # a traceback that shows locals must find no key here
    for key in keys:
        if key.origin not in origins:
            raise ConfigurationError(f"{key} is for no server of this study.")
    return keys


class AskOptions(msgspec.Struct, frozen=True):
    """How requests are asked; it travels to where they are asked, and so it holds no key.

    Attributes
    ----------
    concurrency
        How many are under way at once at most; the pace may allow fewer.
    timeout, limits
        As in `AsyncChatClient`.
    retries
        How often a request that failed is sent again.

    Raises
    ------
    ConfigurationError
        If one of them makes no sense.
    """

    concurrency: int = 64
    timeout: Any = None
    limits: Limits | None = None
    retries: Any = None

    def __post_init__(self) -> None:
        count = self.concurrency
        if isinstance(count, bool) or not isinstance(count, int) or count < 1:
            raise ConfigurationError(f"concurrency is a whole number from 1 on; got {count!r}.")
        RetryPolicy.of(self.retries)
        if self.timeout is not None:
            Deadlines.of(self.timeout)


class Asker:
    """Asks the requests of a study with one client for each server; it belongs to one event loop.

    Parameters
    ----------
    options
        How it asks.
    keys
        The keys to use in place of those of the environment, each for its server.
    """

    def __init__(self, options: AskOptions, keys: Sequence[ApiKey] = ()) -> None:
        self.options = options
        self._keys = {key.origin: key for key in keys}
        self._retries = RetryPolicy.of(options.retries)
        self._clients: dict[str, AsyncChatClient] = {}

    def pace(self, request: StudyRequest) -> Pace:
        """Return the pace at which a request may be asked."""
        return self._client(request.server).pace(request.model)

    async def ask(
        self, request: StudyRequest, listener: AskListener, lane: object = None
    ) -> StoredAnswer:
        """Ask once, and return the complete answer.

        Raises
        ------
        APIError
            If the exchange fails for good, or the server does not take what varies.
        ConfigurationError
            If the key cannot be used.
        """
        client = self._client(request.server)
        _check_known(client, request)
        tokens = estimate_tokens({"messages": request.messages})

        async def attempt(turn: Turn) -> StoredAnswer:
            listener.sent()
            try:
                return await _attempt(client, request, turn, listener)
            except APIError:
                listener.held()
                raise

        return await ask_at_pace(
            client.pace(request.model),
            attempt,
            tokens=tokens,
            lane=lane,
            retries=self._retries,
        )

    async def aclose(self) -> None:
        """Close all connections."""
        for client in self._clients.values():
            await client.aclose()

    def _client(self, server: Server) -> AsyncChatClient:
        if server.url() not in self._clients:
            self._clients[server.url()] = AsyncChatClient(
                server,
                openai_api_key=self._keys.get(server.origin),
                timeout=self.options.timeout,
                limits=self.options.limits,
                retries=0,  # the pace says when a request is sent again
            )
        return self._clients[server.url()]


async def _attempt(
    client: AsyncChatClient, request: StudyRequest, turn: Turn, listener: AskListener
) -> StoredAnswer:
    """Send a request once, and tell its turn how it went."""
    stopwatch = Stopwatch(time.perf_counter)
    extra_body = request.extra_body or None
    stream = await client.stream(
        request.messages, request.model, **request.parameters, extra_body=extra_body
    )
    turn.heard(stream.rate_limits)
    async for chunk in stream:
        stopwatch.feed(chunk)
        listener.received(chunk)
    timing = stopwatch.timing()
    completion = stream.result()
    turn.succeeded(completion.usage, first_token=timing.first_token)
    if completion.ledger is not None:
        _check_refused(request, completion.ledger.refused, completion.ledger.sent)
    return StoredAnswer(completion, timing.total, timing.first_token)


def _check_known(client: AsyncChatClient, request: StudyRequest) -> None:
    """Refuse to ask if it is known already that the server does not take what varies."""
    known = client.unsupported_parameters.known(request.server.base_url, request.model)
    if known.keys() & request.setting.values.keys():
        options: Any = request.parameters
        ledger = client.draft(request.messages, request.model, **options).ledger
        _check_refused(request, ledger.refused, ledger.sent)


def _check_refused(
    request: StudyRequest, refused: Mapping[str, str], sent: Mapping[str, Any]
) -> None:
    for name in refused.keys() & request.setting.values.keys():
        if request.parameters.get(name) is not None and LIMITS.get(name) not in sent:
            raise RefusedParameterError(
                f"{request.server.name} does not take {name} for {request.model}, which varies: "
                f"{refused[name]}",
                hint=f"Leave {name} out, or ask another model.",
            )
