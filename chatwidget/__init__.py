"""Prompt chat models from a notebook, and tune what they do while you see it.

In a notebook, ``%load_ext chatwidget`` brings the magics ``%%chat`` and ``%chat``. In Python,
`create_chat_completion` asks any server that speaks the chat-completions protocol, and the
embedded practice model where there is none.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from chatwidget.client.wire.services import provide

if TYPE_CHECKING:
    from collections.abc import Callable

    from IPython.core.interactiveshell import InteractiveShell

    from chatwidget.chat.session import ChatSession
    from chatwidget.chat.shell_session import current_session
    from chatwidget.client.api import (
        DefaultServerWarning,
        PracticeModelWarning,
        acreate_chat_completion,
        create_chat_completion,
        start_chat_completion,
    )
    from chatwidget.client.auth.keys import ApiKey
    from chatwidget.client.auth.servers import PROFILES, Server
    from chatwidget.client.background import ChatTask
    from chatwidget.client.client import AsyncChatClient, ChatClient
    from chatwidget.client.deadlines import Deadlines
    from chatwidget.client.errors import (
        APIConnectionError,
        APIError,
        APIStatusError,
        APITimeoutError,
        AuthenticationError,
        BadRequestError,
        ChatWidgetError,
        ConfigurationError,
        ConflictError,
        InternalServerError,
        NotFoundError,
        ParameterError,
        ParsingError,
        PermissionDeniedError,
        RateLimitError,
        StoppedError,
        StreamError,
        StreamInterruptedError,
        UnprocessableEntityError,
    )
    from chatwidget.client.events import Data, Error, Finish, StreamEvent, Wait
    from chatwidget.client.limits import Limits
    from chatwidget.client.request.parameters import PARAMETERS, Parameter
    from chatwidget.client.request.unsupported import Refusals, UnsupportedParameters
    from chatwidget.client.stream import AsyncChatStream, ChatStream
    from chatwidget.client.transport.retry import RetryPolicy
    from chatwidget.client.wire.ledger import Ledger
    from chatwidget.client.wire.types import (
        ChatCompletion,
        ChatCompletionChunk,
        ChatCompletionMessage,
        Choice,
        CompletionUsage,
        TokenLogprob,
        ToolCall,
    )
    from chatwidget.lab.token_view import AnswerTokens
    from chatwidget.panel.control import ParameterControl, controls
    from chatwidget.panel.panel import ChatPanel
    from chatwidget.render.display.answer import AnswerDisplay
    from chatwidget.tuning.film.film import Film
    from chatwidget.tuning.film.making import film

__version__ = "0.1.0"

__all__ = [
    "PARAMETERS",
    "PROFILES",
    "APIConnectionError",
    "APIError",
    "APIStatusError",
    "APITimeoutError",
    "AnswerDisplay",
    "AnswerTokens",
    "ApiKey",
    "AsyncChatClient",
    "AsyncChatStream",
    "AuthenticationError",
    "BadRequestError",
    "ChatClient",
    "ChatCompletion",
    "ChatCompletionChunk",
    "ChatCompletionMessage",
    "ChatPanel",
    "ChatSession",
    "ChatStream",
    "ChatTask",
    "ChatWidgetError",
    "Choice",
    "CompletionUsage",
    "ConfigurationError",
    "ConflictError",
    "Data",
    "Deadlines",
    "DefaultServerWarning",
    "Error",
    "Film",
    "Finish",
    "InternalServerError",
    "Ledger",
    "Limits",
    "NotFoundError",
    "Parameter",
    "ParameterControl",
    "ParameterError",
    "ParsingError",
    "PermissionDeniedError",
    "PracticeModelWarning",
    "RateLimitError",
    "Refusals",
    "RetryPolicy",
    "Server",
    "StoppedError",
    "StreamError",
    "StreamEvent",
    "StreamInterruptedError",
    "TokenLogprob",
    "ToolCall",
    "UnprocessableEntityError",
    "UnsupportedParameters",
    "Wait",
    "acreate_chat_completion",
    "controls",
    "create_chat_completion",
    "current_session",
    "film",
    "load_ipython_extension",
    "start_chat_completion",
    "unload_ipython_extension",
]

# Where a name is found when it is first used: importing the package costs nothing but this file.
_HOMES = (
    "client.errors",
    "client.wire.types",
    "client.events",
    "client.deadlines",
    "client.auth.keys",
    "client.wire.ledger",
    "client.limits",
    "client.request.parameters",
    "client.request.unsupported",
    "client.transport.retry",
    "client.auth.servers",
    "client.stream",
    "client.background",
    "client.client",
    "client.api",
    "chat.session",
    "chat.shell_session",
    "tuning.film.film",
    "tuning.film.making",
    "render.display.answer",
    "lab.token_view",
    "panel.control",
    "panel.panel",
)


def _completion_bundle() -> Callable[[ChatCompletion], dict[str, str]]:
    from chatwidget.render.display.completion_output import (  # noqa: PLC0415 - loads Markdown
        completion_bundle,
    )

    return completion_bundle


def _film() -> Callable[..., Film]:
    from chatwidget.tuning.film.making import film  # noqa: PLC0415 - loads the practice model

    return film


def _film_bundle() -> Callable[[Film], dict[str, str]]:
    from chatwidget.lab.film_view import film_bundle  # noqa: PLC0415 - loads what draws

    return film_bundle


def _tokens() -> Callable[..., AnswerTokens]:
    from chatwidget.lab.token_view import answer_tokens  # noqa: PLC0415 - loads what draws

    return answer_tokens


def _fork() -> Callable[..., ChatCompletion]:
    from chatwidget.client.answer_fork import fork  # noqa: PLC0415 - loads the client

    return fork


provide("answer output", _completion_bundle)
provide("film output", _film_bundle)
provide("film", _film)
provide("tokens", _tokens)
provide("fork", _fork)


def __getattr__(name: str) -> object:
    if name in __all__:
        for home in _HOMES:
            module = import_module(f"{__name__}.{home}")
            if name in module.__all__:
                globals()[name] = found = getattr(module, name)
                return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Register the magics: called by ``%load_ext chatwidget``."""
    from chatwidget.magic.magics import load  # noqa: PLC0415 - imports IPython

    load(shell)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """Take everything back: called by ``%unload_ext chatwidget``."""
    from chatwidget.magic.magics import unload  # noqa: PLC0415 - imports IPython

    unload(shell)
