"""A request as a command for a shell."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING

from chatwidget.client.auth.servers import find_server
from chatwidget.prompt.request_snippet.sending import (
    IN_THIS_PROCESS,
    sent_fields,
    told_extra_body,
)

if TYPE_CHECKING:
    from chatwidget.chat.request_config import RequestConfig
    from chatwidget.client.wire.types import Messages

__all__ = ["as_curl"]

_LONGEST_ARGUMENT = 100_000  # bytes; Linux takes no more than 128 KiB in one argument
_END = "END_OF_BODY"  # no line of a JSON text is this


def as_curl(config: RequestConfig, messages: Messages) -> str:
    """Return a command that sends messages; the shell puts in the key, from its variable.

    A server within this process cannot be reached by it: a remark says what can be done.

    Raises
    ------
    ParameterError
        If they cannot be sent.
    """
    server = find_server(config.server)
    if server.transport is not None:
        return IN_THIS_PROCESS
    body = sent_fields(config, messages) | told_extra_body(config)
    lines = [
        f"curl {shlex.quote(f'{server.base_url}/chat/completions')}",
        "-H 'Content-Type: application/json'",
    ]
    if server.key_variable:
        lines.append(f'-H "Authorization: Bearer ${server.key_variable}"')
    return " \\\n  ".join([*lines, _data(json.dumps(body, indent=2, ensure_ascii=False))])


def _data(text: str) -> str:
    if len(text.encode()) <= _LONGEST_ARGUMENT:
        return f"-d {shlex.quote(text)}"
    return f"--data-binary @- <<'{_END}'\n{text}\n{_END}"
