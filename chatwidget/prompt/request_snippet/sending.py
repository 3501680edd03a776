"""What is sent, as plain data: the messages and the fields of a request's body."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from chatwidget.chat.question import messages_of
from chatwidget.client.request.body import encode_body, request_body, wire_messages

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chatwidget.chat.request_config import RequestConfig
    from chatwidget.client.wire.types import Message, Messages

__all__ = [
    "IN_THIS_PROCESS",
    "is_key",
    "model_of",
    "plain",
    "plain_messages",
    "request_messages",
    "sent_fields",
    "streams",
    "told_extra_body",
]

_KEYS = frozenset(
    {
        "api_key",
        "authorization",
        "extra_headers",
        "openai_api_key",
        "openai_organization_key",
        "openai_project",
    }
)
"""What holds a key, or says whose it is, and is neither written down nor read."""

IN_THIS_PROCESS = (
    "# The practice model lives in this process. To reach it from outside, run\n"
    "# python -m chatwidget.practice --port 8000, and %chat use http://127.0.0.1:8000/v1"
)
"""What stands in place of a program that cannot reach the server."""


def request_messages(
    config: RequestConfig, history: Sequence[Message], prompt: str | list[dict[str, Any]]
) -> list[Message]:
    """Return the messages of a request: the system message, what was said so far, and a prompt."""
    return messages_of(config.system or "", list(history), prompt)


def plain_messages(messages: Messages) -> list[dict[str, Any]]:
    """Return messages as dictionaries of plain data, as they go on the wire.

    Raises
    ------
    ParameterError
        If they cannot be sent.
    """
    told: list[dict[str, Any]] = plain({"messages": wire_messages(messages)})["messages"]
    return told


def sent_fields(config: RequestConfig, messages: Messages) -> dict[str, Any]:
    """Return the fields of the body that is sent, as plain data; those of extra_body stand apart.

    Functions and types are described, as whoever reads the body does not have them.

    Raises
    ------
    ParameterError
        If they cannot be sent.
    """
    return plain(
        request_body(messages, model_of(config), config.parameters, stream=streams(config))
    )


def told_extra_body(config: RequestConfig) -> dict[str, Any]:
    """Return the fields beside the vendor's parameters as plain data, but for those of keys.

    Raises
    ------
    ParameterError
        If they cannot be sent.
    """
    return plain({name: value for name, value in config.extra_body.items() if not is_key(name)})


def plain(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return fields of a body as reading their JSON gives them.

    Raises
    ------
    ParameterError
        If a value cannot be written as JSON; it names the field.
    """
    read: dict[str, Any] = json.loads(encode_body(fields))
    return read


def is_key(name: str) -> bool:
    """Tell whether a field of this name holds a key."""
    return name.lower() in _KEYS


def streams(config: RequestConfig) -> bool:
    """Tell whether the answer has to be streamed: the vendor refuses options of a stream else."""
    return "stream_options" in config.parameters


def model_of(config: RequestConfig) -> str:
    """Return the model that is asked; empty if that is left to whoever asks."""
    default = config.server.default_model if config.server is not None else None
    return config.model or default or ""
