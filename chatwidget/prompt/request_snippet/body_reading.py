"""A JSON body, or a dictionary of Python's."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NoReturn

from chatwidget.client.errors import ConfigurationError
from chatwidget.prompt.request_snippet.code_reading import dictionary_in, settled
from chatwidget.prompt.request_snippet.fields import ENDPOINT, config_of, no_request

if TYPE_CHECKING:
    from chatwidget.chat.request_config import RequestConfig
    from chatwidget.client.auth.servers import Server

__all__ = ["read_body"]


def read_body(text: str, server: Server | None = None) -> RequestConfig:
    """Read the body of a request, also as it stands in a line of a batch file.

    Raises
    ------
    ParameterError, ConfigurationError
        If it cannot be used.
    """
    fields = _fields(text)
    if isinstance(fields, dict) and isinstance(fields.get("body"), dict):
        _check_endpoint(fields.get("url"))
        fields = fields["body"]
    if not _is_request(fields):
        raise no_request()
    return config_of(fields, server)


def _fields(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        reason: Exception = error
    if (fields := dictionary_in(text)) is not None:
        return settled(fields)
    raise ConfigurationError(
        f"The JSON cannot be read{_place(reason)}.",
        hint="Paste one whole body, from { to }, with its values written out.",
    )


def _place(error: Exception) -> str:
    """Tell where JSON ends to be JSON, and what is missing there."""
    if not isinstance(error, json.JSONDecodeError):
        return ""
    return f" in line {error.lineno}, column {error.colno}: {error.msg}"


def _is_request(fields: object) -> bool:
    """Tell whether it is the body of a request, and not that of an answer."""
    return bool(fields) and isinstance(fields, Mapping) and "choices" not in fields


def _check_endpoint(url: object) -> None:
    if url is not None and not str(url).rstrip("/").endswith(ENDPOINT):
        raise ConfigurationError(
            f"This request is for another address than {ENDPOINT}.",
            hint=f"Paste one for {ENDPOINT}.",
        )


def _no_constant(name: str) -> NoReturn:
    raise ConfigurationError(f"{name} is no JSON value.", hint="Write a number.")
