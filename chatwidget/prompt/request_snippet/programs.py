"""A request as a program: with this package, with the vendor's own client, and for a shell."""

from __future__ import annotations

import json
import keyword
import shlex
from collections.abc import Mapping
from textwrap import indent
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from chatwidget.chat.settings import server_address
from chatwidget.client.auth.servers import ENDPOINT, find_server
from chatwidget.client.request.output_type import wire_format
from chatwidget.client.request.tool_schema import wire_tools
from chatwidget.prompt.request_snippet.sending import (
    IN_THIS_PROCESS,
    model_of,
    plain_messages,
    sent_fields,
    streams,
    told_extra_body,
)

if TYPE_CHECKING:
    from chatwidget.chat.request_config import RequestConfig
    from chatwidget.client.auth.servers import Server
    from chatwidget.client.wire.types import Messages

__all__ = ["as_curl", "as_official", "as_python", "is_named", "literal"]


def arguments(values: Mapping[str, Any]) -> list[str]:
    """Return keywords of a call; messages stand each on its own line."""
    return [
        f"{name}={_lines(value) if name == 'messages' else literal(value)}"
        for name, value in values.items()
    ]


def literal(value: Any) -> str:
    """Return a value as Python writes it: functions and types by their names.

    What has no name that could be written is described, as it goes on the wire.
    """
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(literal, value))}]"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{key!r}: {literal(item)}' for key, item in value.items())}}}"
    if is_named(value):
        name: str = value.__name__
        return name
    described = _described(value)
    return repr(value) if described is value else literal(described)


def is_named(value: object) -> bool:
    """Tell whether a function or a type can be written by its name."""
    name = getattr(value, "__name__", "")
    is_own = isinstance(value, type) or not hasattr(value, "__origin__")  # list[int] is no list
    return callable(value) and is_own and name.isidentifier() and not keyword.iskeyword(name)


def _described(value: object) -> object:
    form = wire_format(value)
    if form is not value or not callable(value):
        return form
    tools = wire_tools([value])
    return tools[0] if isinstance(tools, list) else value


def _lines(messages: list[dict[str, Any]]) -> str:
    return "\n".join(["[", *(f"    {literal(message)}," for message in messages), "]"])


_NO_KEY = "'none',  # the client insists on one; if the server does, too: os.environ['ITS_KEY']"
_LOOP = (
    "for chunk in completion:\n"
    "    if chunk.choices:\n"
    "        print(chunk.choices[0].delta.content or '', end='')\n"
)


def as_python(config: RequestConfig, messages: Messages) -> str:
    """Return a program that sends messages with this package.

    Functions and types are written by their names, and have to be defined above it.

    Raises
    ------
    ParameterError
        If they cannot be sent.
    """
    server = "" if config.server is None else repr(server_address(config.server))
    extra_body = told_extra_body(config)
    given = {
        "messages": plain_messages(messages),
        **({"model": model_of(config)} if model_of(config) else {}),
        **config.parameters,
        **({"extra_body": extra_body} if extra_body else {}),
    }
    options, head, tail = arguments(given), "", "print(completion.text)\n"
    if streams(config):
        options, head, tail = [*options, "stream_to=sys.stdout"], "import sys\n\n", ""
    client = f"from chatwidget import ChatClient\n\nclient = ChatClient({server})\n"
    return head + client + _call("client.create_chat_completion", options) + tail


def as_official(config: RequestConfig, messages: Messages) -> str:
    """Return a program that sends messages with the vendor's own client.

    A server within this process cannot be reached by it: a remark says what can be done.

    Raises
    ------
    ParameterError
        If they cannot be sent.
    """
    server = find_server(config.server)
    if server.transport is not None:
        return IN_THIS_PROCESS
    extra_body = told_extra_body(config)
    given = sent_fields(config, messages) | ({"extra_body": extra_body} if extra_body else {})
    calls = given.get("tools") or given.get("functions")
    tail = f"print(completion.choices[0].message{'' if calls else '.content'})\n"
    call = _call("client.chat.completions.create", arguments(given))
    return _client(server) + call + (_LOOP if streams(config) else tail)


def _client(server: Server) -> str:
    head, key = "", _NO_KEY
    if server.key_variable:
        head, key = "import os\n\n", f"os.environ[{server.key_variable!r}],"
    query = dict(parse_qsl(server.query, keep_blank_values=True))
    more = f"    default_query={query!r},\n" if query else ""
    client = f"client = OpenAI(\n    base_url={server.base_url!r},\n    api_key={key}\n{more})\n"
    return f"{head}from openai import OpenAI\n\n{client}"


def _call(function: str, options: list[str]) -> str:
    lines = "".join(f"{indent(option, '    ')},\n" for option in options)
    return f"completion = {function}(\n{lines})\n"


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
        f"curl {shlex.quote(server.url(ENDPOINT))}",
        "-H 'Content-Type: application/json'",
    ]
    if server.key_variable:
        lines.append(f'-H "Authorization: Bearer ${server.key_variable}"')
    return " \\\n  ".join([*lines, _data(json.dumps(body, indent=2, ensure_ascii=False))])


def _data(text: str) -> str:
    if len(text.encode()) <= _LONGEST_ARGUMENT:
        return f"-d {shlex.quote(text)}"
    return f"--data-binary @- <<'{_END}'\n{text}\n{_END}"
