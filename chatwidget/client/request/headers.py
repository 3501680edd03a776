"""The headers of a call, beside those of its key and its content."""

from __future__ import annotations

import re
from collections.abc import Mapping

from chatwidget.client.errors import ConfigurationError

__all__ = ["call_headers"]

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_OURS = frozenset({"authorization", "content-type", "content-length", "host", "transfer-encoding"})


def call_headers(
    organization: str | None = None,
    project: str | None = None,
    extra: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Return the headers that name who pays, and those that the user adds.

    Raises
    ------
    ConfigurationError
        If a name or a value cannot be sent (RFC 9110, section 5), or is the client's to set. What
        the value is does not show: it may be a secret.
    """
    if not isinstance(extra or {}, Mapping):
        raise ConfigurationError("extra_headers takes a dictionary of texts.")
    paying = {"OpenAI-Organization": organization, "OpenAI-Project": project}
    headers = {name: value for name, value in paying.items() if value} | dict(extra or {})
    for name, value in headers.items():
        _check(name, value)
    return headers


def _check(name: object, value: object) -> None:
    if not isinstance(name, str) or not _TOKEN.fullmatch(name):
        raise ConfigurationError(f"{name!r} is no name of a header.")
    if name.lower() in _OURS:
        raise ConfigurationError(
            f"The header {name} is set by the client.",
            hint="A key is given as openai_api_key.",
        )
    if not isinstance(value, str) or not (value.isascii() and value.isprintable()):
        raise ConfigurationError(f"The header {name} holds characters that cannot be sent.")
