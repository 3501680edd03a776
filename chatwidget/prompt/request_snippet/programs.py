"""A request as a program: with this package, and with the vendor's own client."""

from __future__ import annotations

from textwrap import indent
from typing import TYPE_CHECKING

from chatwidget.chat.settings import server_address
from chatwidget.client.auth.servers import find_server
from chatwidget.prompt.request_snippet.literals import arguments
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

__all__ = ["as_official", "as_python"]

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
    client = f"client = OpenAI(\n    base_url={server.base_url!r},\n    api_key={key}\n)\n"
    return f"{head}from openai import OpenAI\n\n{client}"


def _call(function: str, options: list[str]) -> str:
    lines = "".join(f"{indent(option, '    ')},\n" for option in options)
    return f"completion = {function}(\n{lines})\n"
